// MinHash against exact Jaccard on random sets, and the index of near ones against comparing all with all.
import { describe, expect, test } from 'vitest'
import { createNearIndex, createSigner, jaccard, PERMUTATIONS, shinglesOf } from '../../../src/core/pipeline/curation/minHash.ts'
import { random } from '../../support/random.ts'

/** Two random sets that share `both` of their members. */
function pair(next: () => number, { both, each }: { both: number; each: number }): [Set<number>, Set<number>] {
  const draw = (): number => Math.floor(next() * 2 ** 32)
  const shared = Array.from({ length: both }, draw)
  const own = (): Set<number> => new Set([...shared, ...Array.from({ length: each }, draw)])
  return [own(), own()]
}
const listOf = (set: Set<number>): Uint32Array => Uint32Array.from(set).sort()
const exact = (one: Set<number>, other: Set<number>): number => [...one].filter((value) => other.has(value)).length / new Set([...one, ...other]).size

describe('random sets', () => {
  const next = random(11)
  const pairs = Array.from({ length: 60 }, (_, at) => pair(next, { both: 20 * (at % 12), each: 10 + 7 * (at % 5) }))

  test('the similarity of lists is that of the sets', () => {
    for (const [one, other] of pairs) expect(jaccard(listOf(one), listOf(other))).toBeCloseTo(exact(one, other), 12)
    expect(jaccard(new Uint32Array(0), new Uint32Array(0))).toBe(1)
  })

  test('signatures agree in a share of places that is the similarity, within what chance allows', () => {
    const sign = createSigner(1)
    const errors = pairs.map(([one, other]) => {
      const [a, b] = [sign(listOf(one)), sign(listOf(other))]
      return a.filter((value, at) => value === b[at]).length / PERMUTATIONS - exact(one, other)
    })
    // Standard deviation at most 0.5 / sqrt(72) = 0.059.
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4 * 0.059)
    expect(Math.abs(errors.reduce((sum, error) => sum + error, 0) / errors.length)).toBeLessThan(0.02)
  })

  test('neighbouring numbers are no special case', () => {
    const sign = createSigner(1)
    const run = (from: number, count: number): Uint32Array => Uint32Array.from({ length: count }, (_, at) => from + at)
    const agreement = (a: Uint32Array, b: Uint32Array): number => sign(a).filter((value, at) => value === sign(b)[at]).length / PERMUTATIONS
    expect(agreement(run(0, 300), run(100, 300))).toBeCloseTo(0.5, 0)
    expect(agreement(run(0, 300), run(1000, 300))).toBeLessThan(0.05)
  })
})

test('the index finds what comparing all with all finds, at 0.8', () => {
  const next = random(3)
  const texts: string[] = []
  for (let at = 0; at < 300; at++) {
    const before = texts[Math.floor(next() * texts.length)]
    const words = before !== undefined && next() < 0.5 ? before.split(' ') : Array.from({ length: 120 }, () => `w${Math.floor(next() * 5000)}`)
    const changes = Math.floor(next() * 6)
    for (let change = 0; change < changes; change++) words[Math.floor(next() * words.length)] = `x${Math.floor(next() * 5000)}`
    texts.push(words.join(' '))
  }
  const shingles = texts.map((text) => shinglesOf(text, 5))
  const index = createNearIndex(0.8)
  const kept: number[] = []
  let found = 0
  for (const [at, own] of shingles.entries()) {
    const near = index.find(own)
    const best = kept.reduce((most, other) => Math.max(most, jaccard(own, shingles[other]!)), 0)
    expect(near?.similarity ?? 0).toBe(best >= 0.8 ? best : 0)
    if (near) {
      expect(jaccard(own, shingles[kept[near.index]!]!)).toBe(near.similarity)
      found += 1
    } else {
      index.add(own)
      kept.push(at)
    }
  }
  expect(found).toBeGreaterThan(30)
  expect(kept.length).toBeGreaterThan(100)
})

test('shingles are of words, without case and marks; a short text is one', () => {
  expect(shinglesOf('One, two three!', 5)).toEqual(shinglesOf('one two  THREE', 5))
  expect(shinglesOf('one two three', 5)).toHaveLength(1)
  expect(shinglesOf('a b c d e f', 5)).toHaveLength(2)
  expect(shinglesOf('a b c d e f', 5)).not.toEqual(shinglesOf('b a c d e f', 5))
  expect(shinglesOf('', 5)).toHaveLength(0)
})
