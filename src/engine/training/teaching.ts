// A run's teacher: what it covers is settled when the run is made.
import { existsSync } from 'node:fs'
import { meanTeacherEntropy } from '../../core/pipeline/curriculum/index.ts'
import { chosenRecipe, idleWeights } from '../../core/pipeline/training/index.ts'
import type { Tokenizer } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { MaskedExample } from '../../shared/records/example.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import type { TrainedOn } from '../../shared/contract/training.ts'
import { exampleKey, fingerprintOf, isModelFile, makeLessons, openTeacher, type Asked, type Lesson, type LessonsInput, type OpenTeacher, type Told } from '../teacher/index.ts'
import { TOP, type Shown } from '../../shared/contract/teaching.ts'

export type Taught = {
  readonly examples: readonly MaskedExample[]
  readonly teacher: NonNullable<TrainedOn['teacher']>
  /** Of a teacher that is a model. */
  readonly lessons?: readonly Lesson[]
}

export const asked = (examples: readonly MaskedExample[]): Asked[] =>
  examples.map(({ id, ids, kl }) => ({ id, ids, tokens: kl.flatMap((weight, token) => (token > 0 && weight > 0 ? [token] : [])) }))

/**
 * Of each stage's settings, or the run's only ones. Throws RetortError `bad-settings` where they name a teacher that is not
 * there, or that none of the stages would listen to, and for weights of what no stage trains.
 */
export function checkLosses(settings: readonly TrainSettings[]): void {
  const idle = settings.map(idleWeights)
  const everywhere = idle[0]?.filter((name) => idle.every((names) => names.includes(name))) ?? []
  if (everywhere.length > 0) throw withoutEffect(everywhere, settings)
  const teacher = settings[0]?.teacher
  if (teacher === undefined) return
  const bad = (problem: { found: string; expected: string; advice: string }): RetortError =>
    new RetortError({ code: 'bad-settings', message: "a teacher's distributions cannot be used", where: 'teacher', ...problem })
  if (!existsSync(teacher)) throw bad({ found: `no file ${teacher}`, expected: 'a file of distributions, as `retort teacher` makes it, or a GGUF model', advice: 'make it with `retort teacher`' })
  const ofModel = settings[0]?.teacherTop !== undefined || settings[0]?.teacherShown !== undefined
  if (ofModel && !isModelFile(teacher)) {
    throw bad({ found: `a file of distributions, and what a model would name or be shown`, expected: 'these settings with a GGUF model alone', advice: 'leave them out: the file holds what was asked for when it was made' })
  }
  const listens = settings.some((one) => Object.values(chosenRecipe(one).weights('distribution')).some(({ kl }) => kl > 0))
  if (listens) return
  throw bad({
    found: `the recipe ${[...new Set(settings.map((one) => chosenRecipe(one).key))].join(', ')}, which has no divergence to a teacher`,
    expected: 'sad, or a KL weight for a kind of span',
    advice: 'take --recipe sad, give a weight such as --reason-kl 1, or leave the teacher out',
  })
}

const withoutEffect = (names: readonly string[], settings: readonly TrainSettings[]): RetortError =>
  new RetortError({
    code: 'bad-settings',
    message: 'a loss weight would have no effect',
    where: names.join(', '),
    found: `the recipe ${[...new Set(settings.map(({ recipe }) => recipe))].join(', ')}, whose trajectories have no such spans`,
    expected: 'weights of what the recipe trains',
  })

/** The teacher's distributions over these examples; `close` it when done. */
const teacherOver = (path: string, examples: readonly MaskedExample[], { tokenizer }: { readonly tokenizer: Tokenizer }): OpenTeacher =>
  openTeacher(path, asked(examples), { fingerprint: fingerprintOf(tokenizer) })

/** Tokens that have a distribution, by example. */
type Covers = (example: MaskedExample, token: number) => boolean

/** The examples with what the teacher does not cover trained towards its tokens. */
const covered = (examples: readonly MaskedExample[], covers: Covers): MaskedExample[] =>
  examples.map((example) => {
    const { ce, kl } = example
    const has = kl.map((weight, token) => weight > 0 && covers(example, token))
    return { ...example, ce: ce.map((weight, token) => (has[token] ? weight : weight + kl[token]!)), kl: kl.map((weight, token) => (has[token] ? weight : 0)) }
  })

/** From here on nothing of the run depends on what is added to the teacher's file. */
export function teach(path: string, examples: readonly MaskedExample[], { tokenizer }: { readonly tokenizer: Tokenizer }): Taught {
  const teacher = teacherOver(path, examples, { tokenizer })
  try {
    const { label, k, meta } = teacher
    return { examples: covered(examples, ({ id }, token) => teacher.row(id, token) !== null), teacher: { label, k, fingerprint: meta.student.fingerprint, ...teacher.coverage(), meta } }
  } finally {
    teacher.close()
  }
}

/** Tokens that a teacher names which is a model, and what it is shown. */
export const livelyOf = ({ teacherTop, teacherShown }: Pick<TrainSettings, 'teacherTop' | 'teacherShown'>): { k: number; context: Shown } => ({
  k: teacherTop ?? TOP.local,
  context: teacherShown ?? 'student',
})

export type TeachLive = { readonly settings: TrainSettings & { readonly teacher: string }; readonly student: LessonsInput['student']; /** What the examples are made from. */ readonly told: readonly Told[] }

/** The same with a model that will compute its distributions while the run trains. */
export async function teachLive(examples: readonly MaskedExample[], { settings, student, told }: TeachLive): Promise<Taught> {
  const { k, context } = livelyOf(settings)
  const { label, meta, lessons } = await makeLessons({ student, path: settings.teacher, context, told })
  const places = new Map<string, Set<number>>()
  for (const lesson of lessons) places.set(lesson.key, new Set([...(places.get(lesson.key) ?? []), ...lesson.places.map((place) => place.student)]))
  const keys = new Map(examples.map(({ id, ids }) => [id, exampleKey(ids)]))
  const taught = covered(examples, ({ id }, token) => places.get(keys.get(id)!)?.has(token) ?? false)
  const count = (of: readonly MaskedExample[]): number => asked(of).reduce((sum, { tokens }) => sum + tokens.length, 0)
  const used = new Set(keys.values())
  return { examples: taught, teacher: { label, k, fingerprint: meta.student.fingerprint, tokens: count(taught), of: count(examples), mass: null, meta }, lessons: lessons.filter(({ key }) => used.has(key)) }
}

/** Mean entropy of the teacher's distributions by trajectory, where it has any; `trajectories` are the examples of each. */
export function teacherEntropies(path: string | undefined, trajectories: readonly (readonly MaskedExample[])[], student: { readonly tokenizer: Tokenizer }): Map<string, number> {
  const found = new Map<string, number>()
  // What a model thinks is known when the run trains.
  if (path === undefined || isModelFile(path)) return found
  const teacher = teacherOver(path, trajectories.flat(), student)
  try {
    for (const examples of trajectories) {
      const mean = meanTeacherEntropy(examples, teacher)
      if (mean !== null) found.set(examples[0]!.trajectoryId, mean)
    }
  } finally {
    teacher.close()
  }
  return found
}
