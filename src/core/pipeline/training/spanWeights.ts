// The learned weights of span kinds as a run keeps them: one scalar a kind, in a fixed order.
import { spanKindSchema, type SpanKind } from '../../../shared/records/span.ts'
import type { MaskedExample, TokenKind } from '../../../shared/records/example.ts'
import { spanWeight, updatedSpanWeight } from '../../nn/index.ts'

/** s of each kind, in the order of `spanKindSchema`. */
export type SpanWeights = Float32Array
const KINDS = spanKindSchema.options

/** All weights 1. */
export const plainSpanWeights = (): SpanWeights => new Float32Array(KINDS.length)

export const scalarOf = (weights: SpanWeights, kind: SpanKind): number => weights[KINDS.indexOf(kind)] as number

/** The kind that a token's weight is learned for: the token that ends a turn counts to the turn's last span. */
export function learnedKind({ kinds }: MaskedExample, token: number): SpanKind {
  for (let at = token; at >= 0; at--) {
    const kind = kinds[at] as TokenKind
    if (kind !== 'end') return kind
  }
  return 'context'
}

/** Changes the scalars of the kinds that the step had, in place. */
export function learnSpanWeights(weights: SpanWeights, step: { readonly meanByKind: ReadonlyMap<SpanKind, number>; readonly lr: number }): void {
  for (const [kind, meanLoss] of step.meanByKind)
    weights[KINDS.indexOf(kind)] = updatedSpanWeight(scalarOf(weights, kind), { meanLoss, lr: step.lr })
}

/** exp(-s) of the kinds an agent writes. */
export const shownSpanWeights = (weights: SpanWeights): Partial<Record<SpanKind, number>> =>
  Object.fromEntries((['reason', 'act', 'final'] as const).map((kind) => [kind, spanWeight(scalarOf(weights, kind))]))
