// Reverse mode: gradients by one walk backwards over the graph; on request with recomputation in place of memory.
import { showShape } from './dims.ts'
import { gradientsOf } from './gradients.ts'
import { add, constant, mul, sum } from './ops.ts'
import { rebuild } from './rebuild.ts'
import { topologicalOrder, type Node, type Value } from './value.ts'

/**
 * The gradients that `output` with the incoming gradient `seed` sends to each value of `wrt`, in their order; null for
 * one that `output` does not depend on. Each of `wrt` counts as independent: what it was computed from gets nothing.
 * Only nodes on a path from `wrt` get gradients, so frozen parts cost nothing.
 */
function pullBack({ output, seed }: { output: Value; seed: Value }, wrt: readonly Value[]): (Value | null)[] {
  const targets = new Set(wrt)
  const ends = new Set(wrt.map((value) => value.node))
  const order = topologicalOrder([output], ends)
  const onPath = new Set<Node>()
  for (const node of order) {
    if (node.outputs.some((value) => targets.has(value)) || node.inputs.some((value) => onPath.has(value.node)))
      onPath.add(node)
  }
  const sums = new Map<Value, Value>([[output, seed]])
  const deliver = (value: Value, gradient: Value): void => {
    const before = sums.get(value)
    sums.set(value, before ? add(before, gradient) : gradient)
  }
  for (const node of order.reverse()) {
    if (!onPath.has(node) || ends.has(node)) continue
    const incoming = node.outputs.map((value) => sums.get(value) ?? null)
    if (incoming.every((gradient) => gradient === null)) continue
    gradientsOf(node, incoming).forEach((gradient, i) => {
      const input = node.inputs[i] as Value
      if (gradient && onPath.has(input.node)) deliver(input, gradient)
    })
  }
  return wrt.map((value) => (onPath.has(value.node) ? (sums.get(value) ?? null) : null))
}

export type GradientOptions = {
  /**
   * Values that divide the graph into segments, each depending on the one before. What lies within a segment is not
   * kept for the backward pass but computed again from the segment's beginning (arXiv 1604.06174).
   */
  readonly checkpoints?: readonly Value[]
}

/**
 * Gradients of `loss` (a scalar) with respect to each value of `wrt`, in their order, as graph values of the same shapes.
 * Throws when the loss is not a scalar or does not depend on one of `wrt`.
 */
export function gradients(loss: Value, wrt: readonly Value[], { checkpoints = [] }: GradientOptions = {}): Value[] {
  if (loss.shape.length !== 0) throw new Error(`gradients: the loss must be a scalar, found ${showShape(loss.shape)}`)
  const found = new Map<Value, Value>()
  const keep = (values: readonly Value[], pulled: readonly (Value | null)[]): void =>
    values.forEach((value, i) => {
      const [before, gradient] = [found.get(value), pulled[i]]
      if (gradient) found.set(value, before ? add(before, gradient) : gradient)
    })

  let segment: { output: Value; seed: Value } | null = { output: loss, seed: constant(1) }
  for (const start of [...checkpoints].reverse()) {
    if (segment === null) break
    const later: { output: Value; seed: Value } = segment
    // Behind the last checkpoint nothing is computed twice; before it, each segment is built again from its start.
    const again = later.output === loss ? { start, output: loss } : restart(start, later)
    const own = leavesOf(again.output, again.start, wrt)
    const [toStart = null, ...toOwn] = pullBack({ output: again.output, seed: later.seed }, [again.start, ...own])
    keep(own, toOwn)
    segment = toStart && { output: start, seed: toStart }
  }
  if (segment !== null) keep(wrt, pullBack(segment, wrt))
  return wrt.map((value, i) => {
    const gradient = found.get(value)
    if (!gradient) throw new Error(`gradients: the loss does not depend on value ${i} ${showShape(value.shape)}`)
    return gradient
  })
}

/**
 * The segment from `start` to `output` built again. Its start gets 0 * sum(incoming gradient) added: without this tie the
 * runtime would see that both computations are the same, share them, and keep all that was to be forgotten.
 */
function restart(start: Value, { output, seed }: { output: Value; seed: Value }): { start: Value; output: Value } {
  const tie = mul(sum(seed, seed.shape.map((_, axis) => axis)), constant(0))
  const again = add(start, tie)
  return { start: again, output: rebuild(output, new Map([[start, again]])) }
}

/** Those of `wrt` that `output` depends on other than through `start`. */
function leavesOf(output: Value, start: Value, wrt: readonly Value[]): Value[] {
  const reached = new Set(topologicalOrder([output], new Set([start.node])))
  return wrt.filter((value) => reached.has(value.node))
}
