// What a judge would take for questions that it is not asked: likely, and at most.
import type { JudgeEstimate } from '../../shared/contract/curating.ts'
import type { Prices } from '../../shared/records/rollout.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { costOf, mostOf } from '../teaching/index.ts'

/** Of English text, by the tokenizers of current models. */
const CHARACTERS_PER_TOKEN = 4
/** A line of JSON with a short reason, or with a label for each of a dozen steps. */
const ANSWER_TOKENS = 60

/** `maxTokens`: of an answer. */
export function createReckoning(prices: Prices | null, maxTokens: number): { add: (turns: readonly Turn[]) => void; sum: () => Omit<JudgeEstimate, 'known'> } {
  let requests = 0
  const likely = { promptTokens: 0, tokens: 0 }
  const most = { promptTokens: 0, tokens: 0 }
  return {
    add(turns) {
      requests += 1
      likely.promptTokens += Math.ceil(turns.reduce((sum, { text }) => sum + text.length, 0) / CHARACTERS_PER_TOKEN)
      likely.tokens += Math.min(maxTokens, ANSWER_TOKENS)
      const bound = mostOf(turns, { tools: [], maxTokens })
      most.promptTokens += bound.promptTokens
      most.tokens += bound.tokens
    },
    sum: () => ({
      requests, ...likely,
      cost: costOf(likely, prices),
      most: { tokens: most.promptTokens + most.tokens, cost: costOf(most, prices) },
      basis: `the transcripts that the filters before it leave, at ${CHARACTERS_PER_TOKEN} characters a token, and answers of ${ANSWER_TOKENS} tokens; length and capacity are not asked here, and may leave fewer`,
    }),
  }
}
