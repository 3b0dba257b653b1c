// Finds the command, parses, runs, and turns whatever happened into output and an exit code.
import { resolve } from 'node:path'
import type { Engine } from '../engine/engine.ts'
import { knownError } from '../engine/files/index.ts'
import { describeError, errorParts, RetortError } from '../shared/errors.ts'
import type { Command } from './command.ts'
import { commandHelp, programHelp } from './help.ts'
import { createOutput } from './output.ts'
import { parseCommand, USAGE, usageError } from './parse.ts'
import { asOptions } from './runOptions.ts'
import type { TextStream } from './stream.ts'

export type ExitCode = 0 | 1 | 2

/** What the user gave cannot be meant: as the parser sees it, or as the records do (a learning rate of 0). */
const WRONG_USE: ReadonlySet<string> = new Set([USAGE, 'bad-settings'])

export type World = {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly engine: Engine
  readonly signal: AbortSignal
  readonly now: () => number
  readonly version: string
}

export async function runCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
  world: World,
): Promise<ExitCode> {
  try {
    return await dispatch(argv, commands, world)
  } catch (error) {
    return report(error, { argv, world })
  }
}

async function dispatch(argv: readonly string[], commands: readonly Command[], world: World): Promise<ExitCode> {
  const [name, ...rest] = argv
  if (name === '--help' || name === '-h' || name === 'help') {
    world.stdout.write(`${programHelp(commands)}\n`)
    return 0
  }
  if (name === '--version') {
    world.stdout.write(`${world.version}\n`)
    return 0
  }
  const command = commands.find((row) => row.name === name)
  if (!command) {
    throw usageError({
      message: name === undefined ? 'no command given' : `unknown command ${name}`,
      expected: `one of ${commands.map((row) => row.name).join(', ')}; retort --help says what each does`,
    })
  }
  const { common, options, args } = parseCommand(command, rest)
  if (common.help) {
    world.stdout.write(`${commandHelp(command)}\n`)
    return 0
  }
  const named = common.project ?? (world.env['RETORT_PROJECT'] || undefined)
  const namedProject = named === undefined ? null : resolve(world.cwd, named)
  const out = createOutput({ ...world, json: common.json, quiet: common.quiet })
  const { engine, cwd, signal, version } = world
  return command.execute(options, { args, project: namedProject ?? resolve(world.cwd), namedProject, cwd, version, engine, out, signal })
}

/** What is wrong with a setting, by the name that it has here. */
const inOptions = (error: RetortError | null): RetortError | null =>
  error?.code === 'bad-settings' && error.where !== undefined ? new RetortError({ ...errorParts(error), where: asOptions(error.where) }) : error

/** Errors go to stderr for a person; with --json the one document on stdout holds the error too. */
function report(error: unknown, context: { argv: readonly string[]; world: World }): ExitCode {
  const { argv, world } = context
  const interrupted = world.signal.aborted
  const known = inOptions(knownError(error))
  const lines = interrupted && !known ? ['stopped by the user'] : describeError(known ?? error)
  world.stderr.write(`retort: ${lines.join('\n')}\n`)
  // What is neither a RetortError nor the system's word about a file is a bug of ours: its stack helps to report it.
  if (!known && !interrupted && error instanceof Error) world.stderr.write(`${error.stack ?? ''}\n`)
  if (argv.includes('--json')) {
    const code = known?.code ?? (interrupted ? 'interrupted' : 'internal')
    const { found, expected, where, advice } = known ?? {}
    world.stdout.write(`${JSON.stringify({ error: { code, message: lines[0], found, expected, where, advice } })}\n`)
  }
  return known && WRONG_USE.has(known.code) ? 2 : 1
}
