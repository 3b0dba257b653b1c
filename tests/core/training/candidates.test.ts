// Feeds of distributions: which token stands in which column, by whom it is named, and what lies in the tail.
import { describe, expect, test } from 'vitest'
import type { LossTerm } from '../../../src/core/nn/losses/index.ts'
import { distributionFeeds, type FedTerm } from '../../../src/core/pipeline/training/candidates.ts'
import type { TeacherRow } from '../../../src/core/ports/index.ts'

const term = (source: LossTerm['source'], k: number): LossTerm => ({ source, loss: 'forwardKl', given: { kind: 'top', k }, beta: 0, temperature: 1 })
const row = (...pairs: [id: number, p: number][]): TeacherRow => ({ ids: pairs.map(([id]) => id), logProbs: pairs.map(([, p]) => Math.log(p)) })
const fed = (source: LossTerm['source'], k: number, rows: readonly (TeacherRow | null)[]): FedTerm => ({
  term: term(source, k),
  rowOf: (target) => rows[target] ?? null,
  weightOf: (target) => (rows[target] ? 0.5 : 0),
  vocabulary: null,
})
const rowsOf = (tensor: { shape: readonly number[]; data: ArrayLike<number | bigint> }): number[][] =>
  Array.from({ length: tensor.shape[0]! }, (_, r) => Array.from({ length: tensor.shape[1]! }, (_, c) => Number(tensor.data[r * tensor.shape[1]! + c]!)))
const near = (expected: number[]) => expected.map((x) => expect.closeTo(x, 6) as number)

describe('one distribution', () => {
  const feeds = distributionFeeds([7, 7, 9], [fed('teacher', 2, [row([4, 0.5], [7, 0.25]), row([4, 0.5], [5, 0.25]), null])])

  test('the label comes first, then what the teacher names; a label that it names is not repeated', () => {
    expect(rowsOf(feeds.get('candidates')!)).toEqual([[7, 4, 7], [7, 4, 5], [9, 9, 9]])
  })

  test('a label that is not named, and columns without a token, are marked; the tail is what is left', () => {
    expect(rowsOf(feeds.get('teacherLogProbs')!)).toEqual([
      near([Math.log(0.25), Math.log(0.5), 1, Math.log(0.25)]),
      near([1, Math.log(0.5), Math.log(0.25), Math.log(0.25)]),
      // No distribution: all of it is tail.
      [1, 1, 1, 0],
    ])
  })

  test('weights are those of the targets', () => {
    expect([...feeds.get('teacherWeights')!.data]).toEqual([0.5, 0.5, 0])
  })
})

test('two distributions share columns: each token once, each named by whoever names it', () => {
  const feeds = distributionFeeds([3], [fed('teacher', 2, [row([1, 0.6], [2, 0.3])]), fed('base', 2, [row([2, 0.4], [8, 0.1])])])
  expect(rowsOf(feeds.get('candidates')!)).toEqual([[3, 1, 2, 8, 3]])
  expect(rowsOf(feeds.get('teacherLogProbs')!)).toEqual([near([1, Math.log(0.6), Math.log(0.3), 1, 1, Math.log(0.1)])])
  expect(rowsOf(feeds.get('baseLogProbs')!)).toEqual([near([1, 1, Math.log(0.4), Math.log(0.1), 1, Math.log(0.5)])])
})

test('a tail that rounding has made nothing or less stays finite', () => {
  const feeds = distributionFeeds([0], [fed('teacher', 2, [row([0, 0.75], [1, 0.2500001])])])
  expect(rowsOf(feeds.get('teacherLogProbs')!)[0]!.at(-1)).toBe(-30)
})

test('other tokens: probabilities of strings that the student lacks, descending; which strings it alone has', () => {
  const other: LossTerm = { ...term('teacher', 3), loss: 'uld', given: { kind: 'otherTokens', k: 3, rest: 3, overlap: 0.5 } }
  const vocabulary = { shared: Uint8Array.of(1, 1, 0, 1), overlap: 0.5 }
  const one: TeacherRow = { ids: [-1, 1, -1], logProbs: [0.1, 0.6, 0.2].map(Math.log) }
  const feeds = distributionFeeds([1], [{ term: other, rowOf: () => one, weightOf: () => 1, vocabulary }])
  expect(rowsOf(feeds.get('teacherRest')!)).toEqual([near([0.2, 0.1, 0])])
  expect([...feeds.get('teacherUnshared')!.data]).toEqual([0, 0, 1, 0])
  // What the shared strings leave is one outcome, whatever it is made of.
  expect(rowsOf(feeds.get('teacherLogProbs')!)).toEqual([near([Math.log(0.6), 1, 1, 1, Math.log(0.4)])])
})
