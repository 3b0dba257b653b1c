// Reference kernels: what each operation computes, written as the plainest loops. A table of rows, no speed intended.
import { at, copy, copyAlong, kernel, logSumExp, map, normaliseRows, rowsOf, zip, type Kernel } from './kernelForms.ts'
import { broadcastOffsets, elements, strides, type NdArray } from './ndarray.ts'
import { GELU, type OpName, type Node, type Value } from './value.ts'

export const kernels: { readonly [K in OpName]: Kernel<K> } = {
  leaf: () => {},
  constant: ({ outputs: [y], attributes: { data } }) => (y as NdArray).data.set(data),
  add: zip((a, b) => a + b),
  sub: zip((a, b) => a - b),
  mul: zip((a, b) => a * b),
  div: zip((a, b) => a / b),
  equal: zip((a, b) => Number(a === b)),
  lessOrEqual: zip((a, b) => Number(a <= b)),
  and: zip((a, b) => Number(a !== 0 && b !== 0)),
  neg: map((x) => -x),
  exp: map(Math.exp),
  log: map(Math.log),
  silu: ({ inputs: [x], outputs: [y, sigma] }) =>
    (x as NdArray).data.forEach((v, i) => {
      const s = 1 / (1 + Math.exp(-v))
      ;(sigma as NdArray).data[i] = s
      ;(y as NdArray).data[i] = v * s
    }),
  gelu: ({ inputs: [x], outputs: [y, sigma] }) =>
    (x as NdArray).data.forEach((v, i) => {
      const s = 1 / (1 + Math.exp(-v * (GELU.linear + GELU.cubic * v * v)))
      ;(sigma as NdArray).data[i] = s
      ;(y as NdArray).data[i] = v * s
    }),
  softmax: normaliseRows(Math.exp),
  logSoftmax: normaliseRows((p) => p),
  reshape: copy,
  toFloat: copy,
  where: kernel(3, ([condition, a, b], y) => {
    const [c, fromA, fromB] = [condition, a, b].map((x) => broadcastOffsets(x.shape, y.shape)) as Int32Array[] &
      [Int32Array, Int32Array, Int32Array]
    for (let i = 0; i < y.data.length; i++) {
      const chosen = at(condition.data, c[i] as number) !== 0
      y.data[i] = chosen ? at(a.data, fromA[i] as number) : at(b.data, fromB[i] as number)
    }
  }),
  matmul: kernel<'matmul', 2>(2, ([a, b], y, { transposeA, transposeB, alpha }) => {
    const [m, n] = y.shape.slice(-2) as [number, number]
    const inner = a.shape.at(transposeA ? -2 : -1) as number
    for (let batch = 0; batch < y.data.length / (m * n); batch++)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let total = 0
          for (let k = 0; k < inner; k++)
            total +=
              at(a.data, batch * m * inner + (transposeA ? k * m + i : i * inner + k)) *
              at(b.data, batch * n * inner + (transposeB ? j * inner + k : k * n + j))
          y.data[(batch * m + i) * n + j] = alpha * total
        }
  }),
  sum: kernel<'sum', 1>(1, ([x], y, { axes }) => {
    const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size))
    const into = broadcastOffsets(kept, x.shape)
    x.data.forEach((v, i) => (y.data[into[i] as number] = at(y.data, into[i] as number) + v))
  }),
  transpose: kernel<'transpose', 1>(1, ([x], y, { permutation }) => {
    const from = strides(x.shape)
    const steps = permutation.map((axis) => from[axis] as number)
    const to = strides(y.shape)
    for (let i = 0; i < y.data.length; i++) {
      const offset = to.reduce((sum, stride, axis) => {
        const index = Math.floor(i / stride) % (y.shape[axis] as number)
        return sum + index * (steps[axis] as number)
      }, 0)
      y.data[i] = at(x.data, offset)
    }
  }),
  split: ({ inputs: [x], outputs, attributes: { axis } }) => {
    let from = 0
    for (const y of outputs) {
      const count = y.shape[axis] as number
      copyAlong(axis, [x as NdArray, y], { from, to: 0, count })
      from += count
    }
  },
  concat: ({ inputs, outputs: [y], attributes: { axis } }) => {
    let to = 0
    for (const x of inputs) {
      const count = x.shape[axis] as number
      copyAlong(axis, [x, y as NdArray], { from: 0, to, count })
      to += count
    }
  },
  slice: kernel<'slice', 1>(1, ([x], y, { axis, start, end }) => copyAlong(axis, [x, y], { from: start, to: 0, count: end - start })),
  pad: kernel<'pad', 1>(1, ([x], y, { axis, before }) => copyAlong(axis, [x, y], { from: 0, to: before, count: x.shape[axis] as number })),
  attend: ({ inputs, outputs, attributes: { scale } }) => {
    const [q, k, v, mask] = inputs as [NdArray, NdArray, NdArray, NdArray]
    const [y, p] = outputs as [NdArray, NdArray]
    const [groups, rows, size] = q.shape as [number, number, number]
    const [keys, width] = v.shape.slice(1) as [number, number]
    for (let g = 0; g < groups; g++)
      for (let r = g * rows; r < (g + 1) * rows; r++) {
        for (let j = 0; j < keys; j++) {
          let dot = 0
          for (let d = 0; d < size; d++) dot += at(q.data, r * size + d) * at(k.data, (g * keys + j) * size + d)
          p.data[r * keys + j] = scale * dot + at(mask.data, r * keys + j)
        }
        const total = logSumExp(p.data, r * keys, keys)
        for (let j = 0; j < keys; j++) {
          const share = Math.exp(at(p.data, r * keys + j) - total)
          p.data[r * keys + j] = share
          for (let d = 0; d < width; d++) y.data[r * width + d] = at(y.data, r * width + d) + share * at(v.data, (g * keys + j) * width + d)
        }
      }
  },
  after: copy,
  expand: kernel(2, ([x], y) => {
    broadcastOffsets(x.shape, y.shape).forEach((from, i) => (y.data[i] = at(x.data, from)))
  }),
  gatherRows: kernel(2, ([x, index], y) => {
    const width = elements(x.shape.slice(1))
    index.data.forEach((row, i) => y.data.set(x.data.subarray(row * width, (row + 1) * width), i * width))
  }),
  scatterAddRows: kernel(3, ([x, index], y) => {
    const width = elements(x.shape.slice(1))
    index.data.forEach((row, i) => {
      for (let k = 0; k < width; k++) y.data[row * width + k] = at(y.data, row * width + k) + at(x.data, i * width + k)
    })
  }),
  pick: kernel(2, ([x, labels], y) => {
    const [columns, perRow] = [x.shape[1] as number, labels.shape[1] ?? 1]
    labels.data.forEach((label, i) => (y.data[i] = at(x.data, Math.floor(i / perRow) * columns + label)))
  }),
  unpick: kernel(3, ([x, labels], y) => {
    const [columns, perRow] = [y.shape[1] as number, labels.shape[1] ?? 1]
    labels.data.forEach((label, i) => {
      const into = Math.floor(i / perRow) * columns + label
      y.data[into] = at(y.data, into) + at(x.data, i)
    })
  }),
  rmsNorm: ({ inputs, outputs, attributes: { epsilon } }) => {
    const [x, w] = inputs as [NdArray, NdArray]
    const [y, factor] = outputs as [NdArray, NdArray]
    rowsOf(x, (start, length) => {
      let squares = 0
      for (let i = start; i < start + length; i++) squares += at(x.data, i) ** 2
      const scale = 1 / Math.sqrt(squares / length + epsilon)
      factor.data[start / length] = scale
      for (let i = 0; i < length; i++) y.data[start + i] = at(x.data, start + i) * scale * at(w.data, i)
    })
  },
  rope: kernel<'rope', 3>(3, ([x, cos, sin], y, { heads, layout }) => {
    const [rows, width] = x.shape as [number, number]
    const size = width / heads
    const half = cos.shape[1] as number
    y.data.set(x.data)
    for (let row = 0; row < rows; row++)
      for (let head = 0; head < heads; head++)
        for (let i = 0; i < half; i++) {
          const base = row * width + head * size
          const first = base + (layout === 'interleaved' ? 2 * i : i)
          const second = base + (layout === 'interleaved' ? 2 * i + 1 : i + half)
          const [c, s] = [at(cos.data, row * half + i), at(sin.data, row * half + i)]
          y.data[first] = at(x.data, first) * c - at(x.data, second) * s
          y.data[second] = at(x.data, second) * c + at(x.data, first) * s
        }
  }),
  logSumExp: ({ inputs: [x], outputs }) => {
    const [y, softmax, top] = outputs as [NdArray, NdArray, NdArray]
    rowsOf(x as NdArray, (start, length) => {
      const { data } = x as NdArray
      const total = logSumExp(data, start, length)
      y.data[start / length] = total
      top.data[start / length] = data.subarray(start, start + length).reduce((most, v) => Math.max(most, v), -Infinity)
      for (let i = start; i < start + length; i++) softmax.data[i] = Math.exp(at(data, i) - total)
    })
  },
  fillColumns: kernel<'fillColumns', 2>(2, ([x, labels], y, { value }) => {
    const [columns, perRow] = [x.shape[1] as number, labels.shape[1] as number]
    y.data.set(x.data)
    labels.data.forEach((label, i) => (y.data[Math.floor(i / perRow) * columns + label] = value))
  }),
  topK: ({ inputs: [x], outputs, attributes: { k } }) => {
    const [values, columns] = outputs as [NdArray, NdArray]
    rowsOf(x as NdArray, (start, length) => {
      const row = (x as NdArray).data.subarray(start, start + length)
      const order = [...row.keys()].sort((a, b) => at(row, b) - at(row, a) || a - b)
      for (let i = 0; i < k; i++) {
        columns.data[(start / length) * k + i] = order[i] as number
        values.data[(start / length) * k + i] = at(row, order[i] as number)
      }
    })
  },
  withGradient: copy,
  // All rows as one chunk: the numbers do not depend on where they are cut.
  chunkedRows: ({ inputs, outputs, used, attributes: { body }, interpret }) => {
    const wanted = outputs.map((_, i) => i).filter((i) => used[i])
    const feeds = new Map(body.leaves.map((leaf, i) => [leafName(leaf), inputs[i] as NdArray]))
    const results = interpret(wanted.map((i) => body.outputs[i] as Value), feeds)
    wanted.forEach((output, i) => (outputs[output] as NdArray).data.set((results[i] as NdArray).data))
  },
}

const leafName = (leaf: Value): string => (leaf.node as Node<'leaf'>).attributes.name
