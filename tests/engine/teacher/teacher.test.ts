// A real teacher over real trajectories: rows that llama.cpp's own likelihoods confirm, stops and goes on, other tokens.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEngine } from '../../../src/engine/engine.ts'
import { openScorer, openStudent } from '../../../src/engine/llama/index.ts'
import { maskedExamples } from '../../../src/engine/masking.ts'
import { getTrajectory, importPaths, listTrajectories, openProject } from '../../../src/engine/project/index.ts'
import { fingerprintOf, openTeacher } from '../../../src/engine/teacher/index.ts'
import { localJobs, sidesOf } from '../../../src/engine/teacher/localJobs.ts'
import type { MaskedExample } from '../../../src/shared/records/example.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ggufVariant, goldenTokens, texts } from '../../support/ggufVariant.ts'
import { goldenPath } from '../../support/golden.ts'
import { chat } from '../store/records.ts'

const SAME = goldenPath('tiny/llama_tied.gguf')
const home = mkdtempSync(join(tmpdir(), 'retort-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const project = join(home, 'p')
const OTHER = join(home, 'other.gguf')

/** The same weights under another tokenizer: no merges, two tokens in each other's place, one with a text that nobody else has. */
function writeOther(): void {
  const tokens = goldenTokens('tiny/llama_tied.gguf')
  const [a, b] = [tokens.indexOf('T'), tokens.indexOf('h')]
  const changed = tokens.with(a, 'h').with(b, 'T').with(tokens.length - 1, 'nobody')
  writeFileSync(OTHER, ggufVariant('tiny/llama_tied.gguf', { metadata: { 'tokenizer.ggml.tokens': texts(changed), 'tokenizer.ggml.merges': texts([]) } }))
}
const signal = new AbortController().signal
const engine = createEngine({ machine: { platform: process.platform, env: {}, home }, cwd: '/' })
const teach = ({ path, teacher = SAME, k = 8, context = 'student', stop, after, onTotal }: { path: string; onTotal?: () => void; teacher?: string; k?: number; context?: 'student' | 'answer'; stop?: AbortController; after?: number }) =>
  engine.scoreTeacher({
    project, teacher: { type: 'local', path: teacher }, student: SAME, path, k, context, signal: stop?.signal ?? signal,
    onProgress: ({ done, total }) => {
      if (done === 0 && total > 0) onTotal?.()
      if (done === after) stop?.abort(new Error('stopped here'))
    },
  })

let examples: MaskedExample[]
let fingerprint: string
beforeAll(async () => {
  const opened = openProject(project, { create: true })
  const file = join(home, 'chats.jsonl')
  writeFileSync(file, ['river', 'the longest bridge', 'ü and 🙂', 'queen'].map((word) => chat(`which ${word}?`, word)).join('\n'))
  await importPaths(opened, [file], {})
  writeOther()
  const student = await openStudent({ path: SAME, weights: 'none' })
  examples = listTrajectories(opened).flatMap(({ id }) => maskedExamples({ corrected: getTrajectory(opened, id), student, recipe: 'sft' }).examples)
  fingerprint = fingerprintOf(student.tokenizer)
  await student.dispose()
  opened.dispose()
})

const asked = () => examples.map(({ id, ids, ce }) => ({ id, ids, tokens: ids.flatMap((_, token) => ((ce[token] as number) > 0 ? [token] : [])) }))
const sumOf = (logProbs: ArrayLike<number>) => Array.from(logProbs).reduce((sum, one) => sum + Math.exp(one), 0)

test('every token of the agent has a row, whose probabilities are those by which llama.cpp scores tokens', async () => {
  const path = join(temporaryFolder(), 'all.topk')
  // All tokens named: the rows are whole distributions.
  const report = await teach({ path, k: 300 })
  expect(report.of).toBeGreaterThan(60)
  expect(report).toMatchObject({ tokens: report.of, scored: report.of, overlap: null, left: [], bytesPerToken: 2404 })
  expect(report.mass).toBeCloseTo(1, 3)
  const student = await openStudent({ path: SAME, weights: 'loaded' })
  const teacher = openTeacher(path, asked(), { fingerprint })
  const scorer = await openScorer({ student, context: 256 })
  let worst = 0
  for (const { id, ids, tokens } of asked().slice(0, 3)) {
    const nll = await scorer.score(ids, { targets: new Set(tokens) })
    for (const token of tokens) {
      const row = teacher.row(id, token)!
      expect(sumOf(row.logProbs)).toBeCloseTo(1, 2)
      const named = Array.from(row.ids).indexOf(ids[token]!)
      worst = Math.max(worst, Math.abs(row.logProbs[named]! + nll[token]!))
    }
  }
  expect(worst).toBeLessThan(1e-5)
  expect(teacher.coverage()).toMatchObject({ tokens: report.of, of: report.of })
  expect([teacher.row(asked()[0]!.id, 0), teacher.row('none', 5)]).toEqual([null, null])
  teacher.close()
  await scorer.dispose()
  await student.dispose()
})

test('goes on where it was stopped, byte for byte, also behind the rest of a write that was cut off', async () => {
  const [whole, parts] = [join(temporaryFolder(), 'a.topk'), join(temporaryFolder(), 'b.topk')]
  const all = await teach({ path: whole })
  await expect(teach({ path: parts, stop: new AbortController(), after: 2 })).rejects.toThrow('stopped here')
  const kept = statSync(parts).size
  appendFileSync(parts, 'ROWS and the rest never came')
  truncateSync(parts, kept + 20)
  const rest = await teach({ path: parts })
  expect(rest.scored).toBeLessThan(all.scored)
  expect(readFileSync(parts).equals(readFileSync(whole))).toBe(true)
  expect(await teach({ path: parts })).toMatchObject({ scored: 0, mass: null, tokens: all.of })
  // Nothing of it is asked again, and still it can be stopped by what happens meanwhile.
  const stop = new AbortController()
  const going = teach({ path: parts, stop, onTotal: () => void setImmediate(() => stop.abort(new Error('stopped meanwhile'))) })
  await expect(going).rejects.toThrow('stopped meanwhile')
})

test('a record that is damaged, and what follows it, is scored again', async () => {
  const [whole, damaged] = [join(temporaryFolder(), 'a.topk'), join(temporaryFolder(), 'b.topk')]
  const all = await teach({ path: whole })
  const bytes = readFileSync(whole)
  bytes[Math.floor(bytes.length * 0.6)]! ^= 1
  writeFileSync(damaged, bytes)
  const again = await teach({ path: damaged })
  expect(again.scored).toBeGreaterThan(0)
  expect(again.scored).toBeLessThan(all.scored)
  expect(readFileSync(damaged).equals(readFileSync(whole))).toBe(true)
})

test('two writers of one file: the second is refused, and the file is whole', async () => {
  const [alone, shared] = [join(temporaryFolder(), 'a.topk'), join(temporaryFolder(), 'b.topk')]
  await teach({ path: alone })
  const both = await Promise.allSettled([teach({ path: shared }), teach({ path: shared })])
  const refused = both.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : []))
  expect(refused.filter((code) => code !== 'teacher-busy')).toEqual([])
  expect(refused.length).toBeLessThan(2)
  expect(readFileSync(shared).equals(readFileSync(alone))).toBe(true)
})

