// What a student thinks of given tokens: the negative log-probability of each, by llama.cpp.
import type { ControlledEvaluateInputItem, LlamaContext, Token } from 'node-llama-cpp'
import type { TeacherRow } from '../../core/ports/index.ts'
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
    options?: { targets?: ReadonlySet<number>; signal?: AbortSignal | undefined },
  ): Promise<Float64Array>
  /**
   * The k most probable tokens before each of the targets, most probable first, with their log-probabilities; and of the tokens
   * in `own` the log-probability that the sequence's own token has there.
   */
  top(
    ids: readonly number[],
    options: { targets: ReadonlySet<number>; own?: ReadonlySet<number>; k: number; signal?: AbortSignal | undefined },
  ): Promise<{ rows: Map<number, TeacherRow>; own: Map<number, number> }>
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

  /** Runs the sequence; `take` gets what llama.cpp says of ids[token] from what stands before it, where `ask` wants it. */
  async function evaluate(ids: readonly number[], { ask, take, signal }: Evaluation): Promise<void> {
    assertFits(ids.length, context, input.student)
    await sequence.clearHistory()
    for (let from = 0; from < ids.length; from += CHUNK) {
      signal?.throwIfAborted()
      const to = Math.min(ids.length, from + CHUNK)
      const items = ids.slice(from, to).map((id, i): ControlledEvaluateInputItem => {
        const next = from + i + 1 < ids.length ? ask(from + i + 1) : null
        return next ? [asToken(id), { generateNext: next }] : asToken(id)
      })
      const results = await sequence.controlledEvaluate(items)
      for (let i = 0; i < items.length; i++) {
        const result = results[i]?.next
        if (result === undefined) continue
        const { logits, totalLogitWeight: total } = result
        if (logits === undefined || total === undefined) throw new Error(`llama.cpp gave no logits for token ${from + i} of ${ids.length}`)
        take(from + i + 1, { logits, logTotal: Math.max(...logits.values()) + Math.log(total) })
      }
    }
  }

  return {
    context: context.contextSize,
    async score(ids, { targets, signal } = {}) {
      const nll = new Float64Array(ids.length)
      await evaluate(ids, {
        ask: (token) => (targets === undefined || targets.has(token) ? wants(ids[token] as number) : null),
        take: (token, { logits, logTotal }) => {
          const own = logits.get(asToken(ids[token] as number))
          if (own === undefined) throw new Error(`llama.cpp gave no logit for token ${token} of ${ids.length}`)
          nll[token] = logTotal - own
        },
        signal,
      })
      return nll
    },
    async top(ids, { targets, own: wanted, k, signal }) {
      const rows = new Map<number, TeacherRow>()
      const own = new Map<number, number>()
      const idOf = (token: number): number => ids[token] as number
      await evaluate(ids, {
        ask: (token) => (targets.has(token) ? wantsTop(k, wanted?.has(token) ? [idOf(token)] : []) : wanted?.has(token) ? wants(idOf(token)) : null),
        take: (token, { logits, logTotal }) => {
          const logit = logits.get(asToken(idOf(token)))
          if (wanted?.has(token) && logit !== undefined) own.set(token, logit - logTotal)
          if (!targets.has(token)) return
          const best = [...logits].sort((a, b) => b[1] - a[1]).slice(0, k)
          rows.set(token, { ids: best.map(([id]) => id), logProbs: best.map(([, logit]) => logit - logTotal) })
        },
        signal,
      })
      return { rows, own }
    },
    dispose: () => context.dispose(),
  }
}

type Evaluation = {
  readonly ask: (token: number) => ReturnType<typeof wants | typeof wantsTop> | null
  readonly take: (token: number, told: { readonly logits: ReadonlyMap<Token, number>; readonly logTotal: number }) => void
  readonly signal: AbortSignal | undefined
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

/** The k largest logits, and those of `also`. The selected one is the largest at temperature 0, so that the sum's reference is always there. */
const wantsTop = (k: number, also: readonly number[]) => ({
  logits: { filter: { tokens: also.map(asToken), includeSelected: true, includeTop: k } },
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
