// Held-out evaluation: mean nll by kind and part over agent and environment tokens.
import type { Heldout } from '../../../shared/contract/metrics.ts'
import type { MaskedExample, TokenKind, TokenPart } from '../../../shared/records/example.ts'
import { createTally } from '../training/index.ts'
import { createRandom, shuffled } from '../../random.ts'
import { scoreExamples, type ScoreInput, type TokenScore } from './scoreExamples.ts'

const AGENT_KINDS: ReadonlySet<TokenKind> = new Set(['reason', 'act', 'final', 'end'])
/** Kinds whose losses are reported: the agent's, and the environment's for reference. */
const REPORTED: ReadonlySet<TokenKind> = new Set([...AGENT_KINDS, 'observe'])

/** The figures of a run's held-out side, each token once, whatever its recipe trains; null when it was stopped. */
export async function evaluateHeldout(input: HeldoutInput): Promise<Heldout | null> {
  return (await evaluateHeldoutParts(input, null))?.whole ?? null
}

type HeldoutInput = Omit<ScoreInput, 'wanted' | 'onScore'>

/** The same, and beside it the figures of those examples alone whose indices are in `part`, from the same passes. */
export async function evaluateHeldoutParts(
  input: HeldoutInput,
  part: ReadonlySet<number> | null,
): Promise<{ whole: Heldout; part: Heldout } | null> {
  const [whole, some] = [createFigures(), createFigures()]
  const complete = await scoreExamples({
    ...input,
    wanted: (kind) => REPORTED.has(kind),
    onScore: (score) => {
      const example = input.examples[score.example] as MaskedExample
      whole.add(example, score)
      if (part?.has(score.example)) some.add(example, score)
    },
  })
  return complete ? { whole: whole.result(), part: (part ? some : whole).result() } : null
}

function createFigures(): { add(example: MaskedExample, score: TokenScore): void; result(): Heldout } {
  const agent = createTally<'agent'>()
  const kinds = createTally<TokenKind>()
  const parts = createTally<TokenPart>()
  return {
    add(example, score) {
      const kind = example.kinds[score.token] as TokenKind
      kinds.add(kind, score)
      if (!AGENT_KINDS.has(kind)) return
      agent.add('agent', score)
      parts.add(example.parts[score.token] as TokenPart, score)
    },
    result: () => ({ agent: agent.total(), byKind: kinds.byLabel(), byPart: parts.byLabel() }),
  }
}

/**
 * Indices of the examples that evaluations while training take: drawn without regard to their length until `most` tokens
 * are reached, never more than that unless the first alone has more. null: all of them, as with `most` 0.
 */
export function heldoutPart(lengths: readonly number[], { most, seed }: { most: number; seed: number }): ReadonlySet<number> | null {
  const all = lengths.reduce((sum, length) => sum + length, 0)
  if (most === 0 || all <= most) return null
  const part = new Set<number>()
  let tokens = 0
  for (const index of shuffled(lengths.map((_, i) => i), createRandom(seed))) {
    tokens += lengths[index] as number
    if (tokens > most && part.size > 0) break
    part.add(index)
  }
  return part
}
