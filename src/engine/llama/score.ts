// What a student thinks of given tokens: the negative log-probability of each, by llama.cpp.
import type { ControlledEvaluateInputItem, LlamaContext } from 'node-llama-cpp'
import { RetortError } from '../../shared/errors.ts'
import { type AdapterChoice, createContext } from './context.ts'
import type { Student } from './student.ts'
import { asToken } from './vocabulary.ts'

export type Scorer = {
  /** Longest sequence that fits. */
  readonly context: number
  /**
   * nll[t] = -ln p(ids[t] | ids[0..t)), in nats; nll[0] = 0. With `targets`, only those positions are computed (the others
   * are 0): a token that is not a target costs its share of the prompt and no pass over the vocabulary.
   */
  score(
    ids: readonly number[],
    options?: { targets?: ReadonlySet<number>; signal?: AbortSignal },
  ): Promise<Float64Array>
  dispose(): Promise<void>
}

/**
 * F32 keys and values, no flash attention. On quantised students llama.cpp's CPU kernels round the inputs of each product
 * to 8 bits, so figures agree with another implementation only on F32 files. The sum over the vocabulary is taken in float32
 * by node-llama-cpp, which costs up to 3e-4 nats (measured against golden/smollm2/adapter_logprobs.json, 49k tokens).
 */
export async function openScorer(input: {
  student: Student
  adapter?: AdapterChoice
  context: number
  threads?: number
  signal?: AbortSignal
}): Promise<Scorer> {
  const context = await createContext({ ...input, size: input.context, precision: 'exact' })
  const sequence = context.getSequence()
  const scorer: Scorer = {
    context: context.contextSize,
    async score(ids, { targets, signal } = {}) {
      assertFits(ids.length, context, input.student)
      await sequence.clearHistory()
      const nll = new Float64Array(ids.length)
      for (let from = 0; from < ids.length; from += CHUNK) {
        signal?.throwIfAborted()
        const to = Math.min(ids.length, from + CHUNK)
        const items = ids.slice(from, to).map((id, i): ControlledEvaluateInputItem => {
          const next = ids[from + i + 1]
          const wanted = next !== undefined && (targets === undefined || targets.has(from + i + 1))
          return wanted ? [asToken(id), { generateNext: wants(next) }] : asToken(id)
        })
        const results = await sequence.controlledEvaluate(items)
        for (let i = 0; i < items.length; i++) {
          const result = results[i]?.next
          if (result === undefined) continue
          const next = ids[from + i + 1]!
          const own = result.logits?.get(asToken(next))
          const total = result.totalLogitWeight
          if (own === undefined || total === undefined || result.logits === undefined) {
            throw new Error(`llama.cpp gave no logits for token ${from + i} of ${ids.length}`)
          }
          nll[from + i + 1] = Math.max(...result.logits.values()) + Math.log(total) - own
        }
      }
      return nll
    },
    dispose: () => context.dispose(),
  }
  return scorer
}

/** Tokens between two looks at the abort signal; one batch of llama.cpp. */
const CHUNK = 512

/**
 * The token's own logit, the largest one, and the sum of exp(logit - largest). At temperature 0 the selected token is that
 * with the largest logit; node-llama-cpp 3.22.1's `includeMax` adds nothing unless that token is already in the list.
 */
const wants = (next: number) => ({
  logits: { filter: { tokens: [asToken(next)], includeSelected: true } },
  totalLogitWeight: true,
  options: { temperature: 0 },
})

function assertFits(tokens: number, context: LlamaContext, student: Student): void {
  if (tokens <= context.contextSize) return
  throw new RetortError({
    code: 'too-long',
    message: 'The sequence does not fit into the context it is scored in',
    found: `${tokens} tokens`,
    expected: `at most ${context.contextSize}`,
    where: student.path,
  })
}