test('an example that has changed since has no row, and the coverage says so', async () => {
  const path = join(temporaryFolder(), 'a.topk')
  await teach({ path })
  const [first, ...others] = asked()
  const changed = { ...first!, ids: first!.ids.with(3, first!.ids[3]! + 1) }
  const teacher = openTeacher(path, [changed, ...others], { fingerprint })
  expect(teacher.row(changed.id, changed.tokens[0]!)).toBeNull()
  const { tokens, of } = teacher.coverage()
  expect(of - tokens).toBe(changed.tokens.length)
  teacher.close()
})

test('what the teacher is shown changes its rows, not which tokens have one', async () => {
  const [plain, told] = [join(temporaryFolder(), 'a.topk'), join(temporaryFolder(), 'b.topk')]
  const [a, b] = [await teach({ path: plain }), await teach({ path: told, context: 'answer' })]
  expect([b.tokens, b.label.endsWith('and the recorded answer')]).toEqual([a.tokens, true])
  const rowOf = (path: string) => {
    const teacher = openTeacher(path, asked(), { fingerprint })
    try {
      return teacher.row(asked()[0]!.id, asked()[0]!.tokens[0]!)!
    } finally {
      teacher.close()
    }
  }
  expect(Array.from(rowOf(told).logProbs)).not.toEqual(Array.from(rowOf(plain).logProbs))
})

