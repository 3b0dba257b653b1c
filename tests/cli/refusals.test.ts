// What cannot be meant is refused before anything is opened, and the option that is wrong is the one that is named.
import { expect, test } from 'vitest'
import type { Command, CommandContext } from '../../src/cli/command.ts'
import { agent } from '../../src/cli/commands/agent.ts'
import { curate } from '../../src/cli/commands/curate.ts'
import { curationSettings } from '../../src/cli/curationSettings.ts'
import { parseCommand } from '../../src/cli/parse.ts'

const ENDPOINT = ['--endpoint', 'http://127.0.0.1:1/v1', '--model', 'm']

test.each<[string, Command, string[], object]>([
  ['an empty question', agent, [' '], { where: 'retort agent', found: 'an empty QUESTION' }],
  ['an endpoint that nothing asks', curate, ['--only', 'duplicates', ...ENDPOINT], { where: 'retort curate', found: '--endpoint with filters that ask no judge' }],
  ['a file that nothing asks', curate, ['--without', 'judge', '--judge', 'x.gguf'], { where: 'retort curate', found: '--judge with filters that ask no judge' }],
  ['a judge where all is taken back', curate, ['--release', ...ENDPOINT], { found: '--endpoint with filters that ask no judge' }],
])('%s', async (_, command, args, what) => {
  const { options, args: positionals } = parseCommand(command, args)
  const context = { args: positionals, project: '/none', cwd: '/', engine: {}, out: { json: false } } as unknown as CommandContext
  await expect(async () => command.execute(options, context)).rejects.toMatchObject({ code: 'usage', ...what })
})

test('a filter that is named twice', () => {
  expect(() => curationSettings({ only: 'loops,schema,loops', without: undefined, set: undefined })).toThrow(expect.objectContaining({ code: 'usage', where: 'retort curate --only', found: 'loops' }))
})
