// What the metrics of complexity go by: figures of a trajectory under a student's tokenizer.
import type { MaskedExample, TokenKind } from '../../../shared/records/example.ts'
import type { Method } from '../../../shared/records/plan.ts'
import type { Span } from '../../../shared/records/span.ts'
import type { Trajectory } from '../../../shared/records/trajectory.ts'

export type Facts = {
  readonly reasonTokens: number
  readonly actTokens: number
  /** Mean entropy of the teacher's distribution over supervised tokens, in nats; null: unknown. */
  readonly teacherEntropy: number | null
  /** Agent turns. */
  readonly steps: number
  /** Distinct tools that were called. */
  readonly tools: number
  /** Turn-macro NLL under the untrained student, in nats a token; null: not scored. */
  readonly loss: number | null
}

export type FactsInput = {
  readonly trajectory: Trajectory
  /** Spans of each turn, parallel to the turns. */
  readonly spans: readonly (readonly Span[])[]
  /** The trajectory as the student's tokens: one example, or one an agent turn. The recipe does not matter. */
  readonly examples: readonly MaskedExample[]
  readonly teacherEntropy?: number | null
  readonly loss?: number | null
}

export const factsOf = ({ trajectory, spans, examples, teacherEntropy = null, loss = null }: FactsInput): Facts => ({
  reasonTokens: tokensOf(examples, 'reason'),
  actTokens: tokensOf(examples, 'act'),
  teacherEntropy,
  steps: trajectory.turns.filter(({ role }) => role === 'agent').length,
  tools: toolsCalled(trajectory, spans).size,
  loss,
})

/** Each token once, though later examples of a trajectory hold earlier turns as context. */
const tokensOf = (examples: readonly MaskedExample[], kind: TokenKind): number =>
  examples.reduce((sum, { kinds, own }) => sum + kinds.filter((found, token) => token >= own && found === kind).length, 0)

/** Names of structured calls, and of commands in the text as far as they were parsed; a final answer is no tool. */
function toolsCalled({ turns }: Trajectory, spans: FactsInput['spans']): Set<string> {
  const structured = turns.flatMap(({ calls }) => calls.map(({ name }) => name))
  const written = spans.flatMap((list, turn) =>
    list.flatMap(({ kind, call }) => (kind === 'act' && call ? [turns[turn]!.text.slice(call.name.start, call.name.end)] : [])),
  )
  return new Set([...structured, ...written].filter((name) => name.trim() !== ''))
}

/** How the agent went about it; see `methodSchema`. */
export function methodOf({ trajectory, spans }: Pick<FactsInput, 'trajectory' | 'spans'>): Method {
  const all = spans.flat()
  const acts = all.some(({ kind }) => kind === 'act') || trajectory.turns.some(({ calls }) => calls.length > 0)
  if (!acts) return 'cot'
  return all.some(({ kind }) => kind === 'reason') ? 'react' : 'act'
}
