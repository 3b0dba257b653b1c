// Held-out evaluation: mean nll by kind and part over agent and environment tokens.
import type { Heldout } from '../../../shared/contract/training.ts'
import type { MaskedExample, TokenKind, TokenPart } from '../../../shared/records/example.ts'
import { createTally } from '../training/index.ts'
import { scoreExamples, type ScoreInput } from './scoreExamples.ts'

const AGENT_KINDS: ReadonlySet<TokenKind> = new Set(['reason', 'act', 'final', 'end'])
/** Kinds whose losses are reported: the agent's, and the environment's for reference. */
const REPORTED: ReadonlySet<TokenKind> = new Set([...AGENT_KINDS, 'observe'])

/** The figures of a run's held-out side, each token once, whatever its recipe trains; null when it was stopped. */
export async function evaluateHeldout(
  input: Omit<ScoreInput, 'wanted' | 'onScore'>,
): Promise<Heldout | null> {
  const agent = createTally<'agent'>()
  const kinds = createTally<TokenKind>()
  const parts = createTally<TokenPart>()
  const complete = await scoreExamples({
    ...input,
    wanted: (kind) => REPORTED.has(kind),
    onScore: (score) => {
      const example = input.examples[score.example] as MaskedExample
      const kind = example.kinds[score.token] as TokenKind
      kinds.add(kind, score)
      if (!AGENT_KINDS.has(kind)) return
      agent.add('agent', score)
      parts.add(example.parts[score.token] as TokenPart, score)
    },
  })
  return complete ? { agent: agent.total(), byKind: kinds.byLabel(), byPart: parts.byLabel() } : null
}
