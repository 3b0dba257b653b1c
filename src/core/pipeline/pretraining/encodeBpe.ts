// Text to token ids by a learned vocabulary, as llama.cpp encodes it from the vocabulary's GGUF.
import { createHeap } from './heap.ts'
import { byteTokens, pairKey, pieces, type Vocabulary } from './vocabulary.ts'

type Merge = { readonly rank: number; readonly id: number }
type Joint = Merge & { readonly left: number; readonly right: number; readonly key: number }

/** Pieces whose ids are remembered; a text has the same ones again and again. */
const REMEMBERED = 100_000

/** Ids of plain text: control tokens that are spelled in it stay text. */
export function createEncoder({ pre, tokens, merges }: Vocabulary): (text: string) => number[] {
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const table = new Map<number, Merge>()
  merges.forEach(([left, right], rank) => {
    const id = ids.get(`${tokens[left]}${tokens[right]}`) as number
    table.set(pairKey(left, right), { rank, id })
  })
  const memory = new Map<string, readonly number[]>()
  return (text) => {
    const out: number[] = []
    for (const piece of pieces(text, pre)) {
      const known = memory.get(piece)
      const found = known ?? joinAll(byteTokens(piece), table)
      if (!known) {
        if (memory.size >= REMEMBERED) memory.clear()
        memory.set(piece, found)
      }
      for (const id of found) out.push(id)
    }
    return out
  }
}

/** Joins the pair of the lowest rank, the leftmost of equal ones, until none is left. */
function joinAll(symbols: number[], table: ReadonlyMap<number, Merge>): number[] {
  const next = symbols.map((_, i) => i + 1)
  const before = symbols.map((_, i) => i - 1)
  const gone = symbols.map(() => false)
  const heap = createHeap<Joint>((a, b) => a.rank < b.rank || (a.rank === b.rank && a.left < b.left))
  const offer = (left: number, right: number): void => {
    if (left < 0 || right >= symbols.length) return
    const key = pairKey(symbols[left] as number, symbols[right] as number)
    const merge = table.get(key)
    if (merge) heap.push({ ...merge, left, right, key })
  }
  for (let i = 1; i < symbols.length; i++) offer(i - 1, i)
  for (let joint = heap.pop(); joint; joint = heap.pop()) {
    const { left, right, key, id } = joint
    // One of the two has been joined with another one since.
    const stale = gone[left] || gone[right] || next[left] !== right || pairKey(symbols[left] as number, symbols[right] as number) !== key
    if (stale) continue
    symbols[left] = id
    gone[right] = true
    const after = next[right] as number
    next[left] = after
    if (after < symbols.length) before[after] = left
    offer(before[left] as number, left)
    offer(left, after)
  }
  return symbols.filter((_, i) => !gone[i])
}
