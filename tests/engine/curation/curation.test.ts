// Curation of a project through the service: a funnel that changes nothing, applied as one entry, taken back; people's word stands.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyCuration, curateProject, newestCuration, releaseCurated, type CurateRequest } from '../../../src/engine/curation/index.ts'
import { openJudge } from '../../../src/engine/curation/judge.ts'
import { createEvaluation, createLadder, ladderSpecOf, specOf } from '../../../src/engine/evaluation/index.ts'
import { correctTrajectories, listIds, openProject, revisionNow, trajectoryStates, undo, type Project } from '../../../src/engine/project/index.ts'
import { drawProblems, suiteNamed } from '../../../src/core/suites/index.ts'
import type { CurateJob } from '../../../src/shared/contract/curating.ts'
import { curationSchema, curationSettingsSchema, type CurationFilterName, type CurationSettingsInput } from '../../../src/shared/records/curation.ts'
import { fakeProvider } from '../../support/fakeProvider.ts'
import { fakeTeacher } from '../../support/fakeTeacher.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { goldenPath } from '../../support/golden.ts'
import { importInto } from '../../support/importInto.ts'
import { testService } from '../../support/testService.ts'

const TINY = goldenPath('tiny/llama_tied.gguf')
const BY = { author: 'me', at: '2025-01-01T00:00:00Z' }
const NEVER = new AbortController().signal

const record = (instruction: string, words: string, reward = 'True') =>
  ({ instruction, input: '', output: `Thought: ${words}\nAction: search[${words}]\nObservation: of ${words} much is known\nThought: so.\nAction: finish[yes]\nObservation: Episode finished, reward = ${reward}\n` })
const QUESTION = 'Which of the two old rivers runs through the capital of France today?'
const RECORDS = [record('Who was it?', 'first'), record('Who was wrong?', 'second', 'False'), record('Who was it?', 'First!'), record(QUESTION, 'third'), record('Who was it then?', 'fourth, mail bob@maths.org')]

async function filled() {
  const { client } = testService()
  const folder = join(temporaryFolder(), 'p')
  await client.projects.open({ folder, create: true })
  const file = join(temporaryFolder(), 'a.jsonl')
  writeFileSync(file, RECORDS.map((one) => JSON.stringify(one)).join('\n'))
  const against = join(temporaryFolder(), 'held-out.json')
  writeFileSync(against, JSON.stringify({ examples: [{ question: QUESTION, answer: 'Seine' }] }))
  await importInto(client, { project: folder, paths: [file] })
  const ids = await client.trajectories.ids({ project: folder, filter: {}, sort: { by: 'imported', descending: false } })
  return { client, folder, ids, against }
}

const only = (filters: readonly CurationFilterName[], settings: CurationSettingsInput = {}) =>
  curationSettingsSchema.parse({ contamination: { suiteTasks: 0 }, ...settings, order: [...filters] })

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

/** The same without a service between. */
async function opened(): Promise<{ project: Project; ids: string[]; curate: (settings: ReturnType<typeof only>, more?: Partial<CurateRequest>) => ReturnType<typeof curateProject>; against: string }> {
  const { folder, ids, against } = await filled()
  const project = openProject(folder, { create: false })
  const curate = (settings: ReturnType<typeof only>, more: Partial<CurateRequest> = {}) =>
    curateProject({ project, settings, student: null, judge: null, against: [], answers: [], cacheDir: temporaryFolder(), onProgress: () => undefined, signal: NEVER, ...more })
  return { project, ids, curate, against }
}

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