test('a teacher with other tokens: rows by the student\'s ids, where tokens of both begin', async () => {
  const path = join(temporaryFolder(), 'o.topk')
  const report = await teach({ path, teacher: OTHER })
  expect(report.overlap).toBeCloseTo(299 / 300, 9)
  // The teacher's tokens are single bytes: each of the student's begins where one of them does.
  expect(report.tokens).toBe(report.of)
  const teacher = openTeacher(path, asked(), { fingerprint })
  expect(teacher.vocabulary!.overlap).toBe(report.overlap)
  const rows = asked().flatMap(({ id, tokens }) => tokens.flatMap((token) => teacher.row(id, token) ?? []))
  expect(rows.length).toBe(report.tokens)
  for (const { ids, logProbs } of rows) {
    const named = Array.from(ids).filter((id) => id >= 0)
    expect(new Set(named).size).toBe(named.length)
    expect(sumOf(logProbs)).toBeLessThanOrEqual(1 + 1e-3)
  }
  teacher.close()
})

test('a group that the teacher cuts into several tokens: their product stands at the student\'s one, taken off the first', async () => {
  const path = join(temporaryFolder(), 'groups.topk')
  await teach({ path, teacher: OTHER, k: 300 })
  const [student, other] = [await openStudent({ path: SAME, weights: 'none' }), await openStudent({ path: OTHER, weights: 'loaded' })]
  const sides = sidesOf(student, other)
  const scorer = await openScorer({ student: other, context: 512 })
  const opened = openProject(project, { create: false })
  const { jobs } = localJobs(getTrajectory(opened, listTrajectories(opened)[0]!.id), sides, 'student')
  opened.dispose()
  const { example, theirs, places } = jobs[0]!
  const kept = openTeacher(path, asked(), { fingerprint })
  const several = places.filter(({ group }) => (group?.teacher.length ?? 0) > 1)
  expect(several.length).toBeGreaterThan(3)
  const nll = await scorer.score(theirs, { targets: new Set(several.flatMap(({ group }) => group!.teacher)) })
  const { rows } = await scorer.top(theirs, { targets: new Set(several.map((place) => place.teacher)), k: 300 })
  const changes: number[] = []
  for (const place of several) {
    const plain = rows.get(place.teacher)!
    const massOf = (wanted: number): number => Array.from(plain.ids).reduce((sum, one, i) => sum + (sides.tokens!.toStudent[one] === wanted ? Math.exp(plain.logProbs[i]!) : 0), 0)
    const product = Math.exp(-place.group!.teacher.reduce((sum, token) => sum + nll[token]!, 0))
    const row = kept.row(example.id, place.student)!
    const found = (wanted: number): number => Math.exp(row.logProbs[Array.from(row.ids).indexOf(wanted)] ?? -Infinity)
    const label = example.ids[place.student]!
    const first = sides.tokens!.toStudent[theirs[place.teacher]!]!
    changes.push(product / massOf(label))
    // With what the student has no token for, one more is named than there is room for.
    if (Array.from(row.ids).includes(label)) expect(found(label) / (massOf(label) + product)).toBeCloseTo(1, 4)
    else expect(Math.log(massOf(label) + product)).toBeLessThanOrEqual(Math.min(...Array.from(row.logProbs)) + 1e-4)
    if (first !== label) expect(found(first)).toBeCloseTo(massOf(first) - product, 8)
    expect(sumOf(row.logProbs)).toBeCloseTo(1, 2)
  }
  // It is no small matter: some tokens have nearly all of their mass from it.
  expect(Math.max(...changes)).toBeGreaterThan(1)
  kept.close()
  await scorer.dispose()
  await other.dispose()
  await student.dispose()
})

test('a file of another teacher, or for another student, is refused', async () => {
  const path = join(temporaryFolder(), 'a.topk')
  await teach({ path })
  await expect(teach({ path, context: 'answer' })).rejects.toMatchObject({ code: 'other-teacher' })
  await expect(teach({ path, k: 4 })).rejects.toMatchObject({ code: 'other-teacher' })
  expect(() => openTeacher(path, asked(), { fingerprint: 'x' })).toThrow(/another student/)
})
