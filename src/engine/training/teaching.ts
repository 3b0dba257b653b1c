// A run's teacher: what its file covers is settled when the run is made, and must still be there when it trains.
import { existsSync } from 'node:fs'
import { meanTeacherEntropy } from '../../core/pipeline/curriculum/index.ts'
import { chosenRecipe, idleWeights } from '../../core/pipeline/training/index.ts'
import type { Tokenizer } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { MaskedExample } from '../../shared/records/example.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import type { TrainedOn } from '../../shared/contract/training.ts'
import { fingerprintOf, openTeacher, type Asked, type OpenTeacher } from '../teacher/index.ts'

export type Taught = { readonly examples: readonly MaskedExample[]; readonly teacher: NonNullable<TrainedOn['teacher']> }

const asked = (examples: readonly MaskedExample[]): Asked[] =>
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
  if (!existsSync(teacher)) throw bad({ found: `no file ${teacher}`, expected: 'a file of distributions', advice: 'make it with `retort teacher`' })
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

/**
 * The examples with what the teacher does not cover trained towards its tokens. From here on nothing of the run depends on
 * what is added to the teacher's file.
 */
export function teach(path: string, examples: readonly MaskedExample[], { tokenizer }: { readonly tokenizer: Tokenizer }): Taught {
  const teacher = teacherOver(path, examples, { tokenizer })
  try {
    const covered = examples.map((example): MaskedExample => {
      const { id, ce, kl } = example
      const has = kl.map((weight, token) => weight > 0 && teacher.row(id, token) !== null)
      return { ...example, ce: ce.map((weight, token) => (has[token] ? weight : weight + kl[token]!)), kl: kl.map((weight, token) => (has[token] ? weight : 0)) }
    })
    const { label, k, meta: { student: { fingerprint } } } = teacher
    return { examples: covered, teacher: { label, k, fingerprint, ...teacher.coverage() } }
  } finally {
    teacher.close()
  }
}

/** Opens the teacher of a run that trains. Throws RetortError `teacher-changed` when rows are gone that the run counts on. */
export function openRunTeacher(path: string, examples: readonly MaskedExample[], student: { readonly fingerprint: string }): OpenTeacher {
  if (!existsSync(path)) throw gone(path, 'no such file')
  const teacher = openTeacher(path, asked(examples), student)
  const { tokens, of } = teacher.coverage()
  if (tokens === of) return teacher
  teacher.close()
  throw gone(path, `distributions of ${tokens} of ${of} tokens`)
}

const gone = (path: string, found: string): RetortError =>
  new RetortError({
    code: 'teacher-changed',
    message: "the teacher's distributions are not what they were when this run was made",
    where: path,
    found,
    expected: 'the file as it was, or with more in it',
    advice: 'put the file back, make it again with `retort teacher`, or start a new run',
  })

/** Mean entropy of the teacher's distributions by trajectory, where it has any; `trajectories` are the examples of each. */
export function teacherEntropies(path: string | undefined, trajectories: readonly (readonly MaskedExample[])[], student: { readonly tokenizer: Tokenizer }): Map<string, number> {
  const found = new Map<string, number>()
  if (path === undefined) return found
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
