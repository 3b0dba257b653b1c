// How many axes the values of an ONNX graph have, as far as its nodes say.
import type { OnnxGraph, OnnxNode } from './model.ts'

const SAME_AS_WIDEST = new Set(['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Exp', 'Log', 'Sigmoid', 'Softmax', 'LogSoftmax', 'Where', 'Cast', 'Identity', 'Concat', 'MatMul', 'FusedMatMul', 'Slice'])

/** Axes by name; a name whose node does not say is missing. */
export function ranksOf({ inputs, initializers, nodes }: OnnxGraph): Map<string, number> {
  const ranks = new Map<string, number>()
  for (const { name, dims } of [...inputs, ...initializers]) if (dims) ranks.set(name, dims.length)
  const lengths = new Map(initializers.map(({ name, dims }) => [name, dims[0]]))
  const rankOf = ({ opType, inputs: read, attributes }: OnnxNode): number | undefined => {
    const perm = attributes['perm']
    if (opType === 'Transpose') return perm?.type === 'ints' ? perm.value.length : undefined
    if (opType === 'Reshape') return lengths.get(read[1] ?? '')
    if (opType === 'Gemm') return 2
    if (!SAME_AS_WIDEST.has(opType)) return undefined
    const known = read.map((name) => ranks.get(name)).filter((rank) => rank !== undefined)
    return known.length === 0 ? undefined : Math.max(...known)
  }
  for (const node of nodes) {
    const rank = rankOf(node)
    if (rank !== undefined) for (const output of node.outputs) ranks.set(output, rank)
  }
  return ranks
}
