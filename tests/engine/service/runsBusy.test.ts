// Runs while another process writes to the project: nobody is blocked, and no run fails of it.
import { existsSync, mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openProject } from '../../../src/engine/project/index.ts'
import { findRun, updateRun } from '../../../src/engine/store/index.ts'
import { removeFolder, scratch } from '../../support/tinyRun.ts'
import { atStep, hasEnded, LONGER, openTrial, startRun, watchUntil, type Trial } from './trial.ts'

const home = scratch()
let trial: Trial
beforeAll(async () => {
  trial = await openTrial(home)
})
afterAll(async () => {
  await trial.service.dispose()
  removeFolder(home)
})

const folderOf = (run: string): string => join(trial.project, 'runs', run)
const stored = (run: string) => findRun(trial.service.world.projects.get(trial.project).store, run)
const listed = async (run: string) => (await trial.api.runs.list({ project: trial.project })).find(({ id }) => id === run)

/** The write lock, as an import has it. */
function otherWriter() {
  const database = new DatabaseSync(join(trial.project, 'project.sqlite'))
  database.exec('BEGIN IMMEDIATE')
  return { release: () => (database.exec('ROLLBACK'), database.close()) }
}

/** The longest time in which nothing else could happen, in milliseconds. */
function longestBlock() {
  let [last, longest] = [performance.now(), 0]
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 10)
  return () => (clearInterval(timer), Math.max(longest, performance.now() - last))
}

test('paused, continued and finished while another process writes: no page waits, and the run is finished', async () => {
  const { api, project } = trial
  const run = await startRun(trial, LONGER)
  await watchUntil(trial, run, atStep(2))
  const other = otherWriter()
  const block = longestBlock()
  expect((await api.runs.pause({ project, run })).state).toBe('paused')
  expect((await api.runs.unpause({ project, run })).state).toBe('training')
  while (!existsSync(join(folderOf(run), 'result.json'))) await wait(20)
  await wait(200)
  expect(block()).toBeLessThan(3000)
  expect(stored(run)!.state).toBe('training')
  other.release()
  await watchUntil(trial, run, hasEnded)
  expect(stored(run)).toMatchObject({ state: 'finished', error: null })
})

test.each(['failed', 'training'] as const)('a finished result wins over the stored state %s, and looking waits for nobody', async (state) => {
  const run = await startRun(trial, { maxSteps: 1 })
  await watchUntil(trial, run, hasEnded)
  const { store } = trial.service.world.projects.get(trial.project)
  const before = findRun(store, run)
  updateRun(store, run, { state, result: null, error: state === 'failed' ? 'project-busy: locked' : null })
  const other = otherWriter()
  const begun = performance.now()
  expect(await listed(run)).toMatchObject({ state: 'finished', error: null })
  expect(performance.now() - begun).toBeLessThan(3000)
  other.release()
  expect((await listed(run))!.state).toBe('finished')
  expect(findRun(store, run)).toEqual(before)
})

test('discarding waits for another writer with row and files in place, then both are gone', async () => {
  const { api, project } = trial
  const run = await startRun(trial, { maxSteps: 1 })
  await watchUntil(trial, run, hasEnded)
  const other = otherWriter()
  const discarded = api.runs.discard({ project, run })
  await wait(150)
  expect([existsSync(folderOf(run)), stored(run)?.state]).toEqual([true, 'finished'])
  other.release()
  await discarded
  expect([existsSync(folderOf(run)), stored(run)]).toEqual([false, null])
  expect(readdirSync(join(project, 'runs')).filter((name) => name.startsWith('.'))).toEqual([])
})

test('opening a project removes what a crash left of a discarded run', () => {
  const left = join(trial.project, 'runs', '.20260101-000000-0000.0123abcd.tmp')
  mkdirSync(join(left, 'checkpoints'), { recursive: true })
  utimesSync(left, new Date(0), new Date(0))
  openProject(trial.project, { create: false }).dispose()
  expect(existsSync(left)).toBe(false)
})

test('pausing before the trainer is there pauses it', async () => {
  const { api, project } = trial
  const run = await startRun(trial, LONGER)
  await api.runs.stop({ project, run })
  const resumed = api.runs.resume({ project, run })
  expect((await api.runs.pause({ project, run })).state).toBe('paused')
  await resumed
  expect((await api.runs.stop({ project, run })).state).toBe('stopped')
})
