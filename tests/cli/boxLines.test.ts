// What `retort box` prints: figures with their intervals, and commands that work where a folder has spaces.
import { expect, test } from 'vitest'
import { floorText, rightText } from '../../src/cli/boxLines.ts'
import type { CommandContext } from '../../src/cli/command.ts'
import { box } from '../../src/cli/commands/box.ts'
import { parseCommand } from '../../src/cli/parse.ts'
import { quoted } from '../../src/shared/quoted.ts'

const tool = {
  name: 'sum', description: 'adds', parameters: [{ name: 'a', type: 'number', slots: [0] }], file: 'tools/sum.js', sha256: '', code: '', from: ['t'], members: 1,
  verified: { split: 'held-out', seed: 2, tasks: 8, passed: 8, failed: 0, slowest: 3 },
}

async function lines(args: string[], engine: object): Promise<string[]> {
  const { options, args: positionals } = parseCommand(box, args)
  const printed: string[] = []
  const out = { json: false, note: () => undefined, line: (line: string) => printed.push(line), progress: () => ({ update: () => undefined, end: () => undefined }) }
  await box.execute(options, { args: positionals, project: '/none', cwd: '/', signal: new AbortController().signal, engine, out } as unknown as CommandContext)
  return printed
}

test('a share has its interval, and a floor that so few tasks do not show says so', async () => {
  expect(rightText({ passed: 8, tasks: 8 })).toBe('right on 8 of 8 (95 % interval 68 % to 100 %)')
  expect(rightText({ passed: 0, tasks: 0 })).toBe('right on 0 of 0')
  expect([[8, 8], [40, 40], [3, 5]].map(([passed, tasks]) => floorText({ passed: passed!, tasks: tasks! }, 0.9))).toEqual(['; at the floor of 0.9, which so few tasks do not show', '', '; under the floor of 0.9'])
  const verified = await lines(['verify', 'b'], { verifyBox: () => Promise.resolve([tool]) })
  expect(verified).toEqual([expect.stringContaining('right on 8 of 8 (95 % interval 68 % to 100 %) (held-out, seed 2)') as string])
  expect(verified[0]).toMatch(/so few tasks do not show$/)
})

test('the command that starts a box is quoted as a shell needs it', async () => {
  const content = { folder: '', suite: 'game24', common: [], teacher: { name: 's', scripted: true }, made: { tasks: 1 }, tools: [tool], funnel: { tasks: 1, right: 1, abstracted: 1, clusters: 1, tools: 1, dropped: [] } }
  const shown = await lines(['show', 'bo x'], { readBox: () => Promise.resolve(content) })
  expect(shown.at(-1)).toBe('start it with: node "/bo x/server.mjs"')
  expect(shown.join(' ')).toContain('held out right on 8 of 8 (95 % interval 68 % to 100 %)')
  expect(['/a/b-c.d', 'C:\\a', 'a b', 'a $b', `it's $1`].map(quoted)).toEqual(['/a/b-c.d', 'C:\\a', '"a b"', `'a $b'`, `'it'\\''s $1'`])
})
