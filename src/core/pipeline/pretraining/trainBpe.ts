// Byte-pair encoding learned from text (arXiv 1508.07909), over bytes: the pair that is most frequent is joined, again and again.
import { createHeap } from './heap.ts'
import { byteTokens, pairKey, pairOf, pieces, plainTokens, type PreTokeniser, type Vocabulary } from './vocabulary.ts'

/** A piece of text as it is joined so far, and how often it occurs. */
type Word = { ids: number[]; readonly count: number }
type Candidate = { readonly key: number; readonly count: number }

/** A pair that occurs once would only learn one word by heart. */
const LEAST_COUNT = 2

/**
 * Joins pairs until there are `size` tokens, or no pair occurs twice: the vocabulary is then smaller. The same texts, in any
 * order, give the same vocabulary: of equally frequent pairs that with the smaller ids is joined.
 */
export function trainBpe(texts: Iterable<string>, { size, pre }: { readonly size: number; readonly pre: PreTokeniser }): Vocabulary {
  const words = wordsOf(texts, pre)
  const counts = new Map<number, number>()
  const holders = new Map<number, Set<number>>()
  const changed = new Set<number>()
  const note = (index: number, sign: 1 | -1): void => {
    const { ids, count } = words[index] as Word
    for (let i = 1; i < ids.length; i++) {
      const key = pairKey(ids[i - 1] as number, ids[i] as number)
      counts.set(key, (counts.get(key) ?? 0) + sign * count)
      changed.add(key)
      if (sign < 0) continue
      const found = holders.get(key)
      if (found) found.add(index)
      else holders.set(key, new Set([index]))
    }
  }
  const heap = createHeap<Candidate>((a, b) => a.count > b.count || (a.count === b.count && a.key < b.key))
  const offer = (): void => {
    for (const key of changed) heap.push({ key, count: counts.get(key) as number })
    changed.clear()
  }
  words.forEach((_, index) => note(index, 1))
  offer()

  const tokens = plainTokens()
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const merges: [number, number][] = []
  while (tokens.length < size) {
    const best = heap.pop()
    if (!best || best.count < LEAST_COUNT) break
    // What has changed since was offered again.
    if (counts.get(best.key) !== best.count) continue
    const pair = pairOf(best.key)
    const text = `${tokens[pair[0]]}${tokens[pair[1]]}`
    // Two ways to one text make one token.
    const id = ids.get(text) ?? tokens.push(text) - 1
    ids.set(text, id)
    merges.push(pair)
    for (const index of holders.get(best.key) ?? []) {
      const word = words[index] as Word
      const joined = join(word.ids, pair, id)
      if (joined.length === word.ids.length) continue
      note(index, -1)
      word.ids = joined
      note(index, 1)
    }
    counts.set(best.key, 0)
    changed.delete(best.key)
    holders.delete(best.key)
    offer()
  }
  return { pre, tokens, merges }
}

function wordsOf(texts: Iterable<string>, pre: PreTokeniser): Word[] {
  const counts = new Map<string, number>()
  for (const text of texts) for (const piece of pieces(text, pre)) counts.set(piece, (counts.get(piece) ?? 0) + 1)
  return Array.from(counts, ([piece, count]) => ({ ids: byteTokens(piece), count }))
}

/** From left to right. */
function join(ids: readonly number[], [left, right]: readonly [number, number], id: number): number[] {
  const out: number[] = []
  for (let i = 0; i < ids.length; i++) {
    const here = ids[i] === left && ids[i + 1] === right
    out.push(here ? id : (ids[i] as number))
    if (here) i++
  }
  return out
}
