// Reverse mode: gradients of a scalar by one walk backwards over the graph.
import { showShape } from './dims.ts'
import { gradientsOf } from './gradients.ts'
import { add, constant } from './ops.ts'
import { topologicalOrder, type Node, type Value } from './value.ts'

/**
 * Gradients of `loss` (a scalar) with respect to each value of `wrt`, in their order, as graph values of the same shapes.
 * Only nodes on a path from `wrt` to `loss` get gradients, so frozen parts cost nothing.
 * Throws when the loss is not a scalar or does not depend on one of `wrt`.
 */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.shape.length !== 0) throw new Error(`gradients: the loss must be a scalar, found ${showShape(loss.shape)}`)
  const order = topologicalOrder([loss])
  const targets = new Set(wrt)
  const onPath = new Set<Node>()
  for (const node of order) {
    if (node.outputs.some((value) => targets.has(value)) || node.inputs.some((value) => onPath.has(value.node)))
      onPath.add(node)
  }

  const sums = new Map<Value, Value>([[loss, constant(1)]])
  const deliver = (value: Value, gradient: Value): void => {
    const before = sums.get(value)
    sums.set(value, before ? add(before, gradient) : gradient)
  }
  for (const node of order.reverse()) {
    if (!onPath.has(node)) continue
    const incoming = node.outputs.map((value) => sums.get(value) ?? null)
    if (incoming.every((gradient) => gradient === null)) continue
    gradientsOf(node, incoming).forEach((gradient, i) => {
      const input = node.inputs[i] as Value
      if (gradient && onPath.has(input.node)) deliver(input, gradient)
    })
  }
  return wrt.map((value, i) => {
    const gradient = sums.get(value)
    if (!gradient) throw new Error(`gradients: the loss does not depend on value ${i} ${showShape(value.shape)}`)
    return gradient
  })
}
