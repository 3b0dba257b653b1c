// Who teaches, how it begins and within which budget, as a form holds it: of a batch of episodes, and of a ladder.
import { z } from 'zod'
import type { WantedRollouts } from '../../shared/contract/routes/rollouts.ts'
import type { Budget, Prices, RolloutTeacher, Usage } from '../../shared/records/rollout.ts'
import { EXPERT_DEFAULTS } from '../../shared/records/suite.ts'

const amount = z.number().nullable()

/** What may be left open is null: no limit, or not known. */
export const teachingDraftSchema = z.object({
  kind: z.enum(['expert', 'endpoint', 'local']),
  provider: z.string(),
  model: z.string(),
  path: z.string(),
  /** Shares of the expert's episodes. */
  restate: z.number(),
  recovery: z.number(),
  stepwise: z.number(),
  thought: z.enum(['off', 'all', 'families']),
  /** Of the first thought. */
  families: z.array(z.string()),
  priceRead: amount,
  priceWritten: amount,
  mostCost: amount,
  mostTokens: amount,
  concurrency: z.int(),
  requestsPerMinute: amount,
  tokensPerMinute: amount,
  tries: z.int(),
  patience: z.number(),
})
export type TeachingDraft = z.infer<typeof teachingDraftSchema>

export const TEACHING: TeachingDraft = {
  kind: 'expert', provider: '', model: '', path: '', ...EXPERT_DEFAULTS, thought: 'off', families: [],
  priceRead: null, priceWritten: null, mostCost: null, mostTokens: null,
  concurrency: 4, requestsPerMinute: null, tokensPerMinute: null, tries: 6, patience: 120,
}

/** What keeps a teacher from being asked; keys of `text.teacher.problems`. */
export type TeachingProblem = 'no-provider' | 'no-model' | 'no-file' | 'no-families' | 'half-prices' | 'no-prices'

export function teachingProblems({ kind, provider, model, path, thought, families, priceRead, priceWritten, mostCost }: TeachingDraft): TeachingProblem[] {
  const endpoint = kind === 'endpoint'
  const rows: [TeachingProblem, boolean][] = [
    ['no-provider', endpoint && provider === ''],
    ['no-model', endpoint && provider !== '' && model.trim() === ''],
    ['no-file', kind === 'local' && path === ''],
    ['no-families', thought === 'families' && kind !== 'expert' && families.length === 0],
    ['half-prices', endpoint && (priceRead === null) !== (priceWritten === null)],
    ['no-prices', endpoint && mostCost !== null && priceRead === null && priceWritten === null],
  ]
  return rows.filter(([, is]) => is).map(([name]) => name)
}

function teacherOf({ kind, provider, model, path, restate, recovery, stepwise }: TeachingDraft): WantedRollouts['teacher'] {
  switch (kind) {
    case 'expert':
      return { type: 'expert', settings: { restate, recovery, stepwise } }
    case 'endpoint':
      return { type: 'endpoint', provider, model: model.trim() }
    case 'local':
      return { type: 'local', path }
  }
}

type Teaching = Pick<WantedRollouts, 'teacher' | 'prices' | 'budget' | 'traffic'> & Required<Pick<WantedRollouts, 'firstThought'>>

/** As the contract takes it. A script has no first thought; only an endpoint costs and is shared with others. */
export function teachingOf(draft: TeachingDraft): Teaching {
  const { kind, thought, families, priceRead, priceWritten, mostCost, mostTokens, concurrency, requestsPerMinute, tokensPerMinute, tries, patience } = draft
  const scripted = kind === 'expert'
  const paid = kind === 'endpoint'
  return {
    teacher: teacherOf(draft),
    firstThought: scripted ? 'off' : thought === 'families' ? [...families] : thought,
    prices: paid && priceRead !== null && priceWritten !== null ? { input: priceRead, output: priceWritten } : null,
    budget: { cost: paid ? mostCost : null, tokens: scripted ? null : mostTokens },
    traffic: kind === 'local' ? { concurrency: 1 } : paid ? { concurrency, requestsPerMinute, tokensPerMinute, tries, patience } : { concurrency },
  }
}

/** How far a budget is used. */
export type Spending = {
  readonly teacher: RolloutTeacher['type']
  readonly prices: Prices | null
  readonly budget: Budget
  readonly usage: Pick<Usage, 'cost' | 'promptTokens' | 'tokens'>
  /** It ended the work: to go on, it has to be larger. */
  readonly reached: boolean
  /** What is proposed to go on with. */
  readonly proposed: Budget
}

/** How far the work is that the budget is for. */
type Done = { readonly done: number; readonly total: number }

/** Of a budget that was reached: half as much again, or what the rest takes at the rate of what is done, with some room. */
export function raisedBudget(budget: Budget, usage: Spending['usage'], { done, total }: Done): Budget {
  const spent = { cost: usage.cost ?? 0, tokens: usage.promptTokens + usage.tokens }
  const used = (name: keyof Budget): number => (budget[name] === null ? -1 : spent[name] / budget[name])
  const reached = used('cost') >= used('tokens') ? 'cost' : 'tokens'
  const limit = budget[reached]
  return limit === null ? budget : { ...budget, [reached]: roundedUp(Math.max(1.5 * limit, (1.2 * spent[reached] * total) / Math.max(1, done))) }
}

/** To two digits, upwards. */
function roundedUp(amount: number): number {
  const step = 10 ** (Math.floor(Math.log10(amount)) - 1)
  return Number((Math.ceil(amount / step - 1e-9) * step).toPrecision(2))
}

/** Of a budget that is reached: a limit is higher, or gone. */
export const isRaised = (before: Budget, now: Budget): boolean =>
  (['cost', 'tokens'] as const).some((name) => before[name] !== null && (now[name] === null || now[name] > before[name]))
