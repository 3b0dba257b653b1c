// A graph runtime for tests in plain TypeScript: every compiled graph runs in the interpreter, in double precision.
import type { FedTensor, GraphRuntime } from '../../src/core/ports/index.ts'
import { interpret, ndarray, topologicalOrder, type NdArray, type Value } from '../../src/core/tensor/index.ts'

const asArray = ({ shape, data }: FedTensor): NdArray => ndarray(shape, data)

/** `frozen` holds the weights that a runtime has in its own store, by leaf name. Fed tensors that a graph has no leaf for throw. */
export function interpreterRuntime(frozen: ReadonlyMap<string, NdArray>): GraphRuntime {
  return {
    async compile(_name, outputs) {
      const values: Value[] = [...outputs.values()]
      const leaves = new Set(
        topologicalOrder(values).flatMap((node) => (node.op === 'leaf' && 'name' in node.attributes ? [node.attributes.name] : [])),
      )
      return {
        async run(feeds) {
          for (const name of feeds.keys()) if (!leaves.has(name)) throw new Error(`the graph has no leaf ${name}`)
          const all = new Map([...frozen, ...[...feeds].map(([name, tensor]) => [name, asArray(tensor)] as const)])
          const results = interpret(values, all)
          return new Map([...outputs.keys()].map((name, i) => [name, Float32Array.from((results[i] as NdArray).data)]))
        },
        async dispose() {},
      }
    },
  }
}
