// Shared beginnings: the tree of tokens, and that losses and gradients over it are those of each sequence alone.
import { describe, expect, test } from 'vitest'
import { gradientOf, initialLora, loraMatrices, trainingGraph } from '../../../src/core/nn/index.ts'
import { adapterFeeds, makeBatch } from '../../../src/core/pipeline/training/index.ts'
import { layPrefixTree } from '../../../src/core/pipeline/training/prefixTree.ts'
import { createRandom } from '../../../src/core/random.ts'
import { relativeError } from '../../support/golden.ts'
import { interpreterRuntime } from '../../support/interpreterRuntime.ts'
import { random } from '../../support/random.ts'
import { TINY, tinyWeights } from '../../support/tinyModel.ts'

describe('the tree', () => {
  test('two that part, one that is the beginning of both, one of its own', () => {
    expect(layPrefixTree([[7, 8, 9, 1], [7, 8, 2], [7, 8], [5]])).toEqual({
      ids: [7, 8, 9, 1, 2, 5],
      positions: [0, 1, 2, 3, 2, 0],
      lastSeer: [4, 4, 3, 3, 4, 5],
      rows: [[0, 1, 2, 3], [0, 1, 4], [0, 1], [5]],
    })
  })

  test('equal sequences run once, empty ones not at all', () => {
    expect(layPrefixTree([[3, 4], [], [3, 4]])).toEqual({ ids: [3, 4], positions: [0, 1], lastSeer: [1, 1], rows: [[0, 1], [], [0, 1]] })
  })

  test('each token sees its own beginning, whole and in order, and nothing else', () => {
    const next = random(31)
    for (let trial = 0; trial < 200; trial++) {
      const sequences = Array.from({ length: 6 }, () => Array.from({ length: Math.floor(next() * 7) }, () => Math.floor(next() * 2)))
      const { ids, positions, lastSeer, rows } = layPrefixTree(sequences)
      sequences.forEach((sequence, s) =>
        sequence.forEach((_, i) => {
          const at = rows[s]![i]!
          const seen = ids.flatMap((_, row) => (row <= at && at <= lastSeer[row]! ? [row] : []))
          expect(seen.map((row) => ids[row])).toEqual(sequence.slice(0, i + 1))
          expect(seen.map((row) => positions[row])).toEqual(seen.map((_, position) => position))
        }),
      )
      expect(new Set(rows.flatMap((own, s) => own.map((_, i) => String(sequences[s]!.slice(0, i + 1))))).size).toBe(ids.length)
    }
  })
})

test('losses and gradients are the sums of those of each sequence alone', async () => {
  const lora = { rank: 2, alpha: 4 }
  const matrices = loraMatrices(TINY, lora)
  const next = random(8)
  const parameters = new Map([...initialLora(matrices, createRandom(1))].map(([name, a]) => [name, a.map(() => next() - 0.5)]))
  const graph = await interpreterRuntime(tinyWeights()).compile('train', trainingGraph(TINY, lora))
  const begin = [3, 9, 4, 1, 12]
  const sequences = [[...begin, 5, 6, 7], [...begin, 5, 8], [...begin, 2, 2, 2, 2], [3, 9, 11]].map((ids) => ({ ids }))
  const run = async (own: typeof sequences) => {
    const batch = makeBatch({ config: TINY, sequences: own, weightOf: ({ token }) => (token < 3 ? null : token / 10) })
    return { batch, results: await graph.run(new Map([...batch.feeds, ...adapterFeeds(matrices, parameters)])) }
  }
  const { batch, results } = await run(sequences)
  const alone = await Promise.all(sequences.slice(0, 3).map((one) => run([one])))
  expect(batch.ends).toEqual([7, 6, 8, 0])
  // The five they begin with, the 5 that two go on with, then 6, and 2 2 2; no loss reads a sequence's last token.
  expect(batch.computed).toBe(5 + 1 + 1 + 3)
  expect(relativeError(results.get('nll')!, alone.flatMap((one) => [...one.results.get('nll')!]))).toBeLessThan(1e-6)
  for (const { name } of matrices) {
    const sums = alone.map((one) => one.results.get(gradientOf(name))!).reduce((a, b) => a.map((x, i) => x + b[i]!))
    expect(relativeError(results.get(gradientOf(name))!, sums)).toBeLessThan(1e-5)
  }
})
