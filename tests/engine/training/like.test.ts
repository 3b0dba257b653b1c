// A run that repeats another one: the same examples, settings and student, and so the same losses, bit for bit on the CPU.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importPaths, openProject, type Project } from '../../../src/engine/project/index.ts'
import { listRuns } from '../../../src/engine/store/index.ts'
import { continueRun, createRun, createRunLike, readAlerts, runDetail } from '../../../src/engine/training/index.ts'
import { readExamples, readRunConfig } from '../../../src/engine/training/runFolder.ts'
import { readStaged } from '../../../src/engine/training/runPlan.ts'
import type { MaskedExample } from '../../../src/shared/records/example.ts'
import { planSchema } from '../../../src/shared/records/plan.ts'
import { goldenPath } from '../../support/golden.ts'
import { resultOf, writeRecords } from '../../support/killTrial.ts'
import { removeFolder, scratch, TINY_STUDENT } from '../../support/tinyRun.ts'

const home = scratch()
const student = join(home, 'student.gguf')
const cacheDir = join(home, 'cache')
const watch = { onPrepare: () => {}, onPrepared: () => {}, onEvent: () => {}, signal: new AbortController().signal }
const SETTINGS = { recipe: 'smartad', rank: 4, lr: 5e-3, context: 256, batchTokens: 300, maxSteps: 9, threads: 2, seed: 11, heldout: 0.2, heldoutEvery: 4, heldoutTokens: 200, actCe: 3 } as const
let project: Project
let first: string
beforeAll(async () => {
  cpSync(TINY_STUDENT, student)
  writeRecords(join(home, 'records.jsonl'))
  project = openProject(join(home, 'project'), { create: true })
  await importPaths(project, [join(home, 'records.jsonl')], { onProgress: () => {}, signal: watch.signal })
  first = await createRun(project, { student, settings: SETTINGS }, watch)
  await continueRun(project, { run: first, cacheDir, given: student, folders: [] }, watch)
})
afterAll(() => {
  project.dispose()
  removeFolder(home)
})

test('losses, adapter and held-out figures are the same, although the data and the defaults have changed since', async () => {
  writeRecords(join(home, 'more.jsonl'), 10, 900)
  await importPaths(project, [join(home, 'more.jsonl')], { onProgress: () => {}, signal: watch.signal })
  const like = await createRunLike(project, { run: first, given: undefined, folders: [] }, watch)
  await continueRun(project, { run: like.run, cacheDir, given: like.student, folders: [] }, watch)
  expect(like.run).not.toBe(first)
  const [one, other] = [first, like.run].map((run) => project.runFolder(run)) as [string, string]
  expect(resultOf(other)).toEqual(resultOf(one))
  expect(readFileSync(join(other, 'heldout.json'), 'utf8')).toBe(readFileSync(join(one, 'heldout.json'), 'utf8'))
  expect(readFileSync(join(other, 'examples.jsonl'))).toEqual(readFileSync(join(one, 'examples.jsonl')))
  const { settings, datasetRevision, examples } = readRunConfig(one)
  expect(readRunConfig(other)).toMatchObject({ settings, datasetRevision, examples, like: first })
  expect(runDetail(project, like.run)).toMatchObject({ like: first, datasetRevision, row: { state: 'finished' }, environments: [{ fromStep: 0 }] })
})

test('what does not fit into memory is refused, and made when that is allowed, with a warning that stays', async () => {
  const tight = { run: first, given: undefined, folders: [], freeMemory: () => 1e6 }
  const runs = listRuns(project.store).length
  await expect(createRunLike(project, tight, watch)).rejects.toMatchObject({ code: 'out-of-memory', expected: 'at most the 0.0 GB that are free' })
  await expect(createRun(project, { student, settings: SETTINGS, freeMemory: () => 1e6 }, watch)).rejects.toMatchObject({ code: 'out-of-memory' })
  expect(listRuns(project.store)).toHaveLength(runs)
  const like = await createRunLike(project, { ...tight, allowMemoryOverrun: true }, watch)
  const made = await createRun(project, { student, settings: SETTINGS, freeMemory: () => 1e6, allowMemoryOverrun: true }, watch)
  for (const run of [like.run, made]) {
    expect(readAlerts(project.runFolder(run))).toEqual([expect.objectContaining({ type: 'memory-overrun', step: 0, text: expect.stringMatching(/^WARNING: .* 0\.\d GB of memory where 0\.0 GB are free/) })])
  }
  expect(readAlerts(project.runFolder(first))).toEqual([])
})

