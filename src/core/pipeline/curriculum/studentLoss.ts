// The student's own loss on trajectories: turn-macro NLL, as SmartAD chooses among samples by.
import type { MaskedExample, TokenKind } from '../../../shared/records/example.ts'

/** Port: scores every token of those kinds that its example owns; `nll` in nats, `example` and `token` are indices. */
export type ScoreTokens = (job: {
  readonly examples: readonly MaskedExample[]
  readonly kinds: ReadonlySet<TokenKind>
  readonly onScore: (score: { readonly example: number; readonly token: number; readonly nll: number }) => void
}) => Promise<void>

const AGENT: ReadonlySet<TokenKind> = new Set(['reason', 'act', 'final', 'end'])

/** By trajectory id: the mean over agent turns of each turn's mean NLL, so that long turns do not drown short ones. */
export async function turnMacroNll(examples: readonly MaskedExample[], score: ScoreTokens): Promise<Map<string, number>> {
  const turns = new Map<string, Map<number, { nll: number; tokens: number }>>()
  await score({
    examples,
    kinds: AGENT,
    onScore({ example, token, nll }) {
      const { trajectoryId, steps } = examples[example]!
      const own = turns.get(trajectoryId) ?? new Map<number, { nll: number; tokens: number }>()
      turns.set(trajectoryId, own)
      const sum = own.get(steps[token]!) ?? { nll: 0, tokens: 0 }
      own.set(steps[token]!, { nll: sum.nll + nll, tokens: sum.tokens + 1 })
    },
  })
  return new Map(
    [...turns].map(([id, own]) => {
      const means = [...own.values()].map(({ nll, tokens }) => nll / tokens)
      return [id, means.reduce((sum, mean) => sum + mean, 0) / means.length]
    }),
  )
}
