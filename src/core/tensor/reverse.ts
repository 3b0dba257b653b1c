// Reverse mode: gradients by one walk backwards over the graph; on request with recomputation in place of memory.
import { showShape } from './dims.ts'
import { gradientsOf } from './gradients.ts'
import { add, after, apply, constant } from './ops.ts'
import { topologicalOrder, type Node, type Value } from './value.ts'

export type GradientOptions = {
  /**
   * Whether a value is kept from the forward to the backward part; default: all are. What is not kept is computed again
   * from what is, when the first gradient asks for it (arXiv 1604.06174).
   */
  readonly keeps?: (value: Value) => boolean
}

/**
 * Gradients of `loss` (a scalar) with respect to each value of `wrt`, in their order, as graph values of the same shapes.
 * Only nodes on a path from `wrt` get gradients, so frozen parts cost nothing.
 * Throws when the loss is not a scalar or does not depend on one of `wrt`.
 */
export function gradients(loss: Value, wrt: readonly Value[], { keeps = () => true }: GradientOptions = {}): Value[] {
  if (loss.shape.length !== 0) throw new Error(`gradients: the loss must be a scalar, found ${showShape(loss.shape)}`)
  // Each of `wrt` counts as independent: what it was computed from gets nothing.
  const targets = new Set(wrt)
  const ends = new Set(wrt.map((value) => value.node))
  const order = topologicalOrder([loss], ends)
  const onPath = new Set<Node>()
  for (const node of order) {
    if (node.outputs.some((value) => targets.has(value)) || node.inputs.some((value) => onPath.has(value.node)))
      onPath.add(node)
  }
  // Leaves are there anyway, and what does not depend on `wrt` (masks, tables) is shared by all that read it.
  const memory = createMemory((value) => value.node.op === 'leaf' || targets.has(value) || !onPath.has(value.node) || keeps(value))
  const sums = new Map<Value, Value>([[loss, constant(1)]])
  const deliver = (value: Value, gradient: Value): void => {
    const before = sums.get(value)
    sums.set(value, before ? add(before, gradient) : gradient)
  }
  for (const node of order.reverse()) {
    if (!onPath.has(node) || ends.has(node)) continue
    const incoming = node.outputs.map((value) => sums.get(value) ?? null)
    const token = incoming.find((gradient) => gradient !== null)
    if (!token) continue
    const recall = (values: readonly Value[]): Value[] => values.map((value) => memory.recall(value, token))
    gradientsOf({ ...node, inputs: recall(node.inputs), outputs: recall(node.outputs) }, incoming).forEach((gradient, i) => {
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

/** Values of the forward part as the backward part reads them. */
function createMemory(isKept: (value: Value) => boolean) {
  const rebuilt = new Map<Node, Value[]>()

  /** The value itself when it is kept, else computed again once `token` is there; the first who asks decides. */
  function recall(value: Value, token: Value): Value {
    if (isKept(value)) return value
    const known = rebuilt.get(value.node)
    if (known) return known[value.output] as Value
    const { op, inputs, attributes } = value.node
    const again = inputs.map((input) => recall(input, token))
    const outputs = apply(op, again.every((input, i) => input === inputs[i]) ? late(again, token) : again, attributes)
    rebuilt.set(value.node, outputs)
    return outputs[value.output] as Value
  }
  return { recall }
}

/**
 * The inputs with one of them waiting for `token`: what is computed again must not be computed before, and without that
 * the runtime would see that both computations are the same, share them, and keep all that was to be forgotten.
 */
function late(inputs: readonly Value[], token: Value): Value[] {
  const waits = inputs.findIndex((input) => input.dtype === 'f32' && input.shape.length > 0 && input.node.op !== 'leaf')
  return inputs.map((input, i) => (i === waits ? after(input, token) : input))
}
