// The scales of a group of values that lose least: several are tried, each corrected by least squares over the codes it gives.
// Every sum is rounded to float32 where ggml rounds it (ggml-quants.c, make_qkx2_quants and make_qx_quants), for the same bits.

const f = Math.fround

/** The nearest whole number, ties to even, for sizes below 2^22. */
export const nearest = (value: number): number => f(value + 12582912) - 12582912

const clamped = (code: number, least: number, most: number): number => (code < least ? least : code > most ? most : code)

export type AffineSearch = {
  /** Largest code; the smallest is 0. */
  readonly most: number
  /** First inverse scale that is tried, as codes beyond `most`; each further one has a tenth of a code more. */
  readonly first: number
  readonly tries: number
}

/** Values, one after the other, of which `count` from `from` on are meant. */
export type Group = { readonly values: Float32Array; readonly from: number; readonly count: number }

/** Found by a search; `minimum` is subtracted: value = scale * code - minimum. */
export type Found = { scale: number; minimum: number }

const STEP = f(0.1)
const WEIGHTS = new Float32Array(32)
const TRIED = new Uint8Array(32)

/**
 * Fits value = scale * code - minimum with codes 0 .. most and minimum >= 0, weighing squared errors by |value| + the root mean
 * square of the group. Codes go to `codes[from ..]`.
 */
export function searchAffine({ values, from, count }: Group, { most, first, tries }: AffineSearch, { codes, found }: { readonly codes: Uint8Array; readonly found: Found }): void {
  let squares = 0
  let [least, largest] = [values[from]!, values[from]!]
  for (let i = 0; i < count; i++) {
    const x = values[from + i]!
    squares = f(squares + f(x * x))
    if (x < least) least = x
    if (x > largest) largest = x
  }
  const spread = f(Math.sqrt(f(squares / count)))
  let [sumW, sumX] = [0, 0]
  for (let i = 0; i < count; i++) {
    const x = values[from + i]!
    const w = f(spread + Math.abs(x))
    WEIGHTS[i] = w
    sumW = i === 0 ? w : f(sumW + w)
    sumX = i === 0 ? f(w * x) : f(sumX + f(w * x))
  }
  if (least > 0) least = 0
  if (largest === least) {
    codes.fill(0, from, from + count)
    found.scale = 0
    found.minimum = -least
    return
  }
  let inverse = f(most / f(largest - least))
  let scale = f(1 / inverse)
  let error = 0
  for (let i = 0; i < count; i++) {
    const x = values[from + i]!
    const code = clamped(nearest(f(inverse * f(x - least))), 0, most)
    codes[from + i] = code
    const off = f(f(f(scale * code) + least) - x)
    error = f(error + f(WEIGHTS[i]! * f(off * off)))
  }
  for (let k = 0; k <= tries; k++) {
    // From the minimum that was found best so far, not from the smallest value.
    inverse = f(f(f(first + f(STEP * k)) + most) / f(largest - least))
    let [sumC, sumCC, sumCX] = [0, 0, 0]
    for (let i = 0; i < count; i++) {
      const x = values[from + i]!
      const code = clamped(nearest(f(inverse * f(x - least))), 0, most)
      TRIED[i] = code
      const weighted = f(WEIGHTS[i]! * code)
      sumC = f(sumC + weighted)
      sumCC = f(sumCC + f(weighted * code))
      sumCX = f(sumCX + f(weighted * x))
    }
    const determinant = f(f(sumW * sumCC) - f(sumC * sumC))
    if (!(determinant > 0)) continue
    let fitted = f(f(f(sumW * sumCX) - f(sumX * sumC)) / determinant)
    let offset = f(f(f(sumCC * sumX) - f(sumC * sumCX)) / determinant)
    if (offset > 0) {
      offset = 0
      fitted = f(sumCX / sumCC)
    }
    let now = 0
    for (let i = 0; i < count; i++) {
      const off = f(f(f(fitted * TRIED[i]!) + offset) - values[from + i]!)
      now = f(now + f(WEIGHTS[i]! * f(off * off)))
    }
    if (!(now < error)) continue
    for (let i = 0; i < count; i++) codes[from + i] = TRIED[i]!
    error = now
    scale = fitted
    least = offset
  }
  found.scale = scale
  found.minimum = -least
}

/** Below this a group counts as zero (ggml's GROUP_MAX_EPS). */
export const NOTHING = f(1e-15)

/**
 * Fits value = scale * (code - half) with codes 0 .. 2 half - 1, weighing squared errors by the value's square. Returns the scale,
 * which has the sign that lets the value of the largest size be code 0.
 */
export function searchSymmetric({ values, from, count }: Group, half: number, codes: Uint8Array): number {
  let extreme = 0
  for (let i = 0; i < count; i++) if (Math.abs(values[from + i]!) > Math.abs(extreme)) extreme = values[from + i]!
  if (Math.abs(extreme) < NOTHING) {
    codes.fill(0, from, from + count)
    return 0
  }
  const sums = { products: 0, squares: 0 }
  const sumUp = (inverse: number): void => {
    let [products, squares] = [0, 0]
    for (let i = 0; i < count; i++) {
      const x = values[from + i]!
      const code = clamped(nearest(f(inverse * x)), -half, half - 1)
      const w = f(x * x)
      products = f(products + f(f(w * x) * code))
      squares = f(squares + f(f(w * code) * code))
    }
    sums.products = products
    sums.squares = squares
  }
  const take = (inverse: number): void => {
    for (let i = 0; i < count; i++) codes[from + i] = half + clamped(nearest(f(inverse * values[from + i]!)), -half, half - 1)
  }
  const plain = f(-half / extreme)
  sumUp(plain)
  take(plain)
  let scale = sums.squares > 0 ? f(sums.products / sums.squares) : 0
  let best = f(scale * sums.products)
  for (let k = -9; k <= 9; k++) {
    if (k === 0) continue
    const inverse = f(-f(half + f(STEP * k)) / extreme)
    sumUp(inverse)
    const { products, squares } = sums
    if (!(squares > 0) || !(f(products * products) > f(best * squares))) continue
    take(inverse)
    scale = f(products / squares)
    best = f(scale * products)
  }
  return scale
}
