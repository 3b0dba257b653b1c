// Dense arrays of the interpreter: row-major doubles with a shape.

export type NdArray = { readonly shape: readonly number[]; readonly data: Float64Array }

export const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

export const strides = (shape: readonly number[]): number[] => {
  const out = new Array<number>(shape.length)
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    out[i] = step
    step *= shape[i] as number
  }
  return out
}

/** Makes an array; throws when the number of elements does not fit the shape. */
export function ndarray(shape: readonly number[], data: ArrayLike<number | bigint>): NdArray {
  if (data.length !== elements(shape)) throw new Error(`${data.length} elements for shape [${shape}]`)
  return { shape, data: Float64Array.from(data as ArrayLike<number>, Number) }
}

/** For each element of `shape`, the offset of the element of `source` that it reads under broadcasting. */
export function broadcastOffsets(source: readonly number[], shape: readonly number[]): Int32Array {
  const lead = shape.length - source.length
  const sourceStrides = strides(source)
  const offsets = new Int32Array(elements(shape))
  const index = new Array<number>(shape.length).fill(0)
  for (let i = 0; i < offsets.length; i++) {
    let offset = 0
    for (let axis = lead; axis < shape.length; axis++) {
      if (source[axis - lead] !== 1) offset += (index[axis] as number) * (sourceStrides[axis - lead] as number)
    }
    offsets[i] = offset
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (shape[axis] as number)) break
      index[axis] = 0
    }
  }
  return offsets
}
