// Graph to ONNX: walks the values and writes each operation by its row; names are given here and only here.
import { showDim, topologicalOrder, type OpName, type Value } from '../tensor/index.ts'
import type { Emission } from './emission.ts'
import { emitters } from './emitters.ts'
import type { OnnxGraph, OnnxInitializer, OnnxValueInfo } from './model.ts'
import { createScope } from './scope.ts'

export type EmitOptions = {
  readonly name: string
  /** Outputs by the names they shall have. */
  readonly outputs: ReadonlyMap<string, Value>
  /** Where a frozen leaf's bytes lie; null: it is an input of the graph instead, fed at each run. */
  readonly place: (leaf: string) => Extract<OnnxInitializer['data'], { kind: 'external' }> | null
}

const info = (name: string, value: Value): OnnxValueInfo => ({
  kind: 'tensor',
  name,
  dtype: value.dtype,
  dims: value.shape.map((dim) => (typeof dim === 'number' ? dim : showDim(dim))),
})

/** The ONNX graph that computes the outputs. Throws when two different leaves have one name. */
export function emit({ name, outputs, place }: EmitOptions): OnnxGraph {
  const scope = createScope()
  const names = new Map<Value, string>()
  const leaves = new Map<string, Value>()
  const inputs: OnnxValueInfo[] = []
  const nameOf = (value: Value): string => {
    const known = names.get(value)
    if (known === undefined) throw new Error('a value is used before it is written')
    return known
  }
  const order = topologicalOrder([...outputs.values()])
  const used = new Set([...outputs.values(), ...order.flatMap((node) => node.inputs)])
  for (const node of order) {
    if (node.op === 'leaf' && 'role' in node.attributes) {
      const value = node.outputs[0] as Value
      const leaf = node.attributes
      if (leaves.has(leaf.name)) throw new Error(`two leaves are named ${leaf.name}`)
      leaves.set(leaf.name, value)
      names.set(value, leaf.name)
      const data = leaf.role === 'frozen' ? place(leaf.name) : null
      if (data) scope.add({ name: leaf.name, dtype: value.dtype, dims: value.shape as number[], data })
      else inputs.push(info(leaf.name, value))
      continue
    }
    const emitter = emitters[node.op] as (emission: Emission<OpName>) => string[]
    const written = emitter({
      scope,
      inputs: node.inputs.map(nameOf),
      values: node.inputs,
      outputs: node.outputs,
      used: node.outputs.map((value) => used.has(value)),
      attributes: node.attributes,
    })
    node.outputs.forEach((value, i) => names.set(value, written[i] as string))
  }
  for (const [wanted, value] of outputs) {
    // Identity gives an output its name, also where a leaf or a shared value is an output.
    scope.alias(nameOf(value), wanted)
  }
  return scope.finish({ name, inputs, outputs: [...outputs].map(([wanted, value]) => info(wanted, value)) })
}
