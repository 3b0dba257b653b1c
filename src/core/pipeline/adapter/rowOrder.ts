// Rows of query and key weights: interleaved as llama GGUF files store them, or in halves as transformers does.
import { AdapterError } from './adapter.ts'

type Rows = {
  /** Row-major, [heads * head size, columns]. */
  readonly data: Float32Array
  readonly heads: number
  readonly columns: number
}

/** Row h D + 2 i + s (s = 0, 1) of each head goes to row h D + s D/2 + i. */
export const interleavedToHalves = (rows: Rows): Float32Array =>
  reorder(rows, (half, i, s) => [2 * i + s, s * half + i])

/** The inverse. */
export const halvesToInterleaved = (rows: Rows): Float32Array =>
  reorder(rows, (half, i, s) => [s * half + i, 2 * i + s])

/** `pair` gives, for half a head size, pair i and side s, the row within the head to take and where it goes. */
type Pair = (half: number, i: number, s: number) => readonly [from: number, to: number]

function reorder({ data, heads, columns }: Rows, pair: Pair): Float32Array {
  const headSize = data.length / columns / heads
  if (!Number.isInteger(headSize / 2)) {
    const found = `${data.length / columns} rows for ${heads} heads`
    throw new AdapterError('rows of a query or key matrix', { found, expected: 'an even number of rows a head' })
  }
  const out = new Float32Array(data.length)
  for (let head = 0; head < heads; head++) {
    for (let i = 0; i < headSize / 2; i++) {
      for (const s of [0, 1]) {
        const [from, to] = pair(headSize / 2, i, s)
        const start = (head * headSize + from) * columns
        out.set(data.subarray(start, start + columns), (head * headSize + to) * columns)
      }
    }
  }
  return out
}
