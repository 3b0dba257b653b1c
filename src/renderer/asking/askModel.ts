// Who can be asked at a step, what the form holds, and what is shown of answers: pure.
import { z } from 'zod'
import { type AskEstimate, type Asked, type Continuation, type ExpertPlace, unacceptable, type Unacceptable } from '../../shared/contract/asking.ts'
import type { Api } from '../../shared/contract/api.ts'
import type { ProviderRow } from '../../shared/contract/routes/chat.ts'
import type { Model } from '../../shared/contract/routes/models.ts'
import type { ListedPreference } from '../../shared/records/preference.ts'
import { fileName } from '../components/paths.ts'
import { speakingModels } from '../teacher/batchModel.ts'

/** As a page says it to `asking.estimate` and `asking.ask`. */
type Question = Parameters<Api['asking']['ask']>[0]

export type TeacherChoice = {
  readonly value: string
  readonly label: string
  /** An endpoint is told the name of a model, and has a price. */
  readonly provider: ProviderRow | null
  /** Of a file and of a script nothing is paid. */
  readonly kind: 'expert' | 'endpoint' | 'local'
  readonly path: string
}

export type Known = { readonly expert: ExpertPlace | null; readonly providers: readonly ProviderRow[]; readonly models: readonly Model[] }

/** The task's own expert first, then endpoints, then files of this machine. `expertLabel`: of a suite's expert. */
export function teacherChoices({ expert, providers, models }: Known, expertLabel: (suite: string) => string): TeacherChoice[] {
  return [
    ...(expert ? [{ value: 'expert', label: expertLabel(expert.suite), provider: null, kind: 'expert' as const, path: '' }] : []),
    ...providers.map((provider): TeacherChoice => ({ value: `endpoint ${provider.id}`, label: provider.name, provider, kind: 'endpoint', path: '' })),
    ...speakingModels(models).map(({ path }): TeacherChoice => ({ value: `local ${path}`, label: fileName(path), provider: null, kind: 'local', path })),
  ]
}

const amount = z.number().nullable()

export const askDraftSchema = z.object({
  /** A `value` of `teacherChoices`; '': the first. */
  who: z.string(),
  model: z.string(),
  n: z.int().min(1).max(32),
  temperature: z.number().min(0).max(4),
  seed: z.int().min(0).max(0xffffff),
  turnTokens: z.int().min(1).max(131_072),
  logprobs: z.int().min(0).max(20),
  priceRead: amount,
  priceWritten: amount,
  mostCost: amount,
})
export type AskDraft = z.infer<typeof askDraftSchema>

export const ASK_DRAFT: AskDraft = { who: '', model: '', n: 4, temperature: 0.7, seed: 0, turnTokens: 512, logprobs: 0, priceRead: null, priceWritten: null, mostCost: null }

/** The one that is chosen, or the first where that is not known any more. */
export const chosenTeacher = (choices: readonly TeacherChoice[], { who }: Pick<AskDraft, 'who'>): TeacherChoice | null =>
  choices.find(({ value }) => value === who) ?? choices[0] ?? null

/** The model's name at an endpoint: as typed, else the first it names. */
export const modelOf = ({ provider }: TeacherChoice, { model }: Pick<AskDraft, 'model'>): string => model.trim() || (provider?.models[0] ?? '')

/** Keys of `text.asking.problems`; null: it can be asked. */
export type AskProblem = 'no-model' | 'half-prices' | 'no-prices'

export function problemOf(choice: TeacherChoice, draft: AskDraft): AskProblem | null {
  if (choice.kind !== 'endpoint') return null
  const { priceRead, priceWritten, mostCost } = draft
  if (modelOf(choice, draft) === '') return 'no-model'
  if ((priceRead === null) !== (priceWritten === null)) return 'half-prices'
  return mostCost !== null && priceRead === null ? 'no-prices' : null
}

