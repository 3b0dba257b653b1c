// A teacher that computes while the run trains: the numbers of a file that was made before, bit for bit, through a kill; its process never outlives the run.
import { copyFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRows, readTopk } from '../../../src/core/formats/topk/index.ts'
import { openByteSource } from '../../../src/engine/files/index.ts'
import { importPaths, openProject, type Project } from '../../../src/engine/project/index.ts'
import { liveTeacherBytes, scoreTeacher } from '../../../src/engine/teacher/index.ts'
import { openTeacherWriter } from '../../../src/engine/teacher/store.ts'
import { continueRun, createRun, createRunLike } from '../../../src/engine/training/index.ts'
import { memoryOfStudent } from '../../../src/engine/training/memoryFit.ts'
import type { TrainerEvent } from '../../../src/engine/training/protocol.ts'
import { readMetrics, readResult, readRunConfig, runFiles } from '../../../src/engine/training/runFolder.ts'
import { fillSettings } from '../../../src/engine/training/settings.ts'
import type { TrainerProcess } from '../../../src/engine/training/trainerProcess.ts'
import type { TrainSettings } from '../../../src/shared/records/run.ts'
import { ggufVariant, goldenTokens, texts } from '../../support/ggufVariant.ts'
import { resultOf, writeRecords } from '../../support/killTrial.ts'
import { eventually } from '../../support/realHost.ts'
import { removeFolder, scratch, TINY_STUDENT } from '../../support/tinyRun.ts'

const home = scratch()
const [student, teacher, file] = ['student.gguf', 'teacher.gguf', 'made.topk'].map((name) => join(home, name)) as [string, string, string]
const cacheDir = join(home, 'cache')
const watch = { onPrepare: () => {}, onPrepared: () => {}, onEvent: () => {}, signal: new AbortController().signal }
const TOP = 8
const SETTINGS = { recipe: 'sad', rank: 4, lr: 5e-3, context: 256, batchTokens: 200, epochs: 2, maxSteps: 4, threads: 2, seed: 11, heldout: 0.2, checkpointEvery: 2 } as const
let project: Project
const where = (run: string) => ({ run, cacheDir, given: student, folders: [] })

beforeAll(async () => {
  cpSync(TINY_STUDENT, student)
  const tokens = goldenTokens('tiny/llama_tied.gguf')
  // Other tokens: no merges, and one with a text that nobody else has.
  writeFileSync(teacher, ggufVariant('tiny/llama_tied.gguf', { metadata: { 'tokenizer.ggml.tokens': texts(tokens.with(tokens.length - 1, 'nobody')), 'tokenizer.ggml.merges': texts([]) } }))
  writeRecords(join(home, 'records.jsonl'), 7)
  project = openProject(join(home, 'project'), { create: true })
  await importPaths(project, [join(home, 'records.jsonl')], { onProgress: () => {}, signal: watch.signal })
})
afterAll(() => {
  project.dispose()
  removeFolder(home)
})

/** By example and token, as the file has them. */
function rowsOf(path: string): Map<string, string> {
  const source = openByteSource(path)
  const { records, k } = readTopk(source)
  const rows = records.flatMap((record) => {
    const { tokens, ids, logProbs } = readRows(source, { record, k, crc32 })
    return [...tokens].map((token, row): [string, string] => [`${record.key} ${token}`, JSON.stringify([[...ids.subarray(row * k, (row + 1) * k)], [...logProbs.subarray(row * k, (row + 1) * k)]])])
  })
  source.close()
  return new Map(rows)
}

/** Whether no process has the teacher's file of a run. */
function isFree(dir: string): boolean {
  const path = runFiles(dir).taught
  const source = openByteSource(path)
  const { k, meta, shared } = readTopk(source)
  source.close()
  try {
    openTeacherWriter(path, { k, meta, shared }).close()
    return true
  } catch {
    return false
  }
}

