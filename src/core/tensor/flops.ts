// Floating point operations of a graph's matrix products: what a machine must do at least.
import { bindShape, type Bindings } from './dims.ts'
import { topologicalOrder, type OpName, type Value } from './value.ts'

/** Multiply and add count as two. Operations that are not in this table cost little beside products and count as none. */
const COSTS: { readonly [K in OpName]?: (inputs: number[][], outputs: number[][], used: boolean[]) => number } = {
  // A holds rows x inner, B inner x columns, Y rows x columns: (inner)^2 = |A| |B| / |Y| / batch.
  matmul: ([a = [], b = []], [y = []]) => {
    const count = (shape: number[]): number => shape.reduce((product, n) => product * n, 1)
    const batch = count(y.slice(0, -2))
    return 2 * count(y) * Math.sqrt((count(a) * count(b)) / count(y) / batch)
  },
  // Scores, and the mixture where it is wanted.
  attend: ([q = [], , v = []], _outputs, [mixed]) => {
    const [groups, rows, size] = q as [number, number, number]
    const [, keys, width] = v as [number, number, number]
    return 2 * groups * rows * keys * (size + (mixed ? width : 0))
  },
}

/** The size of a chunk, in the body of `chunkedRows`: all rows together cost what one chunk of them would. */
const CHUNK = 'C'

/** Total over all nodes that the outputs need, with the dynamic sizes given. */
export function countFlops(outputs: readonly Value[], bindings: Bindings): number {
  const order = topologicalOrder(outputs)
  const used = new Set([...outputs, ...order.flatMap((node) => node.inputs)])
  const shapes = (values: readonly Value[]): number[][] => values.map((value) => bindShape(value.shape, bindings))
  return order.reduce((total, node) => {
    if ('body' in node.attributes) {
      const { outputs: all } = node.attributes.body
      const needed = all.filter((_, i) => used.has(node.outputs[i] as Value))
      const rows = bindShape((node.inputs[0] as Value).shape.slice(0, 1), bindings)[0] as number
      return total + countFlops(needed, new Map(bindings).set(CHUNK, rows))
    }
    const cost = COSTS[node.op]
    return cost ? total + cost(shapes(node.inputs), shapes(node.outputs), node.outputs.map((value) => used.has(value))) : total
  }, 0)
}
