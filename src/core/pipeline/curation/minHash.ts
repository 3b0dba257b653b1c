// Near-duplicates: MinHash signatures in bands find pairs worth a look, the sets of word n-grams decide (Broder 1997).
import { createRandom } from '../../random.ts'
import { hashOf, mixed, wordsOf } from './words.ts'

/** Hashes of a text's word n-grams, ascending, each once; of a text with fewer words its words together. */
export function shinglesOf(text: string, size: number): Uint32Array {
  const hashes = Uint32Array.from(wordsOf(text), hashOf)
  if (hashes.length === 0) return new Uint32Array(0)
  const width = Math.min(size, hashes.length)
  const grams = new Uint32Array(hashes.length - width + 1)
  for (let at = 0; at < grams.length; at++) {
    let gram = 0
    for (let word = at; word < at + width; word++) gram = mixed(Math.imul(gram, 31) + hashes[word]!)
    grams[at] = gram
  }
  grams.sort()
  let count = 0
  for (const gram of grams) if (count === 0 || gram !== grams[count - 1]) grams[count++] = gram
  return grams.slice(0, count)
}

/** |A and B| / |A or B| of two ascending lists; of two empty ones 1. */
export function jaccard(one: Uint32Array, other: Uint32Array): number {
  let [left, right, both] = [0, 0, 0]
  while (left < one.length && right < other.length) {
    const difference = one[left]! - other[right]!
    if (difference === 0) both += 1
    if (difference <= 0) left += 1
    if (difference >= 0) right += 1
  }
  const either = one.length + other.length - both
  return either === 0 ? 1 : both / either
}

/** 24 bands of 3 rows: a pair at similarity 0.8 is missed with a chance of (1 - 0.8^3)^24, 3 in 100 million; one at 0.5 with 4 %. */
const BANDS = 24
const ROWS = 3
export const PERMUTATIONS = BANDS * ROWS

/** The smallest value of each of 72 random permutations over a set: equal in a share of places that is the Jaccard similarity. */
export function createSigner(seed: number): (shingles: Uint32Array) => Uint32Array {
  const random = createRandom(seed)
  const draw = (): number => Math.floor(random.next() * 2 ** 32)
  const [odd, add] = [Uint32Array.from({ length: PERMUTATIONS }, () => draw() | 1), Uint32Array.from({ length: PERMUTATIONS }, draw)]
  return (shingles) => {
    const signature = new Uint32Array(PERMUTATIONS).fill(0xffffffff)
    for (let index = 0; index < shingles.length; index++) {
      const shingle = shingles[index]!
      for (let place = 0; place < PERMUTATIONS; place++) {
        // A multiplication alone orders low bits alike: the high ones are mixed into them.
        let value = Math.imul(shingle, odd[place]!) + add[place]!
        value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
        const bits = (value ^ (value >>> 13)) >>> 0
        if (bits < signature[place]!) signature[place] = bits
      }
    }
    return signature
  }
}

export type Near = { readonly index: number; readonly similarity: number }

/** Sets that were added, and which of them a new one is near to. */
export type NearIndex = {
  /** The most similar of those added before, from `least` on; null: none. */
  find(shingles: Uint32Array): Near | null
  /** Numbers count from 0 in the order of adding. */
  add(shingles: Uint32Array): void
}

export function createNearIndex(least: number): NearIndex {
  const sign = createSigner(1)
  const sets: Uint32Array[] = []
  const buckets = new Map<string, number[]>()
  /** `find` and `add` mostly come for the same set. */
  let signed: { readonly shingles: Uint32Array; readonly keys: readonly string[] } | null = null
  const keysOf = (shingles: Uint32Array): readonly string[] => {
    if (signed?.shingles === shingles) return signed.keys
    const signature = sign(shingles)
    const keys = Array.from({ length: BANDS }, (_, band) => `${band}:${signature.subarray(band * ROWS, (band + 1) * ROWS).join(',')}`)
    signed = { shingles, keys }
    return keys
  }
  return {
    find(shingles) {
      const looked = new Set<number>()
      let best: Near | null = null
      for (const key of keysOf(shingles)) {
        for (const index of buckets.get(key) ?? []) {
          if (looked.has(index)) continue
          looked.add(index)
          const other = sets[index]!
          // Sets of very different sizes cannot be that similar.
          if (Math.min(shingles.length, other.length) < least * Math.max(shingles.length, other.length)) continue
          const similarity = jaccard(shingles, other)
          if (similarity >= least && similarity > (best?.similarity ?? 0)) best = { index, similarity }
        }
      }
      return best
    },
    add(shingles) {
      const index = sets.push(shingles) - 1
      for (const key of keysOf(shingles)) {
        const bucket = buckets.get(key)
        if (bucket) bucket.push(index)
        else buckets.set(key, [index])
      }
    },
  }
}
