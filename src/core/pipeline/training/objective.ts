// What a run minimises beside the cross entropy: the terms of its graph, from its settings and the teacher it has.
import type { Given, LossTerm } from '../../nn/index.ts'
import type { TeacherDistributions } from '../../ports/index.ts'
import type { LossSettings } from '../../../shared/records/run.ts'

export type Objective = {
  readonly teacher: { readonly distributions: TeacherDistributions; readonly term: LossTerm } | null
  /** The student without its adapter; `weight` is that of its KL beside a token's own loss. */
  readonly base: { readonly distributions: TeacherDistributions; readonly term: LossTerm; readonly weight: number } | null
  readonly learnSpanWeights: boolean
  readonly projectGradients: boolean
}

/** Cross entropy alone. */
export const CROSS_ENTROPY: Objective = { teacher: null, base: null, learnSpanWeights: false, projectGradients: false }

/** Tokens of the base's distribution that are named: at 32 of 49,152 what is left is about a hundredth of the mass. */
export const BASE_TOP = 32

const KL_ROWS = { forward: 'forwardKl', reverse: 'reverseKl', jsd: 'jsd' } as const

const givenBy = ({ k, vocabulary }: Pick<TeacherDistributions, 'k' | 'vocabulary'>): Given =>
  vocabulary === null ? { kind: 'top', k } : { kind: 'otherTokens', k, rest: k, overlap: vocabulary.overlap }

/** How the teacher's distributions enter the loss. With other tokens only ULD is defined. */
export const teacherTerm = (teacher: Pick<TeacherDistributions, 'k' | 'vocabulary'>, { kl, klBeta, temperature }: LossSettings): LossTerm => ({
  source: 'teacher',
  loss: teacher.vocabulary === null ? KL_ROWS[kl] : 'uld',
  given: givenBy(teacher),
  beta: klBeta,
  temperature,
})

/** Forward KL: whatever the base would have said stays possible. */
export const baseTerm: LossTerm = { source: 'base', loss: 'forwardKl', given: { kind: 'top', k: BASE_TOP }, beta: 0, temperature: 1 }

/** `base` is asked for where the settings want the student to stay close to it. */
export function objectiveOf(
  settings: LossSettings,
  { teacher, base }: { readonly teacher: TeacherDistributions | null; readonly base: TeacherDistributions | null },
): Objective {
  return {
    teacher: teacher && { distributions: teacher, term: teacherTerm(teacher, settings) },
    base: base && settings.stayClose > 0 ? { distributions: base, term: baseTerm, weight: settings.stayClose } : null,
    learnSpanWeights: settings.learnSpanWeights,
    projectGradients: settings.projectGradients,
  }
}

/** For the graph, in the order in which their feeds are made. */
export const termsOf = ({ teacher, base }: Objective): LossTerm[] => [...(teacher ? [teacher.term] : []), ...(base ? [base.term] : [])]

/** The same before there are distributions: a teacher's names so many tokens, and its tokens are the student's. */
export const termsFor = (settings: LossSettings, { teacherTop, stayClose }: { readonly teacherTop: number | null; readonly stayClose: boolean }): LossTerm[] => [
  ...(teacherTop === null ? [] : [teacherTerm({ k: teacherTop, vocabulary: null }, settings)]),
  ...(stayClose ? [baseTerm] : []),
]
