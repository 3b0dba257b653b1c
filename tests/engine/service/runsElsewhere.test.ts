// Runs of an engine that is gone, and of one that lives elsewhere: killed with SIGKILL, closed in order, or watched from another process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { findRun, updateRun } from '../../../src/engine/store/index.ts'
import { removeFolder, scratch } from '../../support/tinyRun.ts'
import { hasEnded, LONGER, openTrial, outcomeOf, startRun, watchUntil, type Trial } from './trial.ts'

const home = scratch()
let trial: Trial
let expected: ReturnType<typeof outcomeOf>
beforeAll(async () => {
  trial = await openTrial(home)
  const run = await startRun(trial, LONGER)
  expect((await watchUntil(trial, run, hasEnded)).view.row.state).toBe('finished')
  expected = outcomeOf(trial.project, run)
})
afterAll(async () => {
  await trial.service.dispose()
  removeFolder(home)
})

/** Another engine over the same project, which trains until the step; one that is to be closed is held there, and at twice the step. */
async function otherEngine(step: number, end: 'killed' | 'closed') {
  const args = [resolve(import.meta.dirname, 'engineChild.ts'), home, trial.project, trial.student, String(step), end]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  // It goes on without a word from here, whatever becomes of the test.
  onTestFinished(() => void child.stdin.end())
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'close')
  const until = async (text: string): Promise<void> => {
    while (!said.includes(text)) await wait(5)
  }
  await until('\n')
  return { run: said.split('\n')[0]!, ended, said: () => said, held: (at: number) => until(`held ${at}\n`), goOn: () => void child.stdin.write('\n') }
}
const stateOf = async (run: string) => (await trial.api.runs.list({ project: trial.project })).find(({ id }) => id === run)!.state

test.each([2, 5])('killed -9 after step %i: the trainer saves and ends, the run is interrupted, and going on ends the same', async (step) => {
  const other = await otherEngine(step, 'killed')
  let saw = false
  const page = watchUntil(trial, other.run, ({ view }) => {
    saw ||= view.row.state === 'interrupted'
    return view.row.state === 'finished'
  })
  expect(await other.ended).toEqual([null, 'SIGKILL'])
  await watchUntil(trial, other.run, ({ view }) => view.row.state === 'interrupted')
  expect(await stateOf(other.run)).toBe('interrupted')
  while (!saw) await wait(20)
  const log = join(trial.project, 'runs', other.run, 'log.txt')
  expect(readFileSync(log, 'utf8')).toBe('')
  await trial.api.runs.resume({ project: trial.project, run: other.run })
  // The same page has seen it train elsewhere, be interrupted, and go on here.
  const { view, events } = await page
  const states = events.flatMap((event) => (event.type === 'view' ? [event.view.row.state] : event.type === 'state' ? [event.row.state] : []))
  expect([...new Set(states)].sort()).toEqual(['finished', 'interrupted', 'training'])
  expect(states.at(-1)).toBe('finished')
  expect(view.metrics).toHaveLength(expected.series.length)
  expect(outcomeOf(trial.project, other.run)).toEqual(expected)
})

test('a run that another engine trains: its steps are followed, and it is left to that engine', async () => {
  const { api, project } = trial
  const other = await otherEngine(4, 'closed')
  let seen = 0
  const page = watchUntil(trial, other.run, (now, event) => {
    seen = now.view.metrics.length
    return hasEnded(now, event)
  })
  const hasSeen = async (steps: number): Promise<void> => {
    while (seen < steps) await wait(20)
  }
  await other.held(4)
  await hasSeen(3)
  expect(await stateOf(other.run)).toBe('training')
  await expect(api.runs.stop({ project, run: other.run })).rejects.toMatchObject({ data: { code: 'run-elsewhere' } })
  await expect(api.runs.discard({ project, run: other.run })).rejects.toMatchObject({ data: { code: 'run-busy' } })
  other.goOn()
  await other.held(8)
  await hasSeen(6)
  expect(await stateOf(other.run)).toBe('training')
  other.goOn()
  // An engine that is closed stops its training and saves.
  expect(await other.ended).toEqual([0, null])
  expect(other.said()).toContain('disposed')
  const { view, events } = await page
  expect(view.row.state).toBe('stopped')
  expect(events.filter(({ type }) => type === 'step').length).toBeGreaterThan(0)
  expect(view.metrics.length).toBeLessThan(expected.series.length)
  await api.runs.resume({ project, run: other.run })
  await watchUntil(trial, other.run, ({ view: now }) => now.row.state === 'finished')
  expect(outcomeOf(project, other.run)).toEqual(expected)
})

test('of a run that came to its end unseen, the list says so', async () => {
  const { api, project, service } = trial
  const run = await startRun(trial)
  await watchUntil(trial, run, hasEnded)
  // As a killed engine leaves it: the trainer was done, and nobody wrote that down.
  const { store } = service.world.projects.get(project)
  const before = findRun(store, run)
  updateRun(store, run, { state: 'training', result: null })
  expect((await api.runs.list({ project })).find(({ id }) => id === run)).toMatchObject({ state: 'finished' })
  expect(findRun(store, run)).toEqual(before)
})
