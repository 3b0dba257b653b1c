// A run with a teacher: what its file covers is settled when the run is made; it trains towards it, and says so.
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { attempt, makeTinyRun, outcomeOf, removeFolder, scratch } from '../../support/tinyRun.ts'
import { exampleKey, openTeacherWriter } from '../../../src/engine/teacher/store.ts'
import { fingerprintOf } from '../../../src/engine/teacher/tokens.ts'
import { readMetrics } from '../../../src/engine/training/runFolder.ts'
import { openRunTeacher } from '../../../src/engine/training/runTeacher.ts'
import { checkLosses, teach } from '../../../src/engine/training/teaching.ts'
import { fillSettings } from '../../../src/engine/training/settings.ts'
import type { MaskedExample } from '../../../src/shared/records/example.ts'
import type { TrainSettings } from '../../../src/shared/records/run.ts'
import type { TeacherMeta } from '../../../src/shared/records/teacherMeta.ts'
import { byteTokenizer } from '../../support/byteTokenizer.ts'
import { madeExamples } from '../../support/tinyModel.ts'

const home = scratch()
afterAll(() => removeFolder(home))
const tokenizer = byteTokenizer({ control: ['<end>'], end: ['<end>'] })
const student = { fingerprint: fingerprintOf(tokenizer) }
const K = 3

/** Thoughts are to be trained towards a distribution. */
const wanting = (example: MaskedExample): MaskedExample => {
  const reason = (t: number): boolean => t > 0 && example.kinds[t] === 'reason'
  return { ...example, ce: example.ce.map((x, t) => (reason(t) ? 0 : x)), kl: example.ce.map((x, t) => (reason(t) ? x : 0)) }
}
const examples = madeExamples([12, 15, 9], { vocabulary: 200, seed: 5 }).map(wanting)
const tokensOf = ({ kl }: MaskedExample): number[] => kl.flatMap((x, t) => (x > 0 ? [t] : []))

const META: TeacherMeta = { label: 'a made-up teacher', teacher: { name: 'made', sha256: '0' }, context: 'student', student: { vocabulary: tokenizer.vocabularySize, fingerprint: student.fingerprint }, overlap: null }

/** A file with rows for these tokens: half of the mass on the token itself. */
function write(path: string, rows: readonly { readonly example: MaskedExample; readonly tokens: readonly number[] }[], { k = K, meta = META }: { k?: number; meta?: TeacherMeta } = {}): string {
  mkdirSync(dirname(path), { recursive: true })
  const writer = openTeacherWriter(path, { k, meta, shared: null })
  for (const { example, tokens } of rows) {
    const row = (t: number) => ({ ids: [example.ids[t]!, (example.ids[t]! + 1) % 200, (example.ids[t]! + 7) % 200], logProbs: [0.5, 0.25, 0.125].map(Math.log) })
    if (tokens.length > 0) writer.append(exampleKey(example.ids), new Map(tokens.map((t) => [t, row(t)])))
  }
  writer.close()
  return path
}

describe('when the run is made', () => {
  test('what the teacher covers keeps its KL weight, what it does not is trained towards its token with the same weight', () => {
    const [first, second] = examples as [MaskedExample, MaskedExample]
    const some = tokensOf(first).slice(0, 2)
    const path = write(join(home, 'some.topk'), [{ example: first, tokens: some }, { example: second, tokens: tokensOf(second) }])
    const { examples: taught, teacher } = teach(path, examples, { tokenizer })
    expect(tokensOf(taught[0]!)).toEqual(some)
    expect(tokensOf(taught[1]!)).toEqual(tokensOf(second))
    expect(tokensOf(taught[2]!)).toEqual([])
    taught.forEach((example, i) => expect(example.ce.map((x, t) => x + example.kl[t]!)).toEqual(examples[i]!.ce.map((x, t) => x + examples[i]!.kl[t]!)))
    const all = examples.flatMap(tokensOf).length
    expect(teacher).toMatchObject({ label: 'a made-up teacher', k: K, tokens: some.length + tokensOf(second).length, of: all, mass: expect.closeTo(0.875, 5) as number })
  })

  test('a file of other tokens, none at all, or a recipe that would not listen is refused', () => {
    const path = write(join(home, 'other.topk'), [])
    expect(() => openRunTeacher(path, [], { fingerprint: 'another' })).toThrow(expect.objectContaining({ code: 'other-tokens' }))
    const check = (...settings: Partial<TrainSettings>[]) => () => checkLosses(settings.map((one) => fillSettings(one)))
    expect(check({ teacher: join(home, 'none.topk'), recipe: 'sad' })).toThrow(expect.objectContaining({ code: 'bad-settings', found: expect.stringContaining('no file') as string }))
    expect(check({ teacher: path, recipe: 'sft' })).toThrow(expect.objectContaining({ code: 'bad-settings', found: expect.stringContaining('recipe sft') as string }))
    expect(check({ teacher: path, recipe: 'sft' }, { teacher: path, recipe: 'sad' })).not.toThrow()
    expect(check({ recipe: 'sft' })).not.toThrow()
    // Whether a recipe listens is a matter of the weights that it comes to.
    expect(check({ teacher: path, recipe: 'sft', actKl: 0.5 })).not.toThrow()
    expect(check({ teacher: path, recipe: 'sad', reasonKl: 0 })).toThrow(expect.objectContaining({ code: 'bad-settings', found: expect.stringContaining('reason KL 0') as string }))
    expect(check({ recipe: 'cot', actCe: 2 })).toThrow(expect.objectContaining({ code: 'bad-settings', where: 'actCe' }))
    expect(check({ recipe: 'cot', actCe: 2 }, { recipe: 'sft', actCe: 2 })).not.toThrow()
  })
})

