// Held-out evaluation in the trainer's own runtime: mean nll by kind and part over agent and environment tokens.
import { scoringGraph, type LoraConfig, type ModelConfig } from '../../core/nn/index.ts'
import { createTally, makeBatch, packPasses } from '../../core/pipeline/training/index.ts'
import type { FedTensor, GraphRuntime } from '../../core/ports/index.ts'
import type { Heldout } from '../../shared/contract/training.ts'
import type { MaskedExample, TokenKind, TokenPart } from '../../shared/records/example.ts'

export type TokenScore = { readonly example: number; readonly token: number; readonly nll: number; readonly correct: number }

export type ScoreInput = {
  readonly runtime: GraphRuntime
  readonly config: ModelConfig
  /** null: the student as it is. */
  readonly adapter: { readonly lora: LoraConfig; readonly feeds: ReadonlyMap<string, FedTensor> } | null
  readonly examples: readonly MaskedExample[]
  readonly wanted: (kind: TokenKind) => boolean
  /** Tokens of one pass. */
  readonly passTokens: number
  readonly onScore: (score: TokenScore) => void
  /** Called after each pass; may wait. Returning 'stop' ends the scoring. */
  readonly onProgress: (done: number, total: number) => Promise<'go' | 'stop'>
}

/** Scores every wanted token of the examples. Resolves to false when it was stopped. */
export async function scoreExamples(input: ScoreInput): Promise<boolean> {
  const { examples, config, adapter, wanted } = input
  const scored = examples.flatMap((example, index) => (example.kinds.some((kind, t) => t > 0 && wanted(kind)) ? [index] : []))
  const passes = packPasses(scored, examples.map((example) => example.ids.length), input.passTokens)
  const graph = await input.runtime.compile('score', scoringGraph(config, adapter?.lora ?? null))
  try {
    let done = 0
    for (const pass of passes) {
      if ((await input.onProgress(done, scored.length)) === 'stop') return false
      const sequences = pass.map((index) => examples[index] as MaskedExample)
      const { feeds, targets } = makeBatch({
        config,
        sequences,
        weightOf: ({ sequence, token }) => (wanted((sequences[sequence] as MaskedExample).kinds[token] as TokenKind) ? 1 : null),
      })
      const results = await graph.run(new Map([...feeds, ...(adapter?.feeds ?? [])]))
      const nll = results.get('nll') as Float32Array
      const correct = results.get('correct') as Float32Array
      targets.forEach(({ sequence, token }, row) =>
        input.onScore({ example: pass[sequence] as number, token, nll: nll[row] as number, correct: correct[row] as number }),
      )
      done += pass.length
    }
    return (await input.onProgress(done, scored.length)) === 'go'
  } finally {
    await graph.dispose()
  }
}

const AGENT_KINDS: ReadonlySet<TokenKind> = new Set(['reason', 'act', 'final', 'end'])
/** Kinds whose losses are reported: the agent's, and the environment's for reference. */
const REPORTED: ReadonlySet<TokenKind> = new Set([...AGENT_KINDS, 'observe'])

/** The figures of a run's held-out side, whatever its recipe trains; null when it was stopped. */
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
