// Curation of a project through the service: a funnel that changes nothing, applied as one entry, taken back; people's word stands.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyCuration, curateProject, newestCuration, releaseCurated } from '../../../src/engine/curation/index.ts'
import { createEvaluation, createLadder, ladderSpecOf, specOf } from '../../../src/engine/evaluation/index.ts'
import { correctTrajectories, listIds, openProject, revisionNow, trajectoryStates, undo } from '../../../src/engine/project/index.ts'
import { drawProblems, suiteNamed } from '../../../src/core/suites/index.ts'
import type { CurateJob } from '../../../src/shared/contract/curating.ts'
import { curationSchema } from '../../../src/shared/records/curation.ts'
import { BY, filled, only, opened, QUESTION, record } from '../../support/curations.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { goldenPath } from '../../support/golden.ts'
import { importInto } from '../../support/importInto.ts'
import { testService } from '../../support/testService.ts'

const TINY = goldenPath('tiny/llama_tied.gguf')
const NEVER = new AbortController().signal

test('started without a page, looked into, applied and undone: the data set is what the funnel left', async () => {
  const { client, folder: project, ids, against } = await filled()
  const settings = only(['schema', 'outcome', 'duplicates', 'contamination', 'secrets', 'length'])
  const wanted = { project, settings, student: null, judge: null, against: [against], answers: [] }
  const { id: job } = await client.curation.start(wanted)
  await expect(client.curation.start(wanted)).rejects.toMatchObject({ data: { code: 'curate-busy' } })
  let last: CurateJob | null = null
  for await (const { job: now } of await client.curation.watch({ project })) {
    last = now
    if (now && now.state.type !== 'running') break
  }
  expect(last).toMatchObject({ id: job, state: { type: 'done' } })
  await client.curation.dismiss({ project, id: job })

  const { curation } = await client.curation.latest({ project })
  expect(curation!.rows.map((row) => [row.filter, row.in, row.out])).toEqual([['schema', 5, 5], ['outcome', 5, 4], ['duplicates', 4, 3], ['contamination', 3, 2], ['secrets', 2, 2], ['length', 2, 2]])
  expect(curation).toMatchObject({ kept: 2, rejectedCount: 3, flaggedCount: 1, applied: null, evaluations: [{ name: 'held-out.json', questions: 1 }] })
  const { id } = curation!
  const lines = await client.curation.lines({ project, id, list: 'rejected', filter: 'contamination', reason: null, offset: 0, limit: 10 })
  expect(lines).toEqual({ total: 1, lines: [expect.objectContaining({ id: ids[3], task: QUESTION, reason: 'held-out.json', detail: expect.stringContaining('which of the two old rivers') as unknown })] })
  expect((await client.curation.lines({ project, id, list: 'flagged', filter: 'secrets', reason: 'a phone number', offset: 0, limit: 10 })).total).toBe(0)
  // Nothing has changed until now.
  const states = () => client.trajectories.states({ project, ids })
  expect((await states()).every(({ review, tags }) => review === 'new' && tags.length === 0)).toBe(true)

  expect(await client.curation.apply({ project, id })).toMatchObject({ rejected: 3, released: 0, flagged: 1, persons: 0, changed: 0 })
  const applied = await states()
  expect(applied.map(({ review }) => review).sort()).toEqual(['new', 'new', 'rejected', 'rejected', 'rejected'])
  expect([applied[1]!.tags, applied[3]!.tags, applied[4]!.tags]).toEqual([['curated: outcome'], ['curated: contamination'], ['noted: secrets']])
  expect((await client.curation.latest({ project })).curation!.applied).toMatchObject({ inForce: true })
  await client.trajectories.undo({ project })
  expect((await states()).every(({ review, tags }) => review === 'new' && tags.length === 0)).toBe(true)
  expect((await client.curation.latest({ project })).curation!.applied).toMatchObject({ inForce: false })
  await expect(client.curation.apply({ project, id: '0'.repeat(16) })).rejects.toMatchObject({ data: { code: 'curation-missing' } })
})

test('what a person accepted or rejected stays; the next curation takes back what it keeps; training leaves out what is rejected', async () => {
  const { project, ids, curate } = await opened()
  const mark = (id: string, state: 'accepted' | 'rejected') => correctTrajectories(project, { ...BY, title: 'm', reason: '', changes: [{ trajectoryId: id, change: { type: 'review', state } }] })
  mark(ids[1]!, 'accepted')
  mark(ids[0]!, 'rejected')
  try {
    const first = await curate(only(['outcome', 'mixture'], { mixture: { most: 2 } }))
    expect(first).toMatchObject({ trajectories: 5, setAside: 1, kept: 2 })
    expect(curationSchema.parse(first)).toEqual(first)
    expect(await applyCuration(project, { id: first.id, by: BY })).toMatchObject({ persons: 1, rejected: 1 })
    expect(new Set(revisionNow(project, { heldout: 0 }).rejected)).toEqual(new Set([ids[0], first.rejected.find(({ filter }) => filter === 'mixture')!.id]))
    // Looked at anew, and kept now.
    const second = await curate(only(['outcome']))
    expect(second).toMatchObject({ setAside: 1, kept: 3 })
    expect(await applyCuration(project, { id: second.id, by: BY })).toMatchObject({ released: 1, rejected: 0, persons: 1 })
    expect(revisionNow(project, { heldout: 0 }).rejected).toEqual([ids[0]])
    expect(trajectoryStates(project, ids).map(({ review }) => review)).toEqual(['rejected', 'accepted', 'new', 'new', 'new'])
    // Back to where the first one was, then all of it taken back by its tags.
    undo(project, BY)
    expect(await releaseCurated(project, BY)).toMatchObject({ released: 1 })
    expect(trajectoryStates(project, ids).every(({ tags }) => tags.length === 0)).toBe(true)
    expect(await releaseCurated(project, BY)).toEqual({ entry: null, released: 0 })
  } finally {
    project.dispose()
  }
})

