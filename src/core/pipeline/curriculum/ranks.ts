// Places of values in their order: ranks from 0 (easiest) to 1 (hardest), histogram and quantiles.

/** The rank of each value in [0, 1]: values that are equal share the middle of their places. One value alone has rank 0. */
export function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!)
  const ranks = new Array<number>(values.length).fill(0)
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[start]!]) end++
    const rank = values.length > 1 ? (start + end) / 2 / (values.length - 1) : 0
    for (let place = start; place <= end; place++) ranks[order[place]!] = rank
    start = end + 1
  }
  return ranks
}

export type Bin = { readonly from: number; readonly to: number; readonly count: number }

/** Bins of equal width from the least value to the greatest, which belongs to the last one; few whole numbers get a bin each. */
export function histogram(values: readonly number[], most: number): Bin[] {
  if (values.length === 0) return []
  const [least, greatest] = ends(values)
  const whole = values.every(Number.isInteger) && greatest - least < most
  const bins = least === greatest ? 1 : whole ? greatest - least + 1 : most
  const width = whole ? 1 : (greatest - least) / bins
  const counts = new Array<number>(bins).fill(0)
  for (const value of values) counts[width === 0 ? 0 : Math.min(bins - 1, Math.floor((value - least) / width))]! += 1
  return counts.map((count, bin) => ({ from: least + bin * width, to: least + (bin + 1) * width, count }))
}

/** Values at the hundredths 0, 0.01 ... 1 of the ranks, between two values as far as the hundredth lies between their places. */
export function hundredths(values: readonly number[]): number[] {
  if (values.length === 0) return []
  const sorted = [...values].sort((a, b) => a - b)
  return Array.from({ length: 101 }, (_, hundredth) => {
    const place = (hundredth / 100) * (sorted.length - 1)
    const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
    return below + (above - below) * (place - Math.floor(place))
  })
}

const ends = (values: readonly number[]): [number, number] =>
  values.reduce(([least, greatest], value) => [Math.min(least, value), Math.max(greatest, value)], [Infinity, -Infinity])
