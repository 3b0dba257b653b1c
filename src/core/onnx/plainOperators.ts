// ONNX Runtime's own operators as operators of ONNX, for providers that lack them or compute a part of them wrongly.
import { int, ints, type OnnxAttribute, type OnnxGraph, type OnnxInitializer, type OnnxNode } from './model.ts'
import { ranksOf } from './ranks.ts'

type Written = { readonly nodes: OnnxNode[]; readonly literals: OnnxInitializer[] }
/** Rows of the operators that are rewritten; `rank` of the first input where it matters. */
type Rewrite = (node: OnnxNode, rank: (name: string) => number | undefined) => Written | null

const numberOf = (attribute: OnnxAttribute | undefined, otherwise: number): number =>
  attribute?.type === 'int' || attribute?.type === 'float' ? attribute.value : otherwise

type Step = readonly [opType: string, inputs: readonly string[], output: string]
const plain = ([opType, inputs, output]: Step, attributes: OnnxNode['attributes'] = {}): OnnxNode =>
  ({ opType, domain: '', inputs, outputs: [output], attributes })
const scalar = (name: string, value: number): OnnxInitializer => ({ name, dtype: 'f32', dims: [], data: { kind: 'inline', values: [value] } })
const axis = (name: string, value: number): OnnxInitializer => ({ name, dtype: 'i64', dims: [1], data: { kind: 'inline', values: [value] } })

const NORMS: Readonly<Record<string, Rewrite>> = {
  // The second output, the factor that the backward pass reads, is not what it should be on WebGPU (ONNX Runtime 1.30).
  SimplifiedLayerNormalization: ({ inputs, outputs, attributes }) => {
    const [x, weight] = inputs as [string, string]
    const [y, factor = `${y}_factor`] = outputs as [string, string | undefined]
    const name = (part: string): string => `${y}_${part}`
    return {
      literals: [axis(name('axis'), -1), scalar(name('epsilon'), numberOf(attributes['epsilon'], 1e-5))],
      nodes: [
        plain(['Mul', [x, x], name('squares')]),
        plain(['ReduceMean', [name('squares'), name('axis')], name('mean')], { keepdims: int(1) }),
        plain(['Add', [name('mean'), name('epsilon')], name('variance')]),
        plain(['Sqrt', [name('variance')], name('root')]),
        plain(['Reciprocal', [name('root')], factor]),
        plain(['Mul', [x, factor], name('normed')]),
        plain(['Mul', [name('normed'), weight], y]),
      ],
    }
  },
}

const PRODUCTS: Readonly<Record<string, Rewrite>> = {
  FusedMatMul: ({ inputs, outputs, attributes }, rank) => {
    const [a, b] = inputs as [string, string]
    const [y] = outputs as [string]
    const alpha = numberOf(attributes['alpha'], 1)
    const axes = [rank(a), rank(b)]
    const nodes: OnnxNode[] = []
    const turned = [a, b].map((name, i) => {
      const size = axes[i]
      if (numberOf(attributes[i === 0 ? 'transA' : 'transB'], 0) === 0) return name
      if (size === undefined) return null
      const perm = ints([...Array.from({ length: size - 2 }, (_, axis) => axis), size - 1, size - 2])
      nodes.push(plain(['Transpose', [name], `${y}_${i}_turned`], { perm }))
      return `${y}_${i}_turned`
    })
    if (turned.includes(null)) return null
    const product = alpha === 1 ? y : `${y}_product`
    nodes.push(plain(['MatMul', turned as string[], product]))
    if (alpha !== 1) nodes.push(plain(['Mul', [product, `${y}_alpha`], y]))
    return { nodes, literals: alpha === 1 ? [] : [scalar(`${y}_alpha`, alpha)] }
  },
}

/** Products of more than two axes as Transpose and MatMul. One whose number of axes is not known stays as it is. */
export const withPlainProducts = (graph: OnnxGraph): OnnxGraph => rewritten(graph, PRODUCTS)

/** Norms in single steps. */
export const withPlainNorms = (graph: OnnxGraph): OnnxGraph => rewritten(graph, NORMS)

function rewritten(graph: OnnxGraph, rows: Readonly<Record<string, Rewrite>>): OnnxGraph {
  const ranks = ranksOf(graph)
  const literals: OnnxInitializer[] = []
  const nodes = graph.nodes.flatMap((node) => {
    const written = rows[node.opType]?.(node, (name) => ranks.get(name))
    literals.push(...(written?.literals ?? []))
    return written?.nodes ?? [{ ...node, attributes: withBodies(node.attributes, rows) }]
  })
  return { ...graph, nodes, initializers: [...graph.initializers, ...literals] }
}

const withBodies = (attributes: OnnxNode['attributes'], rows: Readonly<Record<string, Rewrite>>): OnnxNode['attributes'] =>
  Object.fromEntries(
    Object.entries(attributes).map(([key, attribute]) => [
      key,
      attribute.type === 'graph' ? { ...attribute, value: rewritten(attribute.value, rows) } : attribute,
    ]),
  )