test('a judge behind an endpoint is asked once for each transcript, calibrated on tags, and its labels become labels', async () => {
  const { project, ids, curate } = await opened()
  const provider = await fakeProvider()
  provider.behave({ type: 'answer', pieces: ['{"score": ', '2, "why": "thin"}'] })
  const endpoint = { id: 'x', name: 'judge', kind: 'openai-compatible' as const, baseUrl: provider.baseUrl, models: [], key: null }
  const judge = { type: 'endpoint' as const, endpoint, model: 'm', concurrency: 2 }
  correctTrajectories(project, { ...BY, title: 's', reason: '', changes: [{ trajectoryId: ids[0]!, change: { type: 'tags', tags: ['score:4'] } }] })
  try {
    const found = await curate(only(['judge']), { judge })
    expect(found).toMatchObject({ kept: 0, judge: 'judge: m', agreement: { labelled: 1, exact: 0, threshold: 3 } })
    expect(found.rejected[0]).toMatchObject({ reason: 'score 2', detail: 'thin' })
    expect(provider.seen).toHaveLength(RECORDS.length)
    await curate(only(['judge'], { judge: { least: 2 } }), { judge })
    expect(provider.seen).toHaveLength(RECORDS.length)

    provider.behave({ type: 'answer', pieces: ['{"labels": ["mistake", "good"]}'] })
    const critic = await curate(only(['critic'], { critic: { ask: true, mistakes: 'reject' } }), { judge })
    expect(await applyCuration(project, { id: critic.id, by: BY })).toMatchObject({ rejected: 5, labelled: 5 })
    expect([...revisionNow(project, { heldout: 0 }).rejected]).toHaveLength(5)
    // A judge that is gone ends it, after some tries.
    provider.behave({ type: 'refuse', status: 404, body: '{"error":{"message":"no such model"}}' })
    await expect(curate(only(['outcome'], { outcome: { unknown: 'judge' } }), { judge })).resolves.toMatchObject({ kept: 4 })
    await expect(curate(only(['critic', 'judge'], { judge: { least: 4 }, critic: { ask: false } }), { judge: { ...judge, model: 'gone' } })).rejects.toMatchObject({ code: 'judge-failed' })
  } finally {
    project.dispose()
  }
})

test('a judge that is paid stops before its budget, over all curations; what it said is kept', async () => {
  const { project, curate } = await opened()
  // It says of each answer that it took more than half of what may be spent.
  const provider = await fakeTeacher(() => ({ text: '{"score": 4, "why": "fine"}', tokens: 3000, promptTokens: 10 }))
  const endpoint = { id: 'x', name: 'judge', kind: 'openai-compatible' as const, baseUrl: provider.baseUrl, models: [], key: null }
  const judging = (tokens: number | null) => ({ judge: { type: 'endpoint' as const, endpoint, model: 'm', concurrency: 2, terms: { prices: null, budget: { cost: null, tokens }, traffic: {} } } })
  try {
    // A request is bounded by the bytes of its prompt and 400 tokens.
    await expect(curate(only(['judge']), judging(1000))).rejects.toMatchObject({ code: 'budget-reached' })
    expect(provider.seen).toHaveLength(0)
    await expect(curate(only(['judge']), judging(3500))).rejects.toMatchObject({ code: 'budget-reached' })
    const before = provider.seen.length
    expect([before > 0, before < RECORDS.length]).toEqual([true, true])
    expect(await curate(only(['judge']), judging(null))).toMatchObject({ kept: RECORDS.length, judge: 'judge: m' })
    expect(provider.seen).toHaveLength(RECORDS.length)
  } finally {
    project.dispose()
  }
})

test('a judge in a file of the same name and size, with other content, is another judge', async () => {
  const folder = temporaryFolder()
  const memory = join(folder, 'judged.jsonl')
  const bytes = readFileSync(TINY)
  const judgeIn = (name: string, change: (copy: Buffer) => void): string => {
    const copy = Buffer.from(bytes)
    change(copy)
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'judge.gguf'), copy)
    return join(folder, name, 'judge.gguf')
  }
  const first = judgeIn('first', () => undefined)
  // One bit of the last weight.
  const second = judgeIn('second', (copy) => copy.writeUInt8(copy.at(-1)! ^ 1, copy.length - 1))
  const lines = () => readFileSync(memory, 'utf8').trimEnd().split('\n')
  for (const [path, known] of [[first, 1], [first, 1], [second, 2]] as const) {
    const judge = await openJudge({ type: 'local', path }, { memory, signal: NEVER })
    try {
      const [answer] = await judge.port.ask(['Good?'], () => undefined)
      expect(answer).toHaveProperty('text')
    } finally {
      await judge.dispose()
    }
    expect(lines()).toHaveLength(known)
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
  const curate = () => curateProject({ project, settings: only(['contamination']), student: null, judge: null, against: [], answers: [], cacheDir: temporaryFolder(), onProgress: () => undefined, signal: NEVER })
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
