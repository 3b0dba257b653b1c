// A run that learns span weights, projects gradients and stays close to its base goes on exactly after a kill, learned scalars included.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadCheckpoint } from '../../../src/engine/training/checkpoints.ts'
import { readMetrics, runFiles } from '../../../src/engine/training/runFolder.ts'
import { attempt, makeTinyRun, outcomeOf, removeFolder, scratch } from '../../support/tinyRun.ts'

const home = scratch()
afterAll(() => removeFolder(home))
const SETTINGS = { learnSpanWeights: true, projectGradients: true, stayClose: 0.2, epochs: 2 }

test('killed twice, stopped once: the series, the adapter and the checkpoints of a run that was left alone', async () => {
  const whole = makeTinyRun(join(home, 'whole'), SETTINGS)
  expect(await attempt(whole)).toMatchObject({ ended: 'finished', error: null })
  const expected = outcomeOf(whole)
  const lines = readMetrics(whole)
  // All three are at work.
  expect(lines[0]!.spanWeights).toEqual({ reason: 1, act: 1, final: 1 })
  expect(lines.at(-1)!.spanWeights!.act).not.toBe(1)
  expect(lines[0]!.baseKl).toBeLessThan(1e-5)
  expect(lines.at(-1)!.baseKl).toBeGreaterThan(1e-4)
  expect(lines.every(({ conflicts }) => conflicts !== undefined && conflicts >= 0 && conflicts <= 1)).toBe(true)

  const dir = makeTinyRun(join(home, 'disturbed'), SETTINGS)
  for (const step of [4, 7]) {
    const run = await attempt(dir, (trainer, event) => {
      if (event?.type === 'step' && event.metrics.step === step) process.kill(trainer.pid, 'SIGKILL')
    })
    expect(run.ended).toBe('died')
  }
  await attempt(dir, (trainer, event) => event?.type === 'step' && event.metrics.step === 9 && trainer.stop())
  expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
  const found = outcomeOf(dir)
  expect(found.series).toEqual(expected.series)
  expect(found.adapter).toBe(expected.adapter)
  const last = (folder: string): number => Math.max(...readdirSync(runFiles(folder).checkpoints).map((name) => Number(/\d+/.exec(name)?.[0])))
  const learned = (folder: string) => loadCheckpoint(runFiles(folder).checkpoints, last(folder)).spanWeights!
  expect(learned(dir)).toEqual(learned(whole))
  expect(learned(whole).some((s) => s !== 0)).toBe(true)
})
