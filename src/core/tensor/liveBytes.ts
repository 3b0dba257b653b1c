// How many bytes a graph's values take at most at one time when it runs operation by operation, in the order of ONNX Runtime.
import { bindShape, type Bindings } from './dims.ts'
import { topologicalOrder, type DType, type Node, type OpName, type Value } from './value.ts'

const BYTES: Record<DType, number> = { f32: 4, i64: 8, bool: 1 }
/** The same memory under another shape. */
const VIEWS: ReadonlySet<OpName> = new Set<OpName>(['reshape', 'after', 'withGradient'])
/** Written over an input of the same size that nothing reads any more. */
const IN_PLACE: ReadonlySet<OpName> = new Set<OpName>(['add', 'sub', 'mul', 'div', 'neg', 'exp', 'log', 'softmax', 'where'])
/** Rows of a chunk: the emitted loop's (onnx/rowLoop.ts). */
const CHUNK_ROWS = 128

export type LiveOptions = {
  readonly bindings: Bindings
  /** Bytes that an operation needs beside its outputs for each frozen matrix it reads; default: none. */
  readonly decoding?: (leaf: { readonly name: string; readonly elements: number }) => number
}

const elementsOf = (value: Value, bindings: Bindings): number => bindShape(value.shape, bindings).reduce((product, n) => product * n, 1)

/** Without what is stored (frozen leaves). What is fed counts, from the beginning. */
export function liveBytes(outputs: readonly Value[], { bindings, decoding = () => 0 }: LiveOptions): number {
  // The runtime follows its last output first.
  const order = topologicalOrder(outputs.toReversed())
  const roots = new Map<Value, Value>()
  const rootOf = (value: Value): Value => roots.get(value) ?? value
  const uses = new Map<Value, number>()
  const count = (value: Value, by: number): number => {
    const left = (uses.get(value) ?? 0) + by
    uses.set(value, left)
    return left
  }
  const sizeOf = (value: Value): number => BYTES[value.dtype] * elementsOf(value, bindings)
  for (const node of order) {
    if (VIEWS.has(node.op)) roots.set(node.outputs[0] as Value, rootOf(node.inputs[0] as Value))
    for (const input of node.inputs) count(rootOf(input), 1)
  }
  for (const value of outputs) count(rootOf(value), 1)
  const fed = order.filter((node): node is Node<'leaf'> => node.op === 'leaf' && 'role' in node.attributes && node.attributes.role !== 'frozen')
  const isStored = ({ node }: Value): boolean => node.op === 'leaf' || node.op === 'constant'
  let live = fed.reduce((sum, node) => sum + sizeOf(node.outputs[0] as Value), 0)
  let most = live
  for (const node of order) {
    if (node.op === 'leaf' || node.op === 'constant') continue
    const made = VIEWS.has(node.op) ? [] : node.outputs.filter((value) => uses.has(value) || value === node.outputs[0])
    const size = made.reduce((sum, value) => sum + sizeOf(value), 0)
    const over = IN_PLACE.has(node.op) && node.inputs.some((input) => {
      const root = rootOf(input)
      return !isStored(root) && uses.get(root) === 1 && sizeOf(root) === size
    })
    most = Math.max(most, live + (over ? 0 : size) + beside(node, { bindings, decoding }))
    live += size
    const ended = new Set<Value>()
    for (const input of node.inputs) {
      const root = rootOf(input)
      if (count(root, -1) === 0 && !isStored(root)) ended.add(root)
    }
    for (const root of ended) live -= sizeOf(root)
    for (const value of made) if (!uses.has(value)) live -= sizeOf(value)
  }
  return most
}

/** What an operation holds while it runs, beside inputs and outputs. */
function beside(node: Node, { bindings, decoding }: Required<LiveOptions>): number {
  const read = node.op === 'gatherRows' ? [] : node.inputs
  const decoded = read.reduce((sum, { node: source, shape }, i) => {
    if (source.op !== 'leaf' || !('role' in source.attributes) || source.attributes.role !== 'frozen' || shape.length !== 2) return sum
    return sum + decoding({ name: source.attributes.name, elements: elementsOf(read[i] as Value, bindings) })
  }, 0)
  if ('body' in node.attributes) {
    const { leaves, rows, outputs } = node.attributes.body
    const all = bindShape((node.inputs[0] as Value).shape.slice(0, 1), bindings)[0] as number
    const inner = new Map(bindings).set('C', Math.min(CHUNK_ROWS, all))
    // What is the same for all chunks is there already.
    const shared = leaves.slice(rows).reduce((sum, leaf) => sum + BYTES[leaf.dtype] * elementsOf(leaf, inner), 0)
    return decoded + liveBytes(outputs, { bindings: inner }) - shared
  }
  // Scores before and after the mask is added.
  if (node.op === 'attend') return 2 * BYTES.f32 * elementsOf(node.outputs[1] as Value, bindings)
  return decoded
}
