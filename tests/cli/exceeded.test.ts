// A budget that an endpoint has broken is said in the last lines of a command, with why.
import { expect, test } from 'vitest'
import type { CommandContext } from '../../src/cli/command.ts'
import { teach } from '../../src/cli/commands/teach.ts'
import { exceededLines } from '../../src/cli/counted.ts'
import { parseCommand } from '../../src/cli/parse.ts'
import type { RolloutReport } from '../../src/shared/contract/rollouts.ts'

const usage = { requests: 2, replayed: 0, promptTokens: 900_000, tokens: 900_000, assumed: 0, cost: 3.6 }

test('a limit that was passed is named; one that held is not', () => {
  expect([...exceededLines(usage, { cost: 0.5, tokens: null })]).toEqual([expect.stringMatching(/^BUDGET EXCEEDED: 3\.60 spent of at most 0\.5; the endpoint counted more tokens/)])
  expect([...exceededLines(usage, { cost: 4, tokens: 1_799_999 })]).toEqual([expect.stringMatching(/^BUDGET EXCEEDED: 1800000 tokens spent of at most 1799999; /)])
  expect([...exceededLines(usage, { cost: 3.6, tokens: 1_800_000 })]).toEqual([])
  expect([...exceededLines({ ...usage, cost: null }, { cost: null, tokens: null })]).toEqual([])
})

test('`retort teach` says it of a batch that is finished', async () => {
  const report: RolloutReport = {
    done: 1, total: 1, kept: 1, duplicates: 0, rejected: 0, rejections: [], usage, coverage: { asked: false, tokens: 0, of: 0 }, firstThoughts: { continued: 0, instructed: 0 }, lost: 0,
    batch: 'b', folder: '/b', teacher: 'Fake: m', state: 'finished', reason: null, seconds: 1, budget: { cost: 0.5, tokens: null }, prices: { input: 2, output: 2 },
  }
  const lines: string[] = []
  const context = {
    args: [], project: '/none', cwd: '/', signal: new AbortController().signal, engine: { resumeRollouts: () => Promise.resolve(report) },
    out: { json: false, line: (line: string) => lines.push(line), note: () => undefined, progress: () => ({ update: () => undefined, end: () => undefined }) },
  } as unknown as CommandContext
  await teach.execute(parseCommand(teach, ['--resume', 'b']).options, context)
  expect(lines.filter((line) => line.startsWith('BUDGET EXCEEDED'))).toHaveLength(1)
})