/** What the contract takes: prices, budget and log-probabilities are an endpoint's alone. */
export function askedWith(choice: TeacherChoice, draft: AskDraft, place: { readonly step: number; readonly expert: ExpertPlace | null }): Pick<Question, 'teacher' | 'settings'> {
  const { n, temperature, seed, turnTokens, logprobs, priceRead, priceWritten, mostCost } = draft
  const paid = choice.kind === 'endpoint'
  const base = { step: place.step, n, temperature, seed, turnTokens }
  const settings = paid
    ? { ...base, logprobs, prices: priceRead !== null && priceWritten !== null ? { input: priceRead, output: priceWritten } : null, budget: { cost: mostCost, tokens: null } }
    : { ...base, ...(choice.kind === 'expert' && place.expert ? { suite: place.expert.suite, suiteSeed: place.expert.seed } : {}) }
  return { teacher: teacherOf(choice, draft), settings }
}

function teacherOf(choice: TeacherChoice, draft: AskDraft): Question['teacher'] {
  switch (choice.kind) {
    case 'expert':
      return { type: 'expert', settings: {} }
    case 'endpoint':
      return { type: 'endpoint', provider: choice.provider!.id, model: modelOf(choice, draft) }
    case 'local':
      return { type: 'local', path: choice.path }
  }
}

/** Whether an asking was answered by this teacher, as the engine names them. */
export function isBy({ teacher }: Pick<Asked, 'teacher'>, choice: TeacherChoice, draft: Pick<AskDraft, 'model'>): boolean {
  switch (choice.kind) {
    case 'expert':
      return teacher.startsWith('expert of ')
    case 'endpoint':
      return teacher === `${choice.provider!.name}: ${modelOf(choice, draft)}`
    case 'local':
      return teacher.startsWith(choice.label.replace(/\.gguf$/i, ''))
  }
}

/** First seed that was not asked with yet, where all of these were: the same request again is not paid for, and answered the same. */
export function freshSeed({ seed, n, temperature }: AskDraft, earlier: readonly Pick<Asked, 'seed' | 'temperature' | 'continuations'>[]): number | null {
  const used = new Set(earlier.filter((asked) => asked.temperature === temperature).flatMap((asked) => asked.continuations.map(({ index }) => asked.seed + index)))
  const wanted = Array.from({ length: n }, (_, index) => seed + index)
  return wanted.every((one) => used.has(one)) ? Math.max(...used) + 1 : null
}

/** It would pass the limit: it is stopped before it does. */
export const isOverBudget = ({ cost }: AskEstimate, { mostCost }: Pick<AskDraft, 'mostCost'>): boolean => cost !== null && mostCost !== null && cost > mostCost

/** Whether a continuation may take the place of the step; keys of `text.asking.refusals` where not. */
export type Refusal = Unacceptable | 'changed' | 'accepted'

export function refusalOf(continuation: Continuation, asked: { readonly isCurrent: boolean; readonly isAccepted: boolean }): Refusal | null {
  const never = unacceptable(continuation)
  if (never === 'failed') return never
  if (asked.isAccepted) return 'accepted'
  return never ?? (asked.isCurrent ? null : 'changed')
}

/** What accepting one of these has stored, as far as it is in force: of a pair that is stored more than once, what this asking stored. */
export function storedOf(asked: { readonly id: string } | null, preferences: readonly ListedPreference[]): ListedPreference | null {
  for (const { again, ...first } of preferences) {
    const all = [first, ...again]
    const own = all.find(({ provenance }) => provenance.asked === asked?.id)
    if (own) return { ...first, ...own, again: all.filter((one) => one !== own) }
  }
  return null
}

export const isHalfRead = ({ end }: Pick<Continuation, 'end'>): boolean => end === 'length' || end === 'context'

const NAME = 'retort-asking'
type Memory = Pick<Storage, 'getItem' | 'setItem'>

export const keepAskDraft = (memory: Memory, draft: AskDraft): void => memory.setItem(NAME, JSON.stringify(draft))

/** As it was left, or as out of the box. */
export function keptAskDraft(memory: Memory): AskDraft {
  try {
    return askDraftSchema.safeParse(JSON.parse(memory.getItem(NAME) ?? 'null')).data ?? ASK_DRAFT
  } catch {
    return ASK_DRAFT
  }
}
