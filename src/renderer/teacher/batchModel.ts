// What is shown of batches of a teacher's episodes, and what a form comes to.
import type { RolloutEstimate, RolloutJob, RolloutProgress, RolloutRow } from '../../shared/contract/rollouts.ts'
import type { ProviderRow } from '../../shared/contract/routes/chat.ts'
import type { Model } from '../../shared/contract/routes/models.ts'
import type { WantedRollouts } from '../../shared/contract/routes/rollouts.ts'
import { agentStyleSchema } from '../../shared/records/episode.ts'
import { type Budget, ROLLOUT_FORMAT, type RolloutBatch, type RolloutTeacher } from '../../shared/records/rollout.ts'
import { suiteNameSchema } from '../../shared/records/suite.ts'
import { z } from 'zod'
import { raisedBudget, type Spending, TEACHING, teachingDraftSchema, teachingOf, type TeachingProblem, teachingProblems } from './teachingModel.ts'

const amount = z.number().nullable()

/** All that the form holds. What may be left open is null: the suite's own, or no limit. */
export const batchDraftSchema = teachingDraftSchema.extend({
  suite: suiteNameSchema,
  /** Kinds of tasks; empty: all. */
  only: z.array(z.string()),
  tasks: z.int(),
  first: z.int(),
  seed: z.int(),
  perTask: z.int(),
  style: agentStyleSchema.nullable(),
  temperature: z.number(),
  topP: z.number(),
  logprobs: z.int(),
  steps: amount,
  turnTokens: amount,
  repeats: amount.default(null),
})
export type BatchDraft = z.infer<typeof batchDraftSchema>

export const DRAFT: BatchDraft = {
  ...TEACHING, suite: 'arith', only: [], tasks: 20, first: 0, seed: 0, perTask: 1,
  style: null, temperature: 0, topP: 1, logprobs: 0, steps: null, turnTokens: null, repeats: null,
}

/** What keeps a batch from being begun, or is worth a word; keys of `text.teacher.problems`. */
export type DraftProblem = TeachingProblem | 'one-repeat' | 'same-episodes'

/** Those that stop, then those that only warn. */
export function problemsOf(draft: BatchDraft): { readonly stops: readonly DraftProblem[]; readonly warns: readonly DraftProblem[] } {
  const { kind, perTask, temperature, repeats } = draft
  return { stops: [...teachingProblems(draft), ...(repeats === 1 ? ['one-repeat' as const] : [])], warns: kind !== 'expert' && perTask > 1 && temperature === 0 ? ['same-episodes'] : [] }
}

/** As the contract takes it. A script has no first thought and no log-probabilities. */
export function wantedOf(draft: BatchDraft): WantedRollouts {
  const { kind, suite, only, tasks, first, seed, perTask, style, temperature, topP, logprobs, steps, turnTokens, repeats } = draft
  const { firstThought, ...teaching } = teachingOf(draft)
  return {
    suite, tasks, first, seed, perTask, ...teaching,
    ...(only.length > 0 && { families: [...only] }),
    ...(style !== null && { style }),
    ...(steps !== null && { steps }),
    ...(turnTokens !== null && { turnTokens }),
    ...(repeats !== null && { repeats }),
    ...(kind === 'expert' ? {} : { temperature, topP, logprobs, firstThought }),
  }
}

/** GGUF files that can talk. */
export const speakingModels = (models: readonly Model[]): Model[] =>
  models.filter(({ broken, chatTemplate }) => broken === null && chatTemplate).sort((a, b) => b.parameters - a.parameters)

/** An endpoint on this machine needs no key as a rule; anywhere else one without a key is worth a word. */
export function missesKey({ keySource, baseUrl }: Pick<ProviderRow, 'keySource' | 'baseUrl'>): boolean {
  const { hostname } = new URL(baseUrl)
  return keySource === 'none' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}

/** Where the endpoint has said what it offers. */
export const isUnlisted = ({ models }: Pick<ProviderRow, 'models'>, model: string): boolean => models.length > 0 && model.trim() !== '' && !models.includes(model.trim())

/** What an estimate passes of the budget; keys of `text.teacher.over`. */
export function overBudget({ cost, promptTokens, tokens }: RolloutEstimate, budget: Budget): 'cost' | 'tokens' | null {
  if (cost !== null && budget.cost !== null && cost > budget.cost) return 'cost'
  return budget.tokens !== null && promptTokens + tokens > budget.tokens ? 'tokens' : null
}

/** Figures that a running batch and a past one have in common. */
export type Tallies = Pick<RolloutRow, 'done' | 'total' | 'kept' | 'duplicates' | 'rejected' | 'rejections' | 'usage' | 'coverage' | 'firstThoughts' | 'lost'>

