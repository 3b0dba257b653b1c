// The judge: runs a graph with plain loops in double precision. Slow on purpose, so that it can be read.
import { bindShape, type Bindings } from './dims.ts'
import type { Kernel } from './kernelForms.ts'
import { kernels } from './kernels.ts'
import { elements, type NdArray } from './ndarray.ts'
import { topologicalOrder, type OpName, type Value } from './value.ts'

/** Binds each dynamic size from the shapes of what is fed. Throws when two feeds disagree. */
function bindSizes(leaves: readonly { value: Value; array: NdArray; name: string }[]): Bindings {
  const bindings = new Map<string, number>()
  for (const { value, array, name } of leaves) {
    if (array.shape.length !== value.shape.length)
      throw new Error(`${name}: rank ${array.shape.length} fed, ${value.shape.length} expected`)
    value.shape.forEach((dim, i) => {
      const size = array.shape[i] as number
      const known = typeof dim === 'number' ? dim : bindings.get(dim.symbol)
      const expected = typeof dim === 'number' ? dim : known === undefined ? size : known * dim.times
      if (size !== expected) throw new Error(`${name}: size ${size} fed on axis ${i}, ${expected} expected`)
      if (typeof dim !== 'number' && known === undefined) bindings.set(dim.symbol, size / dim.times)
    })
  }
  return bindings
}

/** Values of `outputs` given all leaves by name. Booleans are 0 and 1; integers are exact up to 2^53. */
export function interpret(outputs: readonly Value[], feeds: ReadonlyMap<string, NdArray>): NdArray[] {
  const order = topologicalOrder(outputs)
  const results = new Map<Value, NdArray>()
  const leaves = order.flatMap((node) => {
    if (node.op !== 'leaf' || !('name' in node.attributes)) return []
    const { name } = node.attributes
    const array = feeds.get(name)
    if (!array) throw new Error(`no value fed for ${name}`)
    return [{ value: node.outputs[0] as Value, array, name }]
  })
  const bindings = bindSizes(leaves)
  for (const { value, array } of leaves) results.set(value, array)

  const used = new Set([...outputs, ...order.flatMap((node) => node.inputs)])
  for (const node of order) {
    if (node.op === 'leaf') continue
    const inputs = node.inputs.map((input) => results.get(input) as NdArray)
    const shapes = node.outputs.map((value) => bindShape(value.shape, bindings))
    const made = shapes.map((shape) => ({ shape, data: new Float64Array(elements(shape)) }))
    const call = { inputs, outputs: made, used: node.outputs.map((value) => used.has(value)), attributes: node.attributes, interpret }
    ;(kernels[node.op] as Kernel<OpName>)(call)
    node.outputs.forEach((value, i) => results.set(value, made[i] as NdArray))
  }
  return outputs.map((value) => results.get(value) as NdArray)
}