test('a note that stands already is not counted as new', async () => {
  const { project, curate } = await opened()
  try {
    for (const flagged of [1, 0]) {
      const { id } = await curate(only(['secrets']))
      expect(await applyCuration(project, { id, by: BY })).toMatchObject({ flagged, changed: 0 })
    }
  } finally {
    project.dispose()
  }
})

test('what was corrected since is left as it is; of curations, those applied and the newest are kept', async () => {
  const { project, ids, curate } = await opened()
  try {
    const first = await curate(only(['outcome']))
    const turn = 1
    correctTrajectories(project, { ...BY, title: 't', reason: '', changes: [{ trajectoryId: ids[1]!, change: { type: 'text', turn, range: { start: 0, end: 0 }, insert: 'Well. ' } }] })
    expect(await applyCuration(project, { id: first.id, by: BY })).toMatchObject({ entry: null, rejected: 0, changed: 1 })
    const second = await curate(only(['outcome']))
    expect(newestCuration(project)!.id).toBe(second.id)
    await expect(applyCuration(project, { id: first.id, by: BY })).rejects.toMatchObject({ code: 'curation-missing' })
    expect(await applyCuration(project, { id: second.id, by: BY })).toMatchObject({ rejected: 1, changed: 0 })
    expect(listIds(project, { filter: { tags: ['curated: outcome'] }, sort: { by: 'imported', descending: false } })).toEqual([ids[1]])
  } finally {
    project.dispose()
  }
})

test("the project's own evaluations and ladders are compared with: of another seed, from a file, and from one that is gone", async () => {
  const { client } = testService()
  const folder = join(temporaryFolder(), 'p')
  await client.projects.open({ folder, create: true })
  const arith = suiteNamed('arith')
  const questionsOf = (split: 'train' | 'held-out', seed: number): string[] => [...drawProblems(arith, { split, seed, count: 4 })].map(({ task }) => task.question)
  const asked = [questionsOf('held-out', 4711)[2]!, questionsOf('held-out', 815)[3]!, 'How many lamps did the keeper of the ninth tower light?']
  const trained = questionsOf('train', 4711)
  const file = join(temporaryFolder(), 'a.jsonl')
  writeFileSync(file, [...asked, ...trained].map((question) => JSON.stringify(record(question, 'so'))).join('\n'))
  await importInto(client, { project: folder, paths: [file] })
  const tasksFile = join(temporaryFolder(), 'lamps.json')
  writeFileSync(tasksFile, JSON.stringify([{ question: asked[2], answer: 9 }]))

  await createEvaluation(folder, await specOf({ suite: 'arith', tasks: 4, seed: 4711, solver: { type: 'expert' } }))
  await createEvaluation(folder, await specOf({ suite: 'arith', tasks: 1, tasksFile, solver: { type: 'expert' } }))
  // Training on what was trained on is no contamination.
  await createEvaluation(folder, await specOf({ suite: 'arith', tasks: 4, seed: 4711, split: 'train', solver: { type: 'expert' } }))
  createLadder(folder, await ladderSpecOf({ suite: 'arith', student: TINY, tasks: 4, taskSeed: 815, splits: ['held-out'] }))
  const project = openProject(folder, { create: false })
  const curate = () => curateProject({ project, settings: only(['contamination']), student: null, judge: null, against: [], answers: [], cacheDir: temporaryFolder(), onProgress: () => undefined, onNotice: () => undefined, signal: NEVER })
  try {
    const curation = await curate()
    expect(curation.rejected.map(({ reason }) => reason).sort()).toEqual(
      ['arith held-out, evaluated here: seed 4711', 'arith held-out, evaluated here: seed 815', 'arith, evaluated here: lamps.json'])
    expect(curation.kept).toBe(trained.length)
    expect(curation.evaluations.map(({ questions }) => questions).sort()).toEqual([1, 4, 4])
    // It was never worked at: nothing is left of it, and that is said.
    rmSync(tasksFile)
    expect((await curate()).rows[0]!.notes).toContainEqual(expect.stringMatching(/lamps\.json, another file now.*: 0 questions/))
  } finally {
    project.dispose()
  }
})

test("lengths and losses are the student's own", async () => {
  const { project, curate } = await opened()
  try {
    const free = await curate(only(['length']), { student: TINY })
    const longest = Number(/has (\d+)$/.exec(free.rows[0]!.notes[0]!)![1])
    expect(longest).toBeGreaterThan(50)
    const found = await curate(only(['length', 'capacity'], { length: { context: longest - 1 } }), { student: TINY })
    const [length, capacity] = found.rows
    expect(length).toMatchObject({ skipped: null, in: 5, reasons: [{ reason: "longer than the student's context", count: 1 }] })
    // Two right samples of “Who was it?”, of which one goes.
    expect(capacity).toMatchObject({ skipped: null, in: 4, out: 3, notes: ['1 tasks with more than 1 right sample, 2 trajectories scored'] })
    expect(found.rejected.at(-1)!.detail).toMatch(/^NLL \d+\.\d{3}; [0-9a-f]{16} has \d+\.\d{3}$/)
  } finally {
    project.dispose()
  }
})
