// The plain student's distributions over the tokens a run trains on, scored once: what a student that stays close stays close to.
import type { MaskedExample } from '../../../shared/records/example.ts'
import { distributionGraph, type ModelConfig } from '../../nn/index.ts'
import type { GraphRuntime, TeacherDistributions } from '../../ports/index.ts'
import { makeBatch } from './batch.ts'

export type BaseInput = {
  readonly runtime: GraphRuntime
  readonly config: ModelConfig
  /** Those that will be trained on. */
  readonly examples: readonly MaskedExample[]
  readonly k: number
  /** Called before each example; may wait. 'stop' ends the scoring. */
  readonly proceed: (done: number, total: number) => Promise<'go' | 'stop'>
}

type Stored = { readonly rows: ReadonlyMap<number, number>; readonly ids: Int32Array; readonly logProbs: Float32Array }

/**
 * Scores every trained token: one forward pass an example before the first step, however many epochs follow; computing the
 * base beside the student in every pass would cost as much for each of them, and its memory while the student trains. Each example
 * runs alone, so that a resumed run finds the same numbers to the bit. Holds 8 k bytes a token. null when stopped.
 */
export async function scoreBase({ runtime, config, examples, k, proceed }: BaseInput): Promise<TeacherDistributions | null> {
  const stored = new Map<string, Stored>()
  const graph = await runtime.compile('base', distributionGraph(config, k))
  let [tokens, mass] = [0, 0]
  try {
    for (const [index, example] of examples.entries()) {
      if ((await proceed(index, examples.length)) === 'stop') return null
      const trained = (token: number): boolean => example.ce[token] !== 0 || example.kl[token] !== 0
      if (stored.has(example.id) || !example.ids.some((_, token) => token > 0 && trained(token))) continue
      const { feeds, targets } = makeBatch({ config, sequences: [example], weightOf: ({ token }) => (trained(token) ? 0 : null) })
      // Only hidden states are needed: nothing reads what the loss would be fed.
      const results = await graph.run(new Map([...feeds].filter(([name]) => name !== 'labels' && name !== 'weights')))
      const logProbs = results.get('topLogProbs') as Float32Array
      stored.set(example.id, {
        rows: new Map(targets.map(({ token }, row) => [token, row])),
        ids: Int32Array.from(results.get('topIds') as Float32Array),
        logProbs,
      })
      tokens += targets.length
      for (const logProb of logProbs) mass += Math.exp(logProb)
    }
  } finally {
    await graph.dispose()
  }
  return {
    k,
    label: 'the student without its adapter',
    vocabulary: null,
    row(id, token) {
      const example = stored.get(id)
      const row = example?.rows.get(token)
      if (!example || row === undefined) return null
      return { ids: example.ids.subarray(row * k, (row + 1) * k), logProbs: example.logProbs.subarray(row * k, (row + 1) * k) }
    },
    coverage: () => ({ tokens, of: tokens, mass: tokens === 0 ? 0 : mass / tokens }),
  }
}
