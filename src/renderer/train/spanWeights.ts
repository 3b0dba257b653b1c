// Loss weights of kinds of spans: what a recipe gives by itself, what settings put in its place, and what comes of both.
// A test holds it against the trainer's own table.
import { SPAN_WEIGHTS, type SpanWeightSettings } from '../../shared/records/run.ts'
import type { RecipeName } from '../../shared/records/recipe.ts'
import { RECIPE_FACTS } from './recipeFacts.ts'

export const SPAN_KINDS = ['reason', 'act', 'final'] as const
export type SpanKind = (typeof SPAN_KINDS)[number]
export type SpanLoss = 'ce' | 'kl'
export type SpanWeightKey = (typeof SPAN_WEIGHTS)[number]

export const weightKey = (kind: SpanKind, loss: SpanLoss): SpanWeightKey => `${kind}${loss === 'ce' ? 'Ce' : 'Kl'}`

/** Kinds that a recipe trains towards the teacher's distribution by itself, the others towards the token. */
const TAUGHT: Readonly<Partial<Record<RecipeName, readonly SpanKind[]>>> = { sad: ['reason'] }
/** Recipes in which weights given for acts hold for answers, too. */
const FINAL_AS_ACT: readonly RecipeName[] = ['sad']

export const finalIsAsAct = (recipe: RecipeName): boolean => FINAL_AS_ACT.includes(recipe)

/** Those of the weights that are given. */
export const spanWeightsIn = (settings: Readonly<Record<string, unknown>>): SpanWeightSettings =>
  Object.fromEntries(SPAN_WEIGHTS.flatMap((key) => (typeof settings[key] === 'number' ? [[key, settings[key]]] : [])))

export type SpanRow = {
  readonly kind: SpanKind
  /** False: the recipe trains nothing of the kind, and weights given for it are refused. */
  readonly trainable: boolean
  /** By loss: the weight that is given (null: none), and that which holds when none is. */
  readonly ce: { readonly own: number | null; readonly otherwise: number }
  readonly kl: { readonly own: number | null; readonly otherwise: number }
  /** What a token of the kind weighs in the end, towards the token and towards the distribution. */
  readonly total: { readonly ce: number; readonly kl: number }
}

/** `inherited`: weights of the run, in whose place `own` comes. `teacher`: there are distributions; else all counts towards the token. */
export function spanRows(recipe: RecipeName, { own, inherited, teacher }: { own: SpanWeightSettings; inherited: SpanWeightSettings; teacher: boolean }): SpanRow[] {
  const plain = RECIPE_FACTS.find(({ name }) => name === recipe)!.weights
  const asked = { ...inherited, ...own }
  return SPAN_KINDS.map((kind) => {
    const weight = Number(plain[kind])
    const taught = TAUGHT[recipe]?.includes(kind) ?? false
    const of = (loss: SpanLoss) => {
      const key = weightKey(kind, loss)
      const asAct = kind === 'final' && finalIsAsAct(recipe) ? asked[weightKey('act', loss)] : undefined
      return { own: own[key] ?? null, otherwise: inherited[key] ?? asAct ?? (taught === (loss === 'kl') ? weight : 0) }
    }
    const [ce, kl] = [of('ce'), of('kl')]
    const [towardsToken, towardsTeacher] = [ce.own ?? ce.otherwise, kl.own ?? kl.otherwise]
    const total = teacher ? { ce: towardsToken, kl: towardsTeacher } : { ce: towardsToken + towardsTeacher, kl: 0 }
    return { kind, trainable: weight > 0, ce, kl, total }
  })
}

/** Whether a teacher's distributions would be listened to. */
export const listens = (rows: readonly SpanRow[]): boolean => rows.some(({ ce: _, kl }) => (kl.own ?? kl.otherwise) > 0)
