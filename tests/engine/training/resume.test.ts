// A run that is stopped, killed, paused, damaged or orphaned ends exactly as one that was left alone: bit for bit on the CPU.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readResult, runFiles } from '../../../src/engine/training/runFolder.ts'
import { lockRun } from '../../../src/engine/training/runLock.ts'
import { random } from '../../support/random.ts'
import { attempt, makeTinyRun, outcomeOf, removeFolder, scratch, type Attempt, type Outcome } from '../../support/tinyRun.ts'

const home = scratch()
afterAll(() => removeFolder(home))
const newRun = (name: string): string => makeTinyRun(join(home, name))

let expected: Outcome
let steps: number
let events: number
beforeAll(async () => {
  const dir = newRun('uninterrupted')
  const run = await attempt(dir)
  expected = outcomeOf(dir)
  steps = expected.series.length
  events = run.events.length
})

/** The whole comparison: metrics, held-out figures, adapter, which files there are. */
function expectSame(dir: string): void {
  const found = outcomeOf(dir)
  expect(found.series).toEqual(expected.series)
  expect(found.heldout).toBe(expected.heldout)
  expect(found.adapter).toBe(expected.adapter)
  expect(found.checkpoints).toHaveLength(3)
  expect(found.checkpoints).toEqual(expect.arrayContaining([expected.checkpoints[0], expected.checkpoints.at(-1)]))
  const names = (files: string[]) => files.filter((name) => !name.startsWith('step-') && name !== 'events.jsonl')
  expect(names(found.files)).toEqual(names(expected.files))
}

const PAUSE_MS = 500
const notices = (run: Attempt): string[] =>
  run.events.flatMap((event) => (event.type === 'notice' ? [event.text] : event.type === 'alert' ? [event.alert.text] : []))
const stepsSeen = (run: Attempt): number[] => run.events.flatMap((event) => (event.type === 'step' ? [event.metrics.step] : []))
const stopAt = (step: number) => (trainer: { stop(): void }, event: { type: string; metrics?: { step: number } } | null) => {
  if (event?.type === 'step' && event.metrics?.step === step) trainer.stop()
}
const checkpointSteps = (dir: string): number[] =>
  readdirSync(runFiles(dir).checkpoints).map((name) => Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1]))

test('the uninterrupted run: each step once, the newest two checkpoints beside the start, nothing temporary', () => {
  expect(steps).toBeGreaterThan(40)
  expect(expected.series.map((line) => line.step)).toEqual(Array.from({ length: steps }, (_, i) => i + 1))
  expect(new Set(expected.series.map((line) => line.loss)).size).toBe(steps)
  expect(expected.checkpoints).toHaveLength(3)
  expect(expected.files.filter((name) => name.startsWith('.') || name.endsWith('.tmp') || name === 'trainer.pid')).toEqual([])
})

