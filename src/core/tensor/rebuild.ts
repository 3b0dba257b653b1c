// Builds a value again with some of the values it depends on replaced; what does not depend on those is shared.
import { apply } from './ops.ts'
import { topologicalOrder, type Value } from './value.ts'

export function rebuild(output: Value, replaced: ReadonlyMap<Value, Value>): Value {
  const built = new Map<Value, Value>(replaced)
  const now = (value: Value): Value => built.get(value) ?? value
  const boundary = new Set([...replaced.keys()].map((value) => value.node))
  for (const node of topologicalOrder([output], boundary)) {
    if (boundary.has(node)) continue
    if (!node.inputs.some((value) => built.has(value))) continue
    const outputs = apply(node.op, node.inputs.map(now), node.attributes)
    node.outputs.forEach((value, i) => built.set(value, outputs[i] as Value))
  }
  return now(output)
}
