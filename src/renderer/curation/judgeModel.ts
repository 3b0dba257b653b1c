// What a judge may cost as the form holds it, what the contract takes of it, and what a curation's judge came to: pure.
import { z } from 'zod'
import type { Api } from '../../shared/contract/api.ts'
import type { JudgeEstimate } from '../../shared/contract/curating.ts'
import { costText } from '../../shared/cost.ts'
import type { Judging } from '../../shared/records/curation.ts'
import type { Usage } from '../../shared/records/rollout.ts'
import { countText } from '../components/numbers.ts'

type Asked = NonNullable<Parameters<Api['curation']['start']>[0]['judge']>

export const judgeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('local'), path: z.string() }),
  z.object({ type: z.literal('endpoint'), provider: z.string(), model: z.string(), concurrency: z.int() }),
])
export type ChosenJudge = z.infer<typeof judgeSchema>

const amount = z.number().nullable()
/** null: not known, or no limit. */
export const termsSchema = z.object({ priceRead: amount, priceWritten: amount, mostCost: amount, mostTokens: amount })
export type JudgeTerms = z.infer<typeof termsSchema>
export const NO_TERMS: JudgeTerms = { priceRead: null, priceWritten: null, mostCost: null, mostTokens: null }

/** Keys of `text.teacher.problems`; null: it can be asked. A file of this machine has no price. */
export function termsProblem(judge: ChosenJudge | null, { priceRead, priceWritten, mostCost }: JudgeTerms): 'half-prices' | 'no-prices' | null {
  if (judge?.type !== 'endpoint') return null
  if ((priceRead === null) !== (priceWritten === null)) return 'half-prices'
  return mostCost !== null && priceRead === null ? 'no-prices' : null
}

export function askedJudge(judge: ChosenJudge | null, { priceRead, priceWritten, mostCost, mostTokens }: JudgeTerms): Asked | null {
  if (judge?.type !== 'endpoint') return judge
  const prices = priceRead !== null && priceWritten !== null ? { input: priceRead, output: priceWritten } : null
  return { ...judge, prices, budget: { cost: mostCost, tokens: mostTokens } }
}

/** It would pass a limit: it stops there. What earlier curations spent of it is not known before it is asked. */
export const isOver = ({ cost, promptTokens, tokens }: JudgeEstimate, { mostCost, mostTokens }: JudgeTerms): boolean =>
  (cost !== null && mostCost !== null && cost > mostCost) || (mostTokens !== null && promptTokens + tokens > mostTokens)

/** Numbers as words take them; `cost` null: prices are not known, or it is a file of this machine. */
export type Spent = { readonly requests: number; readonly read: string; readonly written: string; readonly cost: string | null; readonly replayed: number; readonly assumed: number }

export const spentOf = ({ requests, promptTokens, tokens, cost, replayed, assumed }: Usage): Spent => ({
  requests, read: countText(promptTokens), written: countText(tokens), cost: cost === null || (cost === 0 && requests > 0) ? null : costText(cost), replayed, assumed,
})

/** Of all curations with this judge, where there were others, or a limit that they count for; `limits` null: none. */
export function standingOf({ usage, total, budget }: Judging): { readonly tokens: string; readonly cost: string | null; readonly mostTokens: string | null; readonly mostCost: string | null } | null {
  if (total.requests === usage.requests && budget.cost === null && budget.tokens === null) return null
  return {
    tokens: countText(total.promptTokens + total.tokens),
    cost: total.cost === null || total.cost === 0 ? null : costText(total.cost),
    mostTokens: budget.tokens === null ? null : countText(budget.tokens),
    mostCost: budget.cost === null ? null : costText(budget.cost),
  }
}
