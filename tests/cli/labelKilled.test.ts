// Before a command learns from trajectories, slips that a killed batch has left are labelled, and that is said.
import { expect, test } from 'vitest'
import type { CommandContext } from '../../src/cli/command.ts'
import { curate } from '../../src/cli/commands/curate.ts'
import { train } from '../../src/cli/commands/train.ts'
import { labelKilled } from '../../src/cli/labelKilled.ts'
import { parseCommand } from '../../src/cli/parse.ts'

test.each([[0, []], [1, [/^1 trajectory of .* they are labelled now/]], [31, [/^31 trajectories of /]]])('%i of them', async (count, expected) => {
  const notes: string[] = []
  const engine = { labelKilled: async ({ project }: { project: string }) => (project === 'p' ? count : 99) }
  await labelKilled({ engine, project: 'p', out: { note: (text: string) => void notes.push(text) } } as unknown as CommandContext)
  expect(notes).toEqual(expected.map((line) => expect.stringMatching(line) as unknown))
})

/** Which calls of the engine a command makes, up to the first that this engine has no answer to. */
async function callsOf(command: typeof curate, args: string[]): Promise<string[]> {
  const calls: string[] = []
  const called = (name: string, value?: unknown) => async () => {
    calls.push(name)
    if (value === undefined) throw new Error('enough')
    return value
  }
  const engine = {
    labelKilled: called('labelKilled', 0), curate: called('curate'), estimateCuration: called('estimate'), namedEndpoint: async () => ({}),
    train: called('train'), resume: called('resume'), trainLike: called('trainLike'), findStudent: (path: string) => ({ path }), pickProvider: async () => 'cpu',
  }
  const out = { note: () => undefined, progress: () => ({ update: () => undefined, end: () => undefined }) }
  const { options, args: positionals } = parseCommand(command, args)
  await expect(command.execute(options, { args: positionals, project: 'p', cwd: '/', engine, out, signal: new AbortController().signal } as unknown as CommandContext)).rejects.toThrow('enough')
  return calls
}

test('curation asks for it first; an estimate changes nothing', async () => {
  expect(await callsOf(curate, [])).toEqual(['labelKilled', 'curate'])
  expect(await callsOf(curate, ['--estimate', '--endpoint', 'http://localhost:1/v1', '--model', 'm'])).toEqual(['estimate'])
})

test('so does training; what a run that goes on or repeats another learns from is there already', async () => {
  expect(await callsOf(train, ['--student', '/s.gguf'])).toEqual(['labelKilled', 'train'])
  expect(await callsOf(train, ['--resume', 'r'])).toEqual(['resume'])
  expect(await callsOf(train, ['--like', 'r'])).toEqual(['trainLike'])
})
