// How undecided a teacher is about what the agent wrote.
import type { MaskedExample, TokenKind } from '../../../shared/records/example.ts'
import type { TeacherDistributions, TeacherRow } from '../../ports/index.ts'

/** Nats. What a row does not name counts as one outcome, so that the whole distribution's entropy is at least this. */
export function entropyOf({ logProbs }: TeacherRow): number {
  let [entropy, named] = [0, 0]
  for (let i = 0; i < logProbs.length; i++) {
    const probability = Math.exp(logProbs[i] as number)
    named += probability
    entropy -= probability * (logProbs[i] as number)
  }
  const tail = 1 - named
  return tail > 0 ? entropy - tail * Math.log(tail) : entropy
}

const AGENT: ReadonlySet<TokenKind> = new Set(['reason', 'act', 'final', 'end'])

/** Mean over the agent's tokens of a trajectory that have a distribution, each once; null: none has. */
export function meanTeacherEntropy(examples: readonly MaskedExample[], teacher: Pick<TeacherDistributions, 'row'>): number | null {
  let [sum, tokens] = [0, 0]
  for (const { id, kinds, own } of examples) {
    for (let token = Math.max(1, own); token < kinds.length; token++) {
      const row = AGENT.has(kinds[token] as TokenKind) ? teacher.row(id, token) : null
      if (!row) continue
      sum += entropyOf(row)
      tokens += 1
    }
  }
  return tokens === 0 ? null : sum / tokens
}
