// The frame of the command line, in this process: parsing, help, errors, exit codes.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineCommand, type Values } from '../../src/cli/command.ts'
import { runCommandLine } from '../../src/cli/run.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { RetortError } from '../../src/shared/errors.ts'

const OPTIONS = {
  rank: { kind: 'int', value: 'N', help: 'rank', default: 16, min: 1 },
  lr: { kind: 'number', value: 'X', help: 'learning rate' },
  shift: { kind: 'number', value: 'X', help: 'may be negative' },
  to: { kind: 'text', value: 'KIND', help: 'target', choices: ['peft', 'gguf'] },
  out: { kind: 'text', value: 'PATH', help: 'where', required: true },
  deep: { kind: 'flag', help: 'more' },
  also: { kind: 'texts', value: 'X', help: 'further' },
} as const

/** Runs a command that records what it was given, or throws `failure`. */
async function run(argv: string[], options: { failure?: Error; aborted?: boolean; failed?: boolean } = {}) {
  const seen: { options?: Values<typeof OPTIONS>; args?: readonly string[]; project?: string } = {}
  const command = defineCommand({
    name: 'act',
    summary: 'does it',
    positionals: { names: 'FILE...', help: 'files', min: 0, max: 2 },
    options: OPTIONS,
    document: z.object({ rank: z.number() }),
    async run(values, { args, project, out }) {
      if (options.failure !== undefined) throw options.failure
      Object.assign(seen, { options: values, args, project })
      out.note('a note')
      return { rank: values.rank }
    },
    human: ({ rank }) => [`rank ${rank}`],
    failed: () => options.failed ?? false,
  })
  const streams = { stdout: '', stderr: '' }
  const code = await runCommandLine(argv, [command], {
    stdout: { write: (text: string) => (streams.stdout += text) },
    stderr: { write: (text: string) => (streams.stderr += text) },
    env: { RETORT_PROJECT: '/from-env' },
    cwd: '/here',
    engine: createEngine({ machine: { platform: 'linux', env: {}, home: '/nobody' }, cwd: '/here' }),
    signal: options.aborted ? AbortSignal.abort() : new AbortController().signal,
    now: () => 0,
    version: '1.2.3',
  })
  return { code, ...streams, ...seen }
}

test('options are parsed by their row, defaults filled in', async () => {
  const { code, options, args, stdout, stderr } = await run(['act', 'a', '--out', 'o', '--lr=2e-4', '--shift', '-1.5', 'b', '--deep', '--also', 'one', '--also=two'])
  expect(code).toBe(0)
  expect(options).toMatchObject({ rank: 16, lr: 2e-4, shift: -1.5, to: undefined, out: 'o', deep: true, also: ['one', 'two'] })
  expect(args).toEqual(['a', 'b'])
  expect({ stdout, stderr }).toEqual({ stdout: 'rank 16\n', stderr: 'a note\n' })
})

test('the project folder: option, else environment', async () => {
  expect((await run(['act', '--out', 'o', '--project', 'p'])).project).toBe('/here/p')
  const plain = await run(['act', '--out', 'o'])
  expect(plain.project).toBe('/from-env')
  expect(plain.options).toMatchObject({ also: [] })
})

test('--json prints one document on stdout and nothing else there; --quiet silences notes', async () => {
  const { stdout, stderr } = await run(['act', '--out', 'o', '--json'])
  expect({ stdout, stderr }).toEqual({ stdout: '{"rank":16}\n', stderr: 'a note\n' })
  expect((await run(['act', '--out', 'o', '--quiet'])).stderr).toBe('')
})

test.each([
  [['nope'], 'unknown command nope'],
  [[], 'no command given'],
  [['act', '--out', 'o', '--nope'], 'unknown option --nope'],
  [['act', '--out', 'o', '-x'], 'unknown option -x'],
  [['act', '--out', 'o', '--constructor'], 'unknown option --constructor'],
  [['act'], 'required option is missing'],
  [['act', '--out'], '--out lacks its value'],
  [['act', '--out', '--json'], '--out lacks its value'],
  [['act', '--out', 'o', '--out', 'p'], '--out is given twice'],
  [['act', '--out', 'o', '--deep=1'], '--deep takes no value'],
  [['act', '--out', 'o', '--rank', '1.5'], 'expected: a whole number, at least 1'],
  [['act', '--out', 'o', '--rank', '0'], 'found: 0'],
  [['act', '--out', 'o', '--rank', 'many'], 'found: many'],
  [['act', '--out', 'o', '--lr', 'NaN'], 'expected: a number'],
  [['act', '--out', 'o', '--lr='], 'expected: a number'],
  [['act', '--out', 'o', '--to', 'zip'], 'expected: one of peft, gguf'],
  [['act', '--out', 'o', 'a', 'b', 'c'], 'too many arguments'],
])('wrong use %j ends with 2 and says: %s', async (argv, message) => {
  const { code, stdout, stderr } = await run(argv)
  expect(stderr).toContain(message)
  expect(stderr).toContain('expected: ')
  expect(code).toBe(2)
  expect(stdout.includes('{')).toBe(argv.includes('--json'))
})

test('a failure ends with 1; with --json the document holds its parts', async () => {
  const failure = new RetortError({ code: 'bad-file', message: 'it is cut off', found: '3 bytes', expected: '4 bytes', where: 'x' })
  const { code, stdout, stderr } = await run(['act', '--out', 'o', '--json'], { failure })
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toEqual({
    error: { code: 'bad-file', message: 'it is cut off', found: '3 bytes', expected: '4 bytes', where: 'x' },
  })
  expect(stderr).toBe('retort: it is cut off\n  where: x\n  found: 3 bytes\n  expected: 4 bytes\n')
})

test('a bug shows its stack; a stop by the user does not', async () => {
  expect((await run(['act', '--out', 'o'], { failure: new TypeError('oops') })).stderr).toMatch(/oops[\s\S]*at /)
  const stopped = await run(['act', '--out', 'o'], { failure: new DOMException('x', 'AbortError'), aborted: true })
  expect(stopped).toMatchObject({ code: 1, stderr: 'retort: stopped by the user\n' })
})

test('a document that tells of failure ends with 1', async () => {
  expect((await run(['act', '--out', 'o'], { failed: true })).code).toBe(1)
})

test('help: of all, and of one even where its required options are missing', async () => {
  const all = await run(['--help'])
  expect(all).toMatchObject({ code: 0, stderr: '' })
  expect(all.stdout).toMatch(/act +does it/)
  const one = await run(['act', '--help'])
  expect(one.code).toBe(0)
  expect(one.stdout).toContain('--rank N                  rank (default 16)')
  expect(one.stdout).toContain('--out PATH                where (required)')
  expect(one.stdout).toContain('target (peft | gguf)')
  expect((await run(['--version'])).stdout).toBe('1.2.3\n')
})
