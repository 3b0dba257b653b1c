// Dimensions of a tensor: a number, or a named size that is known only when the graph runs, times a number.

/** `{ times: 3, symbol: 'T' }` is three times the dynamic size `T`. */
export type Dim = number | { readonly times: number; readonly symbol: string }
export type Shape = readonly Dim[]

/** The dynamic size of this name. */
export const symbol = (name: string): Dim => ({ times: 1, symbol: name })

export function sameDim(a: Dim, b: Dim): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b
  return a.times === b.times && a.symbol === b.symbol
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => sameDim(dim, b[i] as Dim))

export const showDim = (dim: Dim): string =>
  typeof dim === 'number' ? String(dim) : dim.times === 1 ? dim.symbol : `${dim.times}${dim.symbol}`

/** `[3, T, 64]`. */
export const showShape = (shape: Shape): string => `[${shape.map(showDim).join(', ')}]`

/** Product of dims as coefficient and symbols, e.g. [3, 2T, T] -> 6 T T. Two shapes of equal size give equal text. */
export function showSize(shape: Shape): string {
  let times = 1
  const symbols: string[] = []
  for (const dim of shape) {
    if (typeof dim === 'number') times *= dim
    else {
      times *= dim.times
      symbols.push(dim.symbol)
    }
  }
  return [times, ...symbols.sort()].join(' ')
}

/** Multiplies a dim by a whole number. */
export const timesDim = (dim: Dim, factor: number): Dim =>
  typeof dim === 'number' ? dim * factor : { times: dim.times * factor, symbol: dim.symbol }

/** Shape of `a` and `b` aligned at the right (numpy's rule), or null when they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length)
  const out: Dim[] = []
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (sameDim(x, y)) out.push(x)
    else if (x === 1) out.push(y)
    else if (y === 1) out.push(x)
    else return null
  }
  return out
}

/** Numbers for all symbols of a run. */
export type Bindings = ReadonlyMap<string, number>

/** The shape in numbers. Throws when a symbol has no value. */
export const bindShape = (shape: Shape, bindings: Bindings): number[] =>
  shape.map((dim) => {
    if (typeof dim === 'number') return dim
    const size = bindings.get(dim.symbol)
    if (size === undefined) throw new Error(`no size given for the dynamic dimension ${dim.symbol}`)
    return size * dim.times
  })
