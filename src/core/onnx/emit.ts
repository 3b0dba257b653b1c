// Graph to ONNX: walks the values and writes each operation by its row; names are given here and only here.
import { showDim, topologicalOrder, type Node, type OpName, type Value } from '../tensor/index.ts'
import { decoded, decodedRows, storeCodes, tokenOf, type CodedWeight, type StoredCodes } from './coded.ts'
import type { Emission } from './emission.ts'
import { emitters } from './emitters.ts'
import type { OnnxGraph, OnnxInitializer, OnnxValueInfo } from './model.ts'
import { createScope, type Scope } from './scope.ts'

export type EmitOptions = {
  readonly name: string
  /** Outputs by the names they shall have. */
  readonly outputs: ReadonlyMap<string, Value>
  /** Where a frozen leaf's bytes lie, as float32 or coded; null: it is an input of the graph instead, fed at each run. */
  readonly place: (leaf: string) => Extract<OnnxInitializer['data'], { kind: 'external' }> | CodedWeight | null
}

const info = (name: string, value: Value): OnnxValueInfo => ({
  kind: 'tensor',
  name,
  dtype: value.dtype,
  dims: value.shape.map((dim) => (typeof dim === 'number' ? dim : showDim(dim))),
})

type Writing = {
  readonly outputs: readonly Value[]
  /** Names of values that are there already: what they were computed from is not written again. */
  readonly known: ReadonlyMap<Value, string>
  /** Writes a leaf that is not known and returns its name. */
  readonly leaf: (value: Value) => string
  /** Weights in codes by the names of their leaves: no tensor has such a name, each reader has its own. */
  readonly stored: ReadonlyMap<string, StoredCodes>
}

/** Writes each operation that the outputs need by its row; returns the names of the outputs. */
function writeNodes(scope: Scope, { outputs, known, leaf, stored }: Writing): string[] {
  const names = new Map(known)
  const nameOf = (value: Value): string => {
    const name = names.get(value)
    if (name === undefined) throw new Error('a value is used before it is written')
    return name
  }
  const order = topologicalOrder(outputs)
  const used = new Set([...outputs, ...order.flatMap((node) => node.inputs)])
  for (const node of order) {
    if (node.outputs.every((value) => names.has(value))) continue
    if (node.op === 'leaf') {
      const value = node.outputs[0] as Value
      names.set(value, leaf(value))
      continue
    }
    const emitter = emitters[node.op] as (emission: Emission<OpName>) => string[]
    const read = node.inputs.map(nameOf)
    const coded = stored.get(read[0] as string)
    if (node.op === 'gatherRows' && coded) {
      const [count] = info('', node.outputs[0] as Value).dims as [number | string]
      names.set(node.outputs[0] as Value, decodedRows(scope, coded, { name: read[1] as string, count }))
      continue
    }
    const written = emitter({
      scope,
      inputs: read.map((name) => {
        const weight = stored.get(name)
        return weight ? decoded(scope, weight, tokenOf({ op: node.op, values: node.inputs, names: read }, stored)) : name
      }),
      values: node.inputs,
      outputs: node.outputs,
      used: node.outputs.map((value) => used.has(value)),
      attributes: node.attributes,
      write: (inner, graph) => writeNodes(inner, { ...graph, leaf: foreignLeaf, stored: NONE }),
    })
    node.outputs.forEach((value, i) => {
      const name = written[i] as string
      names.set(value, name)
      // A literal may stand for a value; it has its type already.
      if (used.has(value) && node.op !== 'constant') scope.describe(info(name, value))
    })
  }
  return outputs.map(nameOf)
}

/** The body of an operation reads what that operation read, in float32. */
const NONE: ReadonlyMap<string, StoredCodes> = new Map()

function foreignLeaf(): never {
  throw new Error('a body reads its own leaves only')
}

/** The ONNX graph that computes the outputs. Throws when two different leaves have one name. */
export function emit({ name, outputs, place }: EmitOptions): OnnxGraph {
  const scope = createScope()
  const leaves = new Map<string, Value>()
  const inputs: OnnxValueInfo[] = []
  const stored = new Map<string, StoredCodes>()
  const written = writeNodes(scope, {
    outputs: [...outputs.values()],
    known: new Map(),
    stored,
    leaf: (value) => {
      const leaf = (value.node as Node<'leaf'>).attributes
      if (leaves.has(leaf.name)) throw new Error(`two leaves are named ${leaf.name}`)
      leaves.set(leaf.name, value)
      const data = leaf.role === 'frozen' ? place(leaf.name) : null
      if (data?.kind === 'external') scope.add({ name: leaf.name, dtype: value.dtype, dims: value.shape as number[], data })
      else if (data) stored.set(leaf.name, storeCodes(scope, { name: leaf.name, shape: value.shape as number[] }, data))
      else inputs.push(info(leaf.name, value))
      return leaf.name
    },
  })
  // Identity gives an output its name, also where a leaf or a shared value is an output.
  ;[...outputs.keys()].forEach((wanted, i) => scope.alias(written[i] as string, wanted))
  return scope.finish({ name, inputs, outputs: [...outputs].map(([wanted, value]) => info(wanted, value)) })
}
