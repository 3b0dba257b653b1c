// Slips that an expert makes on purpose carry their labels, whatever became of the start that made them.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { correctTrajectories, getTrajectory, journalPage, undo } from '../../../src/engine/project/index.ts'
import { takeLock } from '../../../src/engine/files/index.ts'
import { labelKilled, listBatches, resumeBatch, rolloutPage, startBatch } from '../../../src/engine/teaching/index.ts'
import type { RolloutRow } from '../../../src/shared/contract/rollouts.ts'
import { RetortError } from '../../../src/shared/errors.ts'
import type { Rollout } from '../../../src/shared/records/rollout.ts'
import { endpointOf, openedProject, request, watch } from '../../support/batches.ts'
import { testService } from '../../support/testService.ts'

test('slips of an expert are labelled where they are, also when the student has no instruction', async () => {
  const project = openedProject()
  const expert = { ...request(endpointOf('http://127.0.0.1:1')), teacher: { type: 'expert' as const, settings: { recovery: 1 } }, studentPrompt: '', steps: undefined, turnTokens: undefined }
  const report = await startBatch(project, expert, watch())
  const slipped = rolloutPage(project.folder, { batch: report.batch, offset: 0, limit: 10 }).episodes.filter(({ slips }) => slips.length > 0)
  expect(slipped.length).toBeGreaterThan(0)
  for (const { trajectory, slips } of slipped) {
    const { trajectory: { turns }, labels } = getTrajectory(project, trajectory!.id)
    expect(turns[0]!.role).toBe('user')
    expect([...labels].flatMap(([at, label]) => (label === 'mistake' ? [at] : []))).toEqual(slips)
  }
})

test('slips of a start that was killed are labelled by the next; a label that was taken away stays away', async () => {
  const project = openedProject()
  const expert = {
    ...request(endpointOf('http://127.0.0.1:1')), tasks: 6, traffic: { concurrency: 1 }, teacher: { type: 'expert' as const, settings: { recovery: 1 } }, steps: undefined, turnTokens: undefined,
  }
  // It ends at once, as a killed process does: its episodes are written, and nothing more is done.
  await expect(startBatch(project, expert, watch(({ done }) => {
    if (done === 4) throw new Error('killed')
  }))).rejects.toThrow('killed')
  const [{ batch: { id }, folder }] = listBatches(project.folder) as [RolloutRow]
  // Of the last one not even the line was written, but its trajectory was.
  const path = join(folder, 'episodes.jsonl')
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, lines.slice(0, 3).map((line) => `${line}\n`).join(''))
  const labelsOf = (trajectory: string): [number, string][] => [...getTrajectory(project, trajectory).labels]
  const find = async () => ({ type: 'expert', settings: { recovery: 1 } }) as const
  const goOn = () => resumeBatch(project, { id, budget: undefined, find }, watch())
  const slipped = () => rolloutPage(project.folder, { batch: id, offset: 0, limit: 10 }).episodes.filter(({ slips }) => slips.length > 0)
  expect(slipped().length).toBeGreaterThan(1)
  expect(slipped().flatMap(({ trajectory }) => labelsOf(trajectory!.id))).toEqual([])
  // By hand, before the slips were labelled.
  const byHand = (trajectoryId: string, turn: number, label: 'good' | null): void =>
    void correctTrajectories(project, { title: 'By hand', reason: '', author: 'Zoë', at: new Date().toISOString(), changes: [{ trajectoryId, change: { type: 'label', turn, label } }] })
  const [first, second] = slipped() as [Omit<Rollout, 'events'>, Omit<Rollout, 'events'>]
  byHand(first.trajectory!.id, first.slips[0]!, 'good')
  expect(await goOn()).toMatchObject({ state: 'finished', done: 6, duplicates: 1 })
  const all = slipped()
  expect(all.some(({ trajectory }) => trajectory!.kept === 'duplicate')).toBe(true)
  for (const { trajectory, slips } of all) {
    const mistakes = labelsOf(trajectory!.id).flatMap(([turn, label]) => (label === 'mistake' ? [turn] : []))
    expect(mistakes).toEqual(trajectory!.id === first.trajectory!.id ? slips.slice(1) : slips)
  }
  expect(labelsOf(first.trajectory!.id)).toContainEqual([first.slips[0]!, 'good'])
  byHand(second.trajectory!.id, second.slips[0]!, null)
  const { total } = journalPage(project, { offset: 0, limit: 1 })
  await goOn()
  expect(labelsOf(second.trajectory!.id).some(([turn]) => turn === second.slips[0]!)).toBe(false)
  // Neither what was undone.
  for (let undone = 0; undone < total; undone++) undo(project, { author: 'Zoë', at: new Date().toISOString() })
  await goOn()
  expect(slipped().flatMap(({ trajectory }) => labelsOf(trajectory!.id))).toEqual([])
  expect(journalPage(project, { offset: 0, limit: 1 }).total).toBe(total)
})

test.each([
  ['was killed', 'opened', new Error('killed'), { state: 'stopped', reason: 'it was cut off' }],
  // Which was open all the while.
  ['found no room', 'curated', new RetortError({ code: 'disk-full', message: 'killed' }), { state: 'failed', reason: 'killed' }],
])('slips of a batch that %s and is never gone on with are labelled when its project is %s', async (_, happens, thrown, end) => {
  const project = openedProject()
  const { client } = testService()
  if (happens === 'curated') await client.projects.open({ folder: project.folder, create: false })
  const expert = {
    ...request(endpointOf('http://127.0.0.1:1')), tasks: 4, traffic: { concurrency: 1 }, teacher: { type: 'expert' as const, settings: { recovery: 1 } }, steps: undefined, turnTokens: undefined,
  }
  await expect(startBatch(project, expert, watch(({ done }) => {
    if (done === 3) throw thrown
  }))).rejects.toThrow('killed')
  const [{ batch: { id }, folder }] = listBatches(project.folder) as [RolloutRow]
  const slipped = rolloutPage(project.folder, { batch: id, offset: 0, limit: 10 }).episodes.filter(({ slips }) => slips.length > 0)
  const mistakes = () => slipped.map(({ trajectory }) => [...getTrajectory(project, trajectory!.id).labels].flatMap(([turn, label]) => (label === 'mistake' ? [turn] : [])))
  expect(slipped.length).toBeGreaterThan(0)
  expect(mistakes().flat()).toEqual([])
  // While another process makes it, it is that one's.
  const lock = takeLock(join(folder, '.lock'))!
  expect(await labelKilled(project)).toBe(0)
  lock.release()
  if (happens === 'opened') await client.projects.open({ folder: project.folder, create: false })
  else await client.curation.start({ project: project.folder, settings: {}, student: null, judge: null, against: [], answers: [] })
  expect(mistakes()).toEqual(slipped.map(({ slips }) => slips))
  expect(listBatches(project.folder)[0]).toMatchObject(end)
  const { total } = journalPage(project, { offset: 0, limit: 1 })
  expect(await labelKilled(project)).toBe(0)
  expect(journalPage(project, { offset: 0, limit: 1 }).total).toBe(total)
  // A batch that has ended is not looked at.
  expect(await resumeBatch(project, { id, budget: undefined, find: async () => ({ type: 'expert', settings: { recovery: 1 } }) }, watch())).toMatchObject({ state: 'finished' })
  expect(await labelKilled(project)).toBe(0)
})