/** CE and KL weights of the tokens of each kind that an agent writes. */
function weightsOf(examples: readonly MaskedExample[]): Record<string, string[]> {
  const found: Record<string, Set<string>> = { reason: new Set(), act: new Set(), final: new Set() }
  for (const { kinds, ce, kl } of examples) kinds.forEach((kind, token) => token > 0 && found[kind]?.add(`${ce[token]} ${kl[token]}`))
  return Object.fromEntries(Object.entries(found).map(([kind, weights]) => [kind, [...weights]]))
}

test('weights given for a kind are in the settings and the examples; those of a stage in its own alone', async () => {
  const config = readRunConfig(project.runFolder(first))
  expect(config.settings.actCe).toBe(3)
  expect(config.trainedOn.recipe).toBe('SmartAD span weights, act CE 3')
  expect(weightsOf(readExamples(project.runFolder(first), config.examples))).toEqual({ reason: ['1 0'], act: ['3 0'], final: ['2 0'] })

  const stages = [{ name: 'as the run' }, { name: 'thoughts less', losses: { reasonCe: 0.25, finalCe: 1 } }, { name: 'another recipe', recipe: 'sft' }]
  const plan = planSchema.parse({ version: 1, name: 'made', stages })
  const id = await createRun(project, { student, settings: SETTINGS, plan: { plan, losses: () => Promise.reject(new Error('not asked for')) } }, watch)
  const dir = project.runFolder(id)
  const planned = readRunConfig(dir)
  expect(planned.plan!.stages[1]!.losses).toEqual({ reasonCe: 0.25, finalCe: 1 })
  expect(planned.trainedOn.recipe).toBe('SmartAD span weights, act CE 3, then SmartAD span weights, reason CE 0.25, act CE 3, final CE 1, then plain SFT, act CE 3')
  const train = readExamples(dir, planned.examples).filter(({ split }) => split === 'train')
  const of = readStaged(dir, planned)!.stages.map(({ own }) => weightsOf(own.flatMap((unit) => unit.examples.map((index) => train[index]!))))
  expect(of).toEqual([
    { reason: ['1 0'], act: ['3 0'], final: ['2 0'] },
    { reason: ['0.25 0'], act: ['3 0'], final: ['1 0'] },
    { reason: ['1 0'], act: ['3 0'], final: ['1 0'] },
  ])
  const wrong = { ...plan, stages: plan.stages.map((stage) => ({ ...stage, losses: { reasonKl: -1 } })) }
  await expect(createRun(project, { student, settings: SETTINGS, plan: { plan: wrong, losses: () => Promise.reject(new Error('not asked for')) } }, watch)).rejects.toMatchObject({
    code: 'bad-plan', where: 'stage as the run, losses.reasonKl', found: '-1',
  })
})

test('another student is refused, by its content and not by its name', async () => {
  const other = goldenPath('tiny/llama_untied.gguf')
  const known = listRuns(project.store).length
  await expect(createRunLike(project, { run: first, given: other, folders: [] }, watch)).rejects.toMatchObject({ code: 'student-changed', where: other })
  const was = readFileSync(student)
  writeFileSync(student, readFileSync(other))
  await expect(createRunLike(project, { run: first, given: undefined, folders: [] }, watch)).rejects.toMatchObject({ code: 'student-changed', where: student })
  writeFileSync(student, was)
  expect(listRuns(project.store)).toHaveLength(known)
})

test('a run that is not there', async () => {
  await expect(createRunLike(project, { run: '20200101-000000-0000', given: undefined, folders: [] }, watch)).rejects.toMatchObject({ code: 'run-missing' })
})
