// Scores tokens of masked examples with the forward graph: the negative log-likelihood of each, and whether it came first.
import { scoringGraph, type LoraConfig, type ModelConfig } from '../../nn/index.ts'
import { makeBatch, packPasses } from '../training/index.ts'
import type { FedTensor, GraphRuntime } from '../../ports/index.ts'
import type { MaskedExample, TokenKind } from '../../../shared/records/example.ts'

export type TokenScore = { readonly example: number; readonly token: number; readonly nll: number; readonly correct: number }

export type ScoreInput = {
  readonly runtime: GraphRuntime
  readonly config: ModelConfig
  /** null: the student as it is. */
  readonly adapter: { readonly lora: LoraConfig; readonly feeds: ReadonlyMap<string, FedTensor> } | null
  readonly examples: readonly MaskedExample[]
  /** Kinds to score. Tokens that an earlier example of the trajectory holds are never scored again. */
  readonly wanted: (kind: TokenKind) => boolean
  /** Tokens of one pass. */
  readonly passTokens: number
  readonly onScore: (score: TokenScore) => void
  /** Called after each pass; may wait. Returning 'stop' ends the scoring. */
  readonly onProgress: (done: number, total: number) => Promise<'go' | 'stop'>
}

/** Scores every wanted token that its example owns. Resolves to false when it was stopped. */
export async function scoreExamples(input: ScoreInput): Promise<boolean> {
  const { examples, config, adapter, wanted } = input
  const scores = ({ kinds, own }: MaskedExample, token: number): boolean =>
    token >= Math.max(own, 1) && wanted(kinds[token] as TokenKind)
  const scored = examples.flatMap((example, index) => (example.kinds.some((_, token) => scores(example, token)) ? [index] : []))
  const passes = packPasses(scored, examples, input.passTokens)
  const graph = await input.runtime.compile('score', scoringGraph(config, adapter?.lora ?? null))
  try {
    let done = 0
    for (const pass of passes) {
      if ((await input.onProgress(done, scored.length)) === 'stop') return false
      const sequences = pass.map((index) => examples[index] as MaskedExample)
      const { feeds, targets } = makeBatch({
        config,
        sequences,
        weightOf: ({ sequence, token }) => (scores(sequences[sequence] as MaskedExample, token) ? 1 : null),
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
