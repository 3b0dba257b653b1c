// Options that would change nothing, where only what is gone on with, or asked for, tells: refused by name.
import { expect, test } from 'vitest'
import type { CommandContext } from '../../src/cli/command.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { parseCommand } from '../../src/cli/parse.ts'

const evaluations = (['local', 'endpoint', 'expert'] as const).map((type) => ({ id: type, spec: { solver: { type } } }))
const reached = new Error('it was begun')
const engine = {
  listEvaluations: async () => ({ evaluations, damaged: [] }),
  runEvaluation: async () => {
    throw reached
  },
  acceptContinuation: async () => {
    throw reached
  },
}
const out = { json: false, note: () => undefined, progress: () => ({ update: () => undefined, end: () => undefined }) }

async function run(name: string, args: string[]): Promise<unknown> {
  const command = commands.find((one) => one.name === name)!
  const { options, args: positionals } = parseCommand(command, args)
  return command.execute(options, { args: positionals, project: '/none', cwd: '/', engine, out, signal: new AbortController().signal } as unknown as CommandContext)
}

test.each<[string, string[], string]>([
  ['eval', ['--resume', 'local', '--budget-tokens', '9', '--rpm', '3', '--key-env', 'K'], '--key-env, --rpm, --budget-tokens with an evaluation of a student of this machine'],
  ['eval', ['--resume', 'expert', '--tries', '2'], '--tries with an evaluation of an expert'],
  ['curate', ['--estimate', '--student', 's.gguf', '--endpoint', 'http://localhost:1/v1', '--model', 'm'], '--estimate with --student'],
  ['ask', ['--asked', 'A', '--accept', '1', '--budget', '5'], '--budget with --asked'],
  ['ask', ['--asked', 'A', '--accept', '1', '--teacher', 'expert', '--n', '2'], '--teacher, --n with --asked'],
  ['ask', ['t1', '--step', '0', '--teacher', 'expert', '--author', 'Ada'], '--author without --accept'],
])('%s %j', async (name, args, found) => {
  await expect(run(name, args)).rejects.toMatchObject({ code: 'usage', found })
})

test.each<[string, string[]]>([
  ['eval', ['--resume', 'endpoint', '--budget-tokens', '9', '--rpm', '3', '--key-env', 'K']],
  ['eval', ['--resume', 'local', '--threads', '1', '--side-by-side', '2']],
  // Whether there is one of that id is for the engine to say.
  ['eval', ['--resume', 'nosuch', '--budget-tokens', '9']],
  ['ask', ['--asked', 'A', '--accept', '1', '--author', 'Ada']],
  ['ask', ['A', '--asked', 'A', '--accept', '1']],
])('%s %j count', async (name, args) => {
  await expect(run(name, args)).rejects.toBe(reached)
})
