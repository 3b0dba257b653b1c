// Interpreter arrays as tensors for a runtime, with the dtypes that the graph's leaves want.
import type { FedTensor } from '../../src/core/ports/index.ts'
import { topologicalOrder, type NdArray, type Value } from '../../src/core/tensor/index.ts'

export function toFed(values: readonly Value[], feeds: ReadonlyMap<string, NdArray>): Map<string, FedTensor> {
  const fed = new Map<string, FedTensor>()
  for (const node of topologicalOrder(values)) {
    if (node.op !== 'leaf' || !('name' in node.attributes)) continue
    const { name, type } = node.attributes
    const array = feeds.get(name)
    if (!array) throw new Error(`no feed for ${name}`)
    const { shape } = array
    if (type.dtype === 'i64') fed.set(name, { dtype: 'i64', shape, data: BigInt64Array.from(array.data, (x) => BigInt(x)) })
    else fed.set(name, { dtype: 'f32', shape, data: Float32Array.from(array.data) })
  }
  return fed
}