describe('stopping', () => {
  test('after some steps, again and again: each stop saves its own step, and the next goes on right after it', async () => {
    const dir = newRun('stopped')
    let stops = 0
    for (const step of [1, 2, 8, 21]) {
      const run = await attempt(dir, stopAt(step))
      // On a busy machine the trainer may be done before it hears of it.
      if (run.ended === 'finished') break
      expect(run.ended).toBe('stopped')
      stops += 1
      // The stop takes effect before the next pass, perhaps after a step whose message crossed it.
      const done = stepsSeen(run).at(-1)!
      expect(run.summary).toMatchObject({ state: 'stopped', steps: done, heldout: null })
      expect(Math.max(...checkpointSteps(dir))).toBe(done)
      expect(readResult(dir)).toEqual(run.summary)
    }
    expect(stops).toBeGreaterThan(0)
    const last = await attempt(dir)
    expect(last.summary).toMatchObject({ state: 'finished', steps })
    expectSame(dir)
  })

  test('before the first step: held-out figures, once measured, are kept', async () => {
    const dir = newRun('at-once')
    const first = await attempt(dir, (trainer, event) => event === null && trainer.stop())
    expect(first).toMatchObject({ ended: 'stopped', summary: { steps: 0, loss: { first: null, last: null } } })
    const second = await attempt(dir, (trainer, event) => event?.type === 'heldout' && trainer.stop())
    expect(second.ended).toBe('stopped')
    const third = await attempt(dir)
    expect(third.events.filter((event) => event.type === 'phase' && event.phase === 'heldout-before')).toEqual([])
    expectSame(dir)
  })

  test('during the held-out evaluation after the last step', async () => {
    const dir = newRun('late')
    const first = await attempt(dir, (trainer, event) => event?.type === 'phase' && event.phase === 'saving' && trainer.stop())
    expect(first).toMatchObject({ ended: 'stopped', summary: { steps, heldout: null } })
    const second = await attempt(dir)
    expect(stepsSeen(second)).toEqual([])
    expect(second.summary!.heldout).not.toBeNull()
    expectSame(dir)
  })

  test('pause and resume: nothing happens in between, and nothing is different after it', async () => {
    const dir = newRun('paused')
    let pauses = 0
    const stepsAt: number[] = []
    let afterPause = 0
    let paused = false
    const run = await attempt(dir, (trainer, event) => {
      if (event?.type === 'step' && [5, 6, 30].includes(event.metrics.step)) trainer.pause()
      if (event?.type === 'step') stepsAt.push(performance.now())
      if (event?.type === 'step' && paused) afterPause += 1
      if (event?.type === 'paused') {
        paused = true
        pauses += 1
        setTimeout(() => {
          paused = false
          trainer.resume()
        }, PAUSE_MS)
      }
    })
    expect(run.ended).toBe('finished')
    expect(pauses).toBeGreaterThan(0)
    expect(run.events.filter((event) => event.type === 'resumed')).toHaveLength(pauses)
    expect(afterPause).toBe(0)
    expectSame(dir)
    // A pause is not counted as training time. Half of it is left for messages that come late.
    const seconds = readFileSync(runFiles(dir).metrics, 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as { seconds: number }).seconds)
    const counted = seconds.slice(1).reduce((sum, one) => sum + one, 0)
    expect(1000 * counted).toBeLessThan(stepsAt.at(-1)! - stepsAt[0]! - (PAUSE_MS / 2) * pauses)
  })

  test('a paused trainer can be stopped', async () => {
    const dir = newRun('paused-stopped')
    const run = await attempt(dir, (trainer, event) => {
      if (event?.type === 'step' && event.metrics.step === 4) trainer.pause()
      if (event?.type === 'paused') trainer.stop()
    })
    expect(run.ended).toBe('stopped')
    await attempt(dir)
    expectSame(dir)
  })
})

describe('kill -9 of the trainer', () => {
  test.each([1, 2])('at random moments, seed %i', async (seed) => {
    const dir = newRun(`killed-${seed}`)
    const next = random(seed)
    let died = 0
    for (let kill = 0; kill < 6; kill++) {
      const [at, delay] = [Math.floor(next() * events * 0.8), next() * 12]
      let seen = 0
      const run = await attempt(dir, (trainer) => {
        if (seen++ === at) setTimeout(() => process.kill(trainer.pid, 'SIGKILL'), delay)
      })
      if (run.ended === 'finished') break
      expect(run).toMatchObject({ ended: 'died', code: 'trainer-died' })
      died += 1
    }
    expect(died).toBeGreaterThan(0)
    if (readResult(dir)?.state !== 'finished') expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
    expectSame(dir)
  })
})

describe('damage', () => {
  /** A run stopped after step 10, so that checkpoints of steps 9 (or so) and 10 lie there. */
  async function stopped(name: string) {
    const dir = newRun(name)
    await attempt(dir, stopAt(10))
    const [older, newest] = checkpointSteps(dir).filter((step) => step > 0) as [number, number]
    const path = join(runFiles(dir).checkpoints, `step-${String(newest).padStart(7, '0')}.safetensors`)
    return { dir, older, newest, path }
  }

  test.each<[string, (path: string) => void]>([
    ['truncated', (path) => truncateSync(path, readFileSync(path).length - 100)],
    ['empty', (path) => truncateSync(path, 0)],
    ['changed in one bit', (path) => {
      const bytes = readFileSync(path)
      bytes[bytes.length - 5]! ^= 4
      writeFileSync(path, bytes)
    }],
  ])('the newest checkpoint %s: the one before is taken, and it is said', async (name, damage) => {
    const { dir, older, newest, path } = await stopped(name)
    damage(path)
    const run = await attempt(dir, stopAt(older + 1))
    expect(notices(run)).toEqual([
      expect.stringMatching(`the checkpoint of step ${newest} is damaged and is passed over: .*step-\\d+.safetensors`),
      `going on after step ${older} of run run`,
    ])
    // What was damaged is made again, not kept.
    const last = await attempt(dir)
    expect(notices(last).join()).not.toContain('damaged')
    expectSame(dir)
  })

  test('all checkpoints damaged, the start included: the run begins anew and comes to the same end', async () => {
    const { dir } = await stopped('all')
    for (const name of readdirSync(runFiles(dir).checkpoints)) writeFileSync(join(runFiles(dir).checkpoints, name), 'nothing')
    const run = await attempt(dir)
    expect(notices(run)).toHaveLength(3)
    expect(stepsSeen(run)[0]).toBe(1)
    expectSame(dir)
  })

  test.each<[string, (metrics: string) => void]>([
    ['ends within a line', (metrics) => appendFileSync(metrics, '{"step":11,"lo')],
    ['ends with zeros, as after a power loss', (metrics) => appendFileSync(metrics, Buffer.alloc(64))],
    ['lost its last lines', (metrics) => truncateSync(metrics, readFileSync(metrics).length - 300)],
    ['is gone', (metrics) => rmSync(metrics)],
  ])('metrics.jsonl %s: only steps whose metrics are there count as done', async (name, damage) => {
    const { dir } = await stopped(name)
    damage(runFiles(dir).metrics)
    expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
    expectSame(dir)
  })

  test('a checkpoint that cannot be read is an error, and nothing is started anew over it', async () => {
    const { dir, newest } = await stopped('unreadable')
    const path = join(runFiles(dir).checkpoints, `step-${String(newest + 1).padStart(7, '0')}.safetensors`)
    // A link in a circle: its name is there, opening it fails.
    const { symlinkSync } = await import('node:fs')
    symlinkSync(path, path)
    appendFileSync(runFiles(dir).metrics, `${JSON.stringify({ ...expected.series[newest], seconds: 1 })}\n`)
    expect(await attempt(dir)).toMatchObject({ ended: 'failed' })
    rmSync(path)
    expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
    expectSame(dir)
  })
})

