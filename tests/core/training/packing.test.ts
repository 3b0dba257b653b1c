// Packing into passes: what sequences begin with counts once, nothing is lost, and it saves what it can.
import { describe, expect, test } from 'vitest'
import { layPrefixTree } from '../../../src/core/pipeline/training/prefixTree.ts'
import { packPasses, treeTokens } from '../../../src/core/pipeline/training/index.ts'
import { random } from '../../support/random.ts'
import { family, strangers, type Sequence } from '../../support/sequences.ts'

const MOST = 60
const next = random(11)
const below = (most: number): number => Math.floor(next() * most)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)
const idsOf = (pass: readonly number[], sequences: readonly Sequence[]) => pass.map((i) => sequences[i]!.ids)
/** As the trainer lays them out: the judge. */
const run = (pass: readonly number[], sequences: readonly Sequence[]): number => layPrefixTree(idsOf(pass, sequences)).ids.length
const computed = (passes: readonly (readonly number[])[], sequences: readonly Sequence[]): number => passes.reduce((sum, pass) => sum + run(pass, sequences), 0)
const begin = (pass: readonly number[], sequences: readonly Sequence[]): number => {
  const [first, ...others] = idsOf(pass, sequences)
  return first!.findIndex((id, at) => others.some((ids) => ids[at] !== id)) >>> 0
}

/** The packing of before: by lengths alone. */
function byLength(sequences: readonly Sequence[], most: number): number[][] {
  const passes: { members: number[]; tokens: number }[] = []
  for (const member of upTo(sequences.length).sort((a, b) => sequences[b]!.ids.length - sequences[a]!.ids.length)) {
    const { length } = sequences[member]!.ids
    const room = passes.find(({ tokens }) => tokens + length <= most)
    if (room) [room.members, room.tokens] = [[...room.members, member], room.tokens + length]
    else passes.push({ members: [member], tokens: length })
  }
  return passes.map(({ members }) => members)
}

/** Trees grown at random: each sequence branches off an earlier one somewhere, or begins anew. */
function grown(count: number): Sequence[] {
  const made: number[][] = []
  for (let i = 0; i < count; i++) {
    const parent = made.length > 0 && next() < 0.7 ? made[below(made.length)]! : []
    made.push([...parent.slice(0, below(parent.length + 1)), ...Array.from({ length: 1 + below(30) }, () => below(3))])
  }
  return made.map((ids) => ({ ids }))
}

describe('random trees of sequences', () => {
  const cases = upTo(120).map((i) => grown(i % 40))

  test('each sequence once, whole; a pass exceeds only where a sequence does alone, or by a long beginning of all of it', () => {
    for (const sequences of cases) {
      const passes = packPasses(upTo(sequences.length), sequences, MOST)
      expect(ascending(passes.flat())).toEqual(upTo(sequences.length))
      for (const pass of passes) {
        const tokens = run(pass, sequences)
        const shared = begin(pass, sequences)
        if (pass.length > 1 && tokens > MOST) expect([2 * shared >= MOST, tokens - shared <= MOST]).toEqual([true, true])
      }
    }
  })

  test('never more tokens than packing by length, and together far fewer', () => {
    let [now, before] = [0, 0]
    for (const sequences of cases) {
      const [mine, theirs] = [computed(packPasses(upTo(sequences.length), sequences, MOST), sequences), computed(byLength(sequences, MOST), sequences)]
      expect(mine).toBeLessThanOrEqual(theirs)
      ;[now, before] = [now + mine, before + theirs]
    }
    expect(now / before).toBeLessThan(0.9)
  })

  test('the same each time, and tokens of a tree are those that the trainer lays out', () => {
    for (const sequences of cases) {
      expect(packPasses(upTo(sequences.length), sequences, MOST)).toEqual(packPasses(upTo(sequences.length), structuredClone(sequences), MOST))
      expect(treeTokens(sequences.map(({ ids }) => ids))).toBe(layPrefixTree(sequences.map(({ ids }) => ids)).ids.length)
    }
  })
})

test('strangers: as by length alone, and no two passes could have been one', () => {
  for (const count of upTo(40)) {
    const sequences = strangers(upTo(count).map(() => 1 + below(90)))
    const passes = packPasses(upTo(count), sequences, MOST)
    expect(passes).toEqual(byLength(sequences, MOST).map(ascending))
    const tokens = passes.map((pass) => run(pass, sequences))
    tokens.forEach((a, i) => tokens.slice(i + 1).forEach((b) => expect(a + b).toBeGreaterThan(MOST)))
  }
})

describe('by hand', () => {
  test('strangers: longest first, into the first pass with room', () => {
    expect(packPasses([4, 0, 1, 2, 3], strangers([30, 50, 10, 70, 31]), MOST)).toEqual([[3], [1, 2], [4], [0]])
    expect(packPasses([], [], MOST)).toEqual([])
  })

  test('two prompts with four continuations each: a pass a prompt, though each continuation came by itself', () => {
    const [a, b] = [family(0, { shared: 400, own: [64, 64, 64, 64] }), family(1, { shared: 400, own: [64, 64, 64, 64] })]
    const mixed = upTo(4).flatMap((i) => [a[i]!, b[i]!])
    expect(packPasses(upTo(8), mixed, 1024)).toEqual([[0, 2, 4, 6], [1, 3, 5, 7]])
  })

  test('a prompt longer than a pass is computed once for as many continuations as a pass holds', () => {
    const sequences = family(0, { shared: 384, own: upTo(8).map(() => 64) })
    const passes = packPasses(upTo(8), sequences, 256)
    expect(passes.map((pass) => [pass.length, run(pass, sequences)])).toEqual([[4, 640], [4, 640]])
    expect(computed(byLength(sequences, 256), sequences)).toBe(8 * 448)
    // Larger passes never compute more.
    expect([512, 896, 2048].map((most) => computed(packPasses(upTo(8), sequences, most), sequences))).toEqual([896, 896, 896])
    // What goes on from it by more than a pass holds does not join it.
    expect(packPasses([0, 1], family(0, { shared: 200, own: [300, 20] }), 256)).toHaveLength(2)
  })

  test('the same sequence twice runs once', () => {
    const twice = strangers([50, 40])
    expect(packPasses([0, 1, 0], twice, MOST)).toEqual([[0, 0], [1]])
  })

  test('thousands are packed at once', () => {
    const many = upTo(60).flatMap((name) => family(name, { shared: 40, own: upTo(50).map(() => 5) }))
    const passes = packPasses(upTo(many.length), many, 512)
    expect(ascending(passes.flat())).toEqual(upTo(many.length))
    // A family has 290 tokens; cutting the sorted ones into stretches parts some.
    expect(computed(passes, many)).toBeLessThan(1.2 * 60 * 290)
  })
})
