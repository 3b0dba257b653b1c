// Places in ascending lists, found by halving.

/** Index of the first value that is not below `wanted`; the length when all are. `values` ascend. */
export function firstNotBelow(values: readonly number[], wanted: number): number {
  return firstWhere(values.length, (index) => values[index]! >= wanted)
}

/** The first index that holds, of `count`; `count` when none does. What holds for one index holds for all after it. */
export function firstWhere(count: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