/** How far each limit is used up, from what is paid and what is open at its most. */
export type Meter = { readonly kind: 'cost' | 'tokens'; readonly spent: number; readonly reserved: number; readonly limit: number | null }

/** More was spent than it allows. */
export const isPassed = ({ spent, limit }: Meter): boolean => limit !== null && spent > limit

type Metered = { readonly teacher: RolloutTeacher['type']; readonly budget: Budget; readonly reserved: RolloutProgress['reserved'] | null }

/** Cost where prices are known, then tokens; none of a script, which has neither. */
export function metersOf({ usage }: { readonly usage: Spending['usage'] }, { teacher, budget, reserved }: Metered): Meter[] {
  if (teacher === 'expert') return []
  const cost: Meter[] = usage.cost === null || teacher !== 'endpoint' ? [] : [{ kind: 'cost', spent: usage.cost, reserved: reserved?.cost ?? 0, limit: budget.cost }]
  return [...cost, { kind: 'tokens', spent: usage.promptTokens + usage.tokens, reserved: reserved?.tokens ?? 0, limit: budget.tokens }]
}

/** The address of the list with what teachers like this one made of tasks like these; a file's name stands in no source. */
export function trajectoriesOf({ teacher, batch: { settings } }: Pick<RolloutRow, 'teacher' | 'batch'>): { format: string; file?: string } {
  const { suite, seed } = settings
  return { format: ROLLOUT_FORMAT, ...(settings.teacher.type === 'local' ? {} : { file: `${teacher} | ${suite}/train/${seed}` }) }
}

/** What the job says of a batch now; null: it is another one's, or none runs. */
export const progressOf = (job: RolloutJob | null, batch: string): RolloutProgress | null =>
  job?.state.type === 'running' && job.state.progress?.batch === batch ? job.state.progress : null

/** The batch that a job makes, or has made; null: not known yet. */
export function batchOfJob(job: RolloutJob | null): string | null {
  if (job?.state.type === 'running') return job.state.progress?.batch ?? null
  return job?.state.type === 'done' ? job.state.report.batch : null
}

/** A row as its job has it now. */
export function liveRow(row: RolloutRow, job: RolloutJob | null): RolloutRow {
  const now = progressOf(job, row.batch.id)
  if (!now) return row
  const { done, total, kept, duplicates, rejected, rejections, usage, coverage, firstThoughts, lost } = now
  return { ...row, done, total, kept, duplicates, rejected, rejections, usage, coverage, firstThoughts, lost, state: 'running' }
}

/** Seconds to the end at the rate of this start; null: too little is known. */
export const etaOf = ({ done, total }: Tallies, { seconds, before }: { seconds: number; before: number }): number | null =>
  done - before >= 2 ? (seconds / (done - before)) * (total - done) : null

/** With a larger limit where one was reached. */
export function spendingOf({ state, usage, done, total, rejections, batch: { budget, prices, settings } }: Pick<RolloutRow, 'state' | 'usage' | 'done' | 'total' | 'rejections' | 'batch'>): Spending {
  const failed = rejections.find(({ reason }) => reason === 'model-failed')?.count ?? 0
  const reached = state === 'budget'
  return { teacher: settings.teacher.type, prices, budget, usage, reached, proposed: reached ? raisedBudget(budget, usage, { done: done - failed, total }) : budget }
}

export const canGoOn = ({ state }: Pick<RolloutRow, 'state'>): boolean => state !== 'running' && state !== 'finished'

/** The form of a batch as it was begun, to begin another like it. */
export function draftOf({ settings, prices, budget, traffic }: RolloutBatch): BatchDraft {
  const { suite, families: only = [], tasks, first, seed, perTask, style, temperature, topP, firstThought, logprobs, limits, teacher } = settings
  return {
    ...DRAFT, ...teacherFields(teacher), suite, only, tasks, first: first + tasks, seed, perTask, style, temperature, topP, logprobs,
    thought: typeof firstThought === 'string' ? firstThought : 'families',
    families: typeof firstThought === 'string' ? [] : firstThought,
    steps: limits.steps, turnTokens: limits.turnTokens, repeats: limits.repeats ?? 0,
    priceRead: prices?.input ?? null, priceWritten: prices?.output ?? null, mostCost: budget.cost, mostTokens: budget.tokens,
    ...traffic,
  }
}

function teacherFields(teacher: RolloutTeacher): Partial<BatchDraft> {
  switch (teacher.type) {
    case 'expert':
      return { kind: 'expert', ...teacher.settings }
    case 'endpoint':
      return { kind: 'endpoint', provider: teacher.provider ?? '', model: teacher.model }
    case 'local':
      return { kind: 'local', path: teacher.path }
  }
}
