// Before a command learns from trajectories, slips that a killed batch has left are labelled, and that is said.
import { expect, test } from 'vitest'
import type { CommandContext } from '../../src/cli/command.ts'
import { curate } from '../../src/cli/commands/curate.ts'
import { labelKilled } from '../../src/cli/labelKilled.ts'
import { parseCommand } from '../../src/cli/parse.ts'

test.each([[0, []], [1, [/^1 trajectory of .* they are labelled now/]], [31, [/^31 trajectories of /]]])('%i of them', async (count, expected) => {
  const notes: string[] = []
  const engine = { labelKilled: async ({ project }: { project: string }) => (project === 'p' ? count : 99) }
  await labelKilled({ engine, project: 'p', out: { note: (text: string) => void notes.push(text) } } as unknown as CommandContext)
  expect(notes).toEqual(expected.map((line) => expect.stringMatching(line) as unknown))
})

test('curation asks for it first; an estimate changes nothing', async () => {
  const run = async (...args: string[]): Promise<string[]> => {
    const calls: string[] = []
    const called = (name: string, value?: unknown) => async () => {
      calls.push(name)
      if (value === undefined) throw new Error('enough')
      return value
    }
    const engine = { labelKilled: called('labelKilled', 0), curate: called('curate'), estimateCuration: called('estimate'), namedEndpoint: async () => ({}) }
    const out = { note: () => undefined, progress: () => ({ update: () => undefined, end: () => undefined }) }
    const { options, args: positionals } = parseCommand(curate, args)
    await expect(curate.execute(options, { args: positionals, project: 'p', cwd: '/', engine, out } as unknown as CommandContext)).rejects.toThrow('enough')
    return calls
  }
  expect(await run()).toEqual(['labelKilled', 'curate'])
  expect(await run('--estimate', '--endpoint', 'http://localhost:1/v1', '--model', 'm')).toEqual(['estimate'])
})
