// The scope in which nodes are written: hands out names, collects nodes and literals of one ONNX graph.
import type { ElementType, OnnxAttribute, OnnxGraph, OnnxInitializer, OnnxNode, OnnxValueInfo } from './model.ts'

export type NodeOptions = {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
  readonly domain?: '' | 'com.microsoft'
  /** Number of outputs; default 1. */
  readonly outputs?: number
}

export type Scope = {
  /** Adds a node and returns the names of its outputs. */
  nodes(opType: string, inputs: readonly string[], options?: NodeOptions): string[]
  /** Adds a node with one output and returns its name. */
  node(opType: string, inputs: readonly string[], options?: NodeOptions): string
  /** A literal; equal ones are written once. */
  literal(dtype: ElementType, dims: readonly number[], values: readonly number[]): string
  add(initializer: OnnxInitializer): void
  /** Says what a value is: the runtime finds fewer shapes by itself, and reuses only memory whose shape it knows. */
  describe(value: OnnxValueInfo): void
  /** Gives a value a second name. */
  alias(from: string, to: string): void
  /** A scope for the body of a control operator; it sees this one's names. */
  inner(): Scope
  finish(rest: Pick<OnnxGraph, 'name' | 'inputs' | 'outputs'>): OnnxGraph
}

type Counter = { next: number }

export function createScope(counter: Counter = { next: 0 }): Scope {
  const nodes: OnnxNode[] = []
  const initializers: OnnxInitializer[] = []
  const literals = new Map<string, string>()
  const values = new Map<string, OnnxValueInfo>()

  const scope: Scope = {
    nodes(opType, inputs, { attributes = {}, domain = '', outputs: count = 1 } = {}) {
      const id = counter.next++
      const outputs = Array.from({ length: count }, (_, i) => `${opType}_${id}${count > 1 ? `_${i}` : ''}`)
      nodes.push({ opType, domain, inputs, outputs, attributes })
      return outputs
    },
    node: (opType, inputs, options) => scope.nodes(opType, inputs, options)[0] as string,
    literal(dtype, dims, values) {
      const key = `${dtype} ${dims} ${values}`
      const known = literals.get(key)
      if (known) return known
      const name = `literal_${counter.next++}`
      initializers.push({ name, dtype, dims, data: { kind: 'inline', values } })
      literals.set(key, name)
      return name
    },
    add: (initializer) => initializers.push(initializer),
    describe: (value) => values.set(value.name, value),
    alias: (from, to) => nodes.push({ opType: 'Identity', domain: '', inputs: [from], outputs: [to], attributes: {} }),
    inner: () => createScope(counter),
    finish: (rest) => ({ ...rest, nodes, initializers, values: [...values.values()] }),
  }
  return scope
}
