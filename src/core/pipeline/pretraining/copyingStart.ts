// Start values that copy: two blocks that find what followed the same two tokens before, built by hand, so that training need not find them.
import { blockTensors, initialWeights, TENSORS, type ModelConfig } from '../../nn/index.ts'
import type { Random } from '../../random.ts'
import { RetortError } from '../../../shared/errors.ts'

/**
 * The circuit is that of Olsson et al. (arXiv 2209.11895): heads of the first block write the two tokens before each token beside
 * it; a head of the second looks for a place whose two tokens before are the current one and the one before it, and tells what
 * stands there. The width is four parts of a head's size: A, the token itself, which the tied head reads; B and C, the tokens
 * before; D, the token once more, since the second block takes it out of A. Its last dimension is 1 for all tokens: heads that
 * look by distance alone read it. All else is as `initialWeights` has it, and everything is trained.
 */
export function copyingStart(config: ModelConfig, random: Random): Map<string, Float32Array> {
  requireRoom(config)
  const { width, headSize: size } = config
  const parameters = initialWeights(config, random)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  const embedding = parameters.get(TENSORS.embedding) as Float32Array
  for (let token = 0; token < config.vocabulary; token++) {
    const row = embedding.subarray(token * width, (token + 1) * width)
    const drawn = Array.from({ length: size }, normal)
    const norm = Math.hypot(...drawn)
    drawn.forEach((value, i) => (row[i] = value / norm))
    row[width - 1] = 1
  }
  const one = openBlock(parameters, { config, layer: 0 })
  // Of two unit parts: what the norm makes of each.
  const first = Math.sqrt(width / 2)
  for (let kv = 0; kv < config.kvHeads; kv++) {
    one.keyByDistance(kv, first)
    one.valueOfToken(kv)
  }
  ;[1, 2, 0].forEach((distance, head) => {
    one.queryByDistance(head, { distance, norm: first })
    one.write(head, { to: (head + 1) * size, gain: 1 / first })
  })
  const two = openBlock(parameters, { config, layer: 1 })
  const second = Math.sqrt(width / 5)
  const projections = [projection(two.slowPairs.length * 2, size, normal), projection(two.slowPairs.length * 2, size, normal)]
  projections.forEach((matrix, nth) => {
    two.project('query', { head: 0, from: nth * size, matrix, norm: second })
    two.project('key', { head: 0, from: (nth + 1) * size, matrix, norm: second })
  })
  two.valueOfToken(0)
  two.write(0, { to: 0, gain: COPIED / second })
  const taking = config.heads / config.kvHeads
  two.keyByDistance(1, second)
  two.valueOfToken(1)
  two.queryByDistance(taking, { distance: 0, norm: second })
  two.write(taking, { to: 0, gain: -1 / second })
  return parameters
}

/** Of the copied token against the parts that were there before. */
const COPIED = 1.5
/** Score of the distance that is looked for above its neighbours', and of one token that is the same above another. */
const SHARPNESS = 8
/** Pairs of dimensions turn by less than this in a token: over some hundred tokens they tell what, not where. */
const SLOW = 0.004

type Projected = { readonly head: number; readonly from: number; readonly matrix: readonly Float64Array[]; readonly norm: number }

/** A block whose heads are set one by one; rows and columns that are set lose what was drawn for them. */
function openBlock(parameters: ReadonlyMap<string, Float32Array>, { config, layer }: { config: ModelConfig; layer: number }) {
  const { width, headSize: size, heads } = config
  const names = blockTensors(layer)
  const { frequencies } = config.rope
  const of = (name: string): Float32Array => parameters.get(name) as Float32Array
  const rows = (name: string, head: number): Float32Array => of(name).subarray(head * size * width, (head + 1) * size * width)
  const slowPairs = frequencies.flatMap((frequency, pair) => (frequency < SLOW ? [pair] : []))
  const fastPairs = frequencies.flatMap((frequency, pair) => (frequency < SLOW ? [] : [pair]))
  // How much the nearest other distance falls behind, for vectors of length 1 in each pair.
  const fall = fastPairs.reduce((sum, pair) => sum + 1 - Math.cos(frequencies[pair] as number), 0)
  const length = Math.sqrt((SHARPNESS * Math.sqrt(size)) / fall)
  const byDistance = (into: Float32Array, { distance, norm }: { distance: number; norm: number }): void => {
    into.fill(0)
    for (const pair of fastPairs) {
      const angle = -(frequencies[pair] as number) * distance
      into[2 * pair * width + width - 1] = (length * Math.cos(angle)) / norm
      into[(2 * pair + 1) * width + width - 1] = (length * Math.sin(angle)) / norm
    }
  }
  return {
    slowPairs,
    keyByDistance: (kv: number, norm: number): void => byDistance(rows(names.key, kv), { distance: 0, norm }),
    queryByDistance: (head: number, at: { distance: number; norm: number }): void => byDistance(rows(names.query, head), at),
    /** The token as part A has it. */
    valueOfToken(kv: number): void {
      const into = rows(names.value, kv).fill(0)
      for (let i = 0; i < size; i++) into[i * width + i] = 1
    },
    write(head: number, { to, gain }: { to: number; gain: number }): void {
      const output = of(names.output)
      for (let row = 0; row < width; row++) output.fill(0, row * heads * size + head * size, row * heads * size + (head + 1) * size)
      // The last dimension of the width belongs to no part.
      for (let i = 0; i < size && to + i < width - 1; i++) output[(to + i) * heads * size + head * size + i] = gain
    },
    /** Adds the projection of a part to query or key, in the slow pairs. */
    project(kind: 'query' | 'key', { head, from, matrix, norm }: Projected): void {
      const into = rows(names[kind], head)
      // The first part: what was drawn goes.
      if (from === (kind === 'query' ? 0 : size)) into.fill(0)
      const gain = Math.sqrt(SHARPNESS * Math.sqrt(size)) / norm
      slowPairs.flatMap((pair) => [2 * pair, 2 * pair + 1]).forEach((row, i) => {
        for (let column = 0; column < size; column++) into[row * width + from + column] = gain * (matrix[i] as Float64Array)[column]!
      })
    },
  }
}

/** Random, keeping products of vectors on average. */
const projection = (rows: number, columns: number, normal: () => number): Float64Array[] =>
  Array.from({ length: rows }, () => Float64Array.from({ length: columns }, () => normal() / Math.sqrt(rows)))

const LEAST_SLOW_PAIRS = 4

function requireRoom({ width, headSize, heads, kvHeads, layers, tied, rope }: ModelConfig): void {
  const slow = rope.frequencies.filter((frequency) => frequency < SLOW).length
  const fits = width >= 4 * headSize && heads >= 3 && kvHeads >= 2 && layers >= 2 && tied && slow >= LEAST_SLOW_PAIRS
  if (fits) return
  throw new RetortError({
    code: 'bad-shape', message: 'a start that copies has no room in this shape', where: '--start copying',
    found: `width ${width}, ${heads} heads of ${headSize}, ${kvHeads} of keys, ${layers} layers, ${tied ? 'tied' : 'not tied'}, ${slow} slow pairs`,
    expected: `a width of four heads' sizes, 3 heads, 2 of keys, 2 layers, tied, ${LEAST_SLOW_PAIRS} slow pairs (a larger ropeBase)`,
  })
}