test('the losses of a run with the file, bit for bit, although it was killed on the way; what was computed is not computed again', async () => {
  const report = await scoreTeacher({ project, teacher: { type: 'local', path: teacher }, student, path: file, k: TOP, context: 'student', onProgress: () => {}, signal: watch.signal })
  const withFile = await createRun(project, { student, settings: { ...SETTINGS, teacher: file } }, watch)
  await continueRun(project, where(withFile), watch)
  const expected = project.runFolder(withFile)
  expect(readMetrics(expected).some(({ klByKind }) => (klByKind?.reason ?? 0) > 0)).toBe(true)

  const live = await createRun(project, { student, settings: { ...SETTINGS, teacher, teacherTop: TOP } }, watch)
  const dir = project.runFolder(live)
  const { trainedOn: { teacher: known } } = readRunConfig(expected)
  expect(readRunConfig(dir).trainedOn.teacher).toMatchObject({ k: TOP, fingerprint: known!.fingerprint, tokens: known!.tokens, of: known!.of, mass: null })
  expect(existsSync(runFiles(dir).taught)).toBe(false)

  let trainer: TrainerProcess | undefined
  const killing = {
    ...watch,
    onTrainer: (one: TrainerProcess) => (trainer = one),
    onEvent: (event: { type: string; metrics?: { step: number } }) => void (event.type === 'step' && event.metrics?.step === 3 && process.kill(trainer!.pid, 'SIGKILL')),
  }
  await expect(continueRun(project, where(live), killing)).rejects.toMatchObject({ code: 'trainer-died' })
  await eventually('the teacher leaves with its trainer', () => isFree(dir), 60_000)
  const before = readFileSync(runFiles(dir).taught)

  // Another file in the teacher's place is another teacher.
  const kept = `${teacher}.kept`
  copyFileSync(teacher, kept)
  copyFileSync(TINY_STUDENT, teacher)
  await expect(continueRun(project, where(live), watch)).rejects.toMatchObject({ code: 'teacher-changed' })
  copyFileSync(kept, teacher)

  const events: TrainerEvent[] = []
  await continueRun(project, where(live), { ...watch, onEvent: (event) => void events.push(event) })
  expect(events).toContainEqual(expect.objectContaining({ type: 'phase', phase: 'teacher' }))
  expect(resultOf(dir).series).toEqual(resultOf(expected).series)
  const after = readFileSync(runFiles(dir).taught)
  expect(after.subarray(0, before.length).equals(before)).toBe(true)
  const [made, told] = [rowsOf(file), rowsOf(runFiles(dir).taught)]
  expect(told.size).toBeGreaterThan(0)
  expect(told.size).toBeLessThanOrEqual(report.tokens)
  for (const [place, row] of told) expect(row).toBe(made.get(place))
  // What it named so far is in the summary.
  const { mass } = readResult(dir)!.teacher!
  expect(mass).toBeGreaterThan(0.01)
  expect(Math.abs(mass! - report.mass!)).toBeLessThan(0.05)

  // A run that repeats it begins with no distributions of its own: only the run says which teacher it was.
  const repeat = (run: string) => createRunLike(project, { run, given: student, folders: [] }, watch)
  const putOther = (path: string): void => copyFileSync(TINY_STUDENT, path)
  putOther(teacher)
  await expect(repeat(live)).rejects.toMatchObject({ code: 'teacher-changed', where: teacher })
  copyFileSync(kept, teacher)
  const like = await repeat(live)
  putOther(teacher)
  await expect(continueRun(project, where(like.run), watch)).rejects.toMatchObject({ code: 'teacher-changed', where: teacher })
  copyFileSync(kept, teacher)
  await continueRun(project, where(like.run), watch)
  expect(resultOf(project.runFolder(like.run)).series).toEqual(resultOf(expected).series)
  expect(readFileSync(runFiles(project.runFolder(like.run)).lessons)).toEqual(readFileSync(runFiles(dir).lessons))
  expect(readRunConfig(project.runFolder(like.run)).lessons).toEqual(readRunConfig(dir).lessons)

  // Nor is a file of distributions what it was when another was made in its place.
  rmSync(file)
  await scoreTeacher({ project, teacher: { type: 'local', path: teacher }, student, path: file, k: 2, context: 'answer', onProgress: () => {}, signal: watch.signal })
  await expect(repeat(withFile)).rejects.toMatchObject({ code: 'teacher-changed', where: file })
})

test('a model that computes beside the run counts as memory; settings of a model are none of a file', async () => {
  const needs = (settings: TrainSettings): number =>
    memoryOfStudent(student)({ settings, stages: [settings], passes: [{ tokens: 60, rows: 30 }], teacherTop: TOP, tokens: 100, trainedTokens: 50, heldout: { tokens: 0, longest: 0 }, gated: false }).bytes
  const [withFile, live] = [file, teacher].map((path) => fillSettings({ ...SETTINGS, teacher: path })) as [TrainSettings, TrainSettings]
  expect(needs(live) - needs(withFile)).toBe(liveTeacherBytes(teacher, live.context))
  expect(liveTeacherBytes(teacher, 256)).toBeGreaterThan(readFileSync(teacher).length + 100e6)
  await expect(createRun(project, { student, settings: { ...SETTINGS, teacher: file, teacherTop: 4 } }, watch)).rejects.toMatchObject({ code: 'bad-settings' })
})