describe('a teacher that is not the one of before is refused', () => {
  const rows = examples.map((example) => ({ example, tokens: tokensOf(example) }))
  const known = teach(write(join(home, 'known.topk'), rows), examples, { tokenizer }).teacher
  const open = (name: string, given: Parameters<typeof write>[2]): void => openRunTeacher(write(join(home, `${name}.topk`), rows, given), teach(join(home, 'known.topk'), examples, { tokenizer }).examples, known).close()

  test('the same one is not, whatever it is called', () => {
    expect(known.meta).toEqual(META)
    expect(() => open('again', { meta: { ...META, label: 'renamed', teacher: { ...META.teacher, name: 'renamed' } } })).not.toThrow()
  })
  test.each<[string, Parameters<typeof write>[2]]>([
    ['its weights', { meta: { ...META, teacher: { name: 'made', sha256: '1' } } }],
    ['what it is shown', { meta: { ...META, context: 'answer' } }],
    ['how many tokens it names', { k: K - 1 }],
  ])('by %s', (what, given) => {
    expect(() => open(what, given)).toThrow(expect.objectContaining({ code: 'teacher-changed' }))
  })
})

describe('when it trains', () => {
  /** A tiny run whose thoughts are all covered by `path`. */
  const makeRun = (name: string, path: string, epochs = 3): string => {
    const made: { example: MaskedExample; tokens: number[] }[] = []
    const dir = makeTinyRun(join(home, name), { recipe: 'sad', epochs, teacher: path }, { teaching: (all) => {
      const wanted = all.map(wanting)
      made.push(...wanted.map((example) => ({ example, tokens: tokensOf(example) })))
      return { examples: wanted, teacher: { label: 'made', k: K, ...student, tokens: made.length, of: made.length, mass: 0.875, meta: META } }
    } })
    write(path, made)
    return dir
  }

  test('towards the distributions: their KL is written down and falls; a run that is interrupted comes to the same', async () => {
    const path = join(home, 'whole.topk')
    const dir = makeRun('whole', path)
    expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
    const lines = readMetrics(dir)
    expect(lines.every(({ klByKind, withoutTeacher }) => klByKind?.reason !== undefined && Object.keys(klByKind).length === 1 && withoutTeacher === undefined)).toBe(true)
    const mean = (part: typeof lines): number => part.reduce((sum, { klByKind }) => sum + klByKind!.reason!, 0) / part.length
    expect(mean(lines.slice(-6))).toBeLessThan(mean(lines.slice(0, 6)))

    const other = makeRun('stopped', join(home, 'stopped.topk'))
    await attempt(other, (trainer, event) => event?.type === 'step' && event.metrics.step === 5 && process.kill(trainer.pid, 'SIGKILL'))
    // What is added to the file meanwhile is not this run's.
    write(join(home, 'stopped.topk'), examples.map((example) => ({ example, tokens: tokensOf(example) })))
    expect(await attempt(other)).toMatchObject({ ended: 'finished', error: null })
    expect(outcomeOf(other).series).toEqual(outcomeOf(dir).series)
  })

  test.each([
    ['gone', (path: string) => rmSync(path)],
    ['another file in its place', (path: string) => { rmSync(path); write(path, []) }],
  ])('a file that is %s stops the run before its first step', async (name, damage) => {
    const path = join(home, `${name}.topk`)
    const dir = makeRun(name, path)
    damage(path)
    expect(await attempt(dir)).toMatchObject({ ended: 'failed', code: 'teacher-changed' })
  })

  test('a project that was moved has its teacher with it', async () => {
    const [before, after] = [join(home, 'before'), join(home, 'after')]
    makeRun('before/runs', join(before, 'teachers', 'own.topk'), 1)
    renameSync(before, after)
    expect(await attempt(join(after, 'runs', 'run'))).toMatchObject({ ended: 'finished', error: null })
  })
})
