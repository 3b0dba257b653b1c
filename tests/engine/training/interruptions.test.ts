// Whatever interrupts a run, and however often: it comes to the same end bit for bit, and its project always opens.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { interruptedLife, interruptions, KINDS, openStage, type Stage } from '../../support/interruptTrial.ts'
import { removeFolder, scratch } from '../../support/tinyRun.ts'

const home = scratch()
let stage: Stage
beforeAll(async () => void (stage = await openStage(home, { threads: 2 })))
afterAll(() => {
  stage.dispose()
  removeFolder(home)
})

// The first six are against the command line, the others against the trainer; any number of them: scripts/interrupt-runs.mjs.
test('twelve random interruptions, two of each kind', { timeout: 600_000 }, async () => {
  if (stage.disk.kind === 'none') console.warn('NOT TESTED: a full disk. This process may neither mount a tmpfs nor set a limit with prlimit.')
  expect(stage.expected.series).toHaveLength(40)
  expect(stage.expected.best).toMatch(/^[0-9a-f]{64}$/)
  // Of two adapters: the second is not answered by the first.
  expect(new Set(stage.expected.samples.map((sample) => (JSON.parse(sample) as { text: string }).text)).size).toBe(2)
  const waiting = interruptions(12, { seed: 3, commandEvery: 6 })
  expect(new Set(waiting.map(({ kind, against }) => `${kind} ${against}`)).size).toBe(2 * KINDS.length)
  let done = 0
  for (let life = 0; waiting.length > 0; life++) {
    const report = await interruptedLife(stage, waiting, `life-${life}`)
    expect(report.wrong).toEqual([])
    done += report.done.length
  }
  expect(done).toBe(12)
})