describe('a trainer whose parent was killed', () => {
  const orphan = async (dir: string, step: number): Promise<void> => {
    const parent = spawn(process.execPath, [resolve(import.meta.dirname, 'parentChild.ts'), dir, String(step)], { stdio: 'inherit' })
    expect(await once(parent, 'exit')).toEqual([null, 'SIGKILL'])
  }

  test('saves and ends by itself', async () => {
    for (const step of [1, 7, 33]) {
      const dir = newRun(`orphan-${step}`)
      await orphan(dir, step)
      for (let waited = 0; !existsSync(runFiles(dir).result) && waited < 10_000; waited += 20) await wait(20)
      const result = readResult(dir)
      expect(result?.state).toBe('stopped')
      expect(result!.steps).toBeGreaterThanOrEqual(step)
      expect(Math.max(...checkpointSteps(dir))).toBe(result!.steps)
      expect(readFileSync(runFiles(dir).log, 'utf8')).toBe('')
    }
  })

  test('hands over: the next trainer waits for it and goes on', async () => {
    const dir = newRun('handed-over')
    for (const step of [3, 12, 30]) await orphan(dir, step)
    const run = await attempt(dir)
    expect(run.ended).toBe('finished')
    expectSame(dir)
  })
})

describe('the lock', () => {
  test('one trainer a run: a second one waits and says for whom; stopping it while it waits ends it', async () => {
    const dir = newRun('locked')
    const lock = await lockRun(dir, { patienceMs: 0, onWait: () => {}, proceed: async () => 'go' })
    const waiting = await attempt(dir, (trainer, event) => event?.type === 'notice' && trainer.stop())
    expect(waiting).toMatchObject({ ended: 'failed', code: 'run-busy' })
    expect(notices(waiting)).toEqual([`waiting for process ${process.pid}, which still trains this run`])
    setTimeout(() => lock.release(), 400)
    expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
    expectSame(dir)
  })

  test('patience ends', async () => {
    const dir = newRun('busy')
    const lock = await lockRun(dir, { patienceMs: 0, onWait: () => {}, proceed: async () => 'go' })
    const asked: (number | null)[] = []
    const second = lockRun(dir, { patienceMs: 0, onWait: (pid) => asked.push(pid), proceed: async () => 'go' })
    await expect(second).rejects.toMatchObject({ code: 'run-busy' })
    expect(asked).toEqual([process.pid])
    lock.release()
  })

  test('what a dead process left behind does not lock', async () => {
    const dir = newRun('left-behind')
    // Its process id now belongs to someone else: to this very process.
    writeFileSync(join(dir, 'trainer.pid'), String(process.pid))
    expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
    expectSame(dir)
  })
})

test('what a killed process left half-written is removed', async () => {
  const dir = newRun('litter')
  for (const path of ['.metrics.jsonl.0123.tmp', 'checkpoints/.step-0000003.safetensors.0123.tmp']) writeFileSync(join(dir, path), 'half')
  expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
  expectSame(dir)
})
