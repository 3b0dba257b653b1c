// Half precision: an ONNX graph rewritten so that products and elementwise work on activations run in float16.
import { int, type OnnxAttribute, type OnnxGraph, type OnnxNode } from './model.ts'

/** onnx.proto3, TensorProto.DataType. */
const FLOAT = 1
const FLOAT16 = 10

type Kind = 'single' | 'half' | 'other'

const PRODUCTS = new Set(['Gemm', 'MatMul', 'FusedMatMul'])
/** Computed in float16 as soon as one operand is. */
const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Sigmoid', 'Concat'])
/** Moves numbers without computing: the first input decides. */
const MOVES = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice', 'Split', 'Expand', 'Gather', 'Identity'])
/** Yields whole numbers or truth values whatever it reads. */
const NOT_FLOAT = new Set(['Shape', 'Size', 'Equal', 'LessOrEqual', 'GreaterOrEqual', 'Less', 'Greater', 'And', 'Or', 'Not', 'Range', 'ArgMax', 'NonZero'])
/** What norms, softmax and sums yield is handed on in single precision until a product reads it. */
const PRECISE = new Set(['SimplifiedLayerNormalization', 'Softmax', 'LogSoftmax', 'ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceLogSumExp'])
/** Ways of a gradient from its product to the output: these leave it a gradient of an adapter. */
const TO_OUTPUT = new Set([...MOVES, 'Add', 'Div'])

const half = { attributes: { to: int(FLOAT16) }, suffix: 'half' } as const
const single = { attributes: { to: int(FLOAT) }, suffix: 'single' } as const

/**
 * The same graph with products of frozen weights and activations in float16. In float32 stay: what is fed or stored,
 * products with what is fed (adapters) and those that yield an output (their gradients), and every operation that is
 * not in the sets above: norms, softmax, masks, sums, rotations, the loss and bodies of loops, with the elementwise work of
 * their backward passes. Stored weights are cast in the graph, which ONNX Runtime does once, when it loads them.
 */
export function inHalfPrecision(graph: OnnxGraph): OnnxGraph {
  const kinds = new Map<string, Kind>()
  const fed = new Set(graph.inputs.map(({ name }) => name))
  for (const { name, dtype } of [...graph.inputs, ...graph.initializers]) kinds.set(name, dtype === 'f32' ? 'single' : 'other')
  const toOutput = producersOfOutputs(graph)
  // Vectors that are stored are the weights of norms, and biases.
  const precise = new Set(graph.initializers.filter(({ data, dims }) => data.kind === 'external' && dims.length === 1).map(({ name }) => name))
  const nodes: OnnxNode[] = []
  const casts = new Map<string, string>()
  const as = (name: string, wanted: Kind): string => {
    const kind = kinds.get(name) ?? 'other'
    if (kind === 'other' || wanted === 'other' || kind === wanted) return name
    const { attributes, suffix } = wanted === 'half' ? half : single
    const key = `${name}_${suffix}`
    if (!casts.has(key)) {
      nodes.push({ opType: 'Cast', domain: '', inputs: [name], outputs: [key], attributes })
      casts.set(key, key)
    }
    return key
  }
  for (const node of graph.nodes) {
    const wanted = precisionOf(node, { kinds, fed, toOutput, precise })
    const inputs = MOVES.has(node.opType) ? node.inputs.map((name, i) => (i === 0 ? as(name, wanted) : name)) : node.inputs.map((name) => as(name, wanted))
    const attributes = wanted === 'half' ? node.attributes : withSingleBodies(node.attributes, as)
    nodes.push({ ...node, inputs, attributes })
    for (const output of node.outputs) kinds.set(output, wanted)
    if (node.opType === 'TopK') kinds.set(node.outputs[1] ?? '', 'other')
    for (const output of preciseOutputs(node, precise)) precise.add(output)
    if (MOVES.has(node.opType) && fed.has(node.inputs[0] ?? '')) for (const output of node.outputs) fed.add(output)
  }
  // What is known of values in between was known of single precision.
  return { ...graph, nodes, values: [] }
}

/** Outputs of a node that stay in single precision wherever they are used elementwise. The norm itself feeds products. */
function preciseOutputs({ opType, inputs, outputs }: OnnxNode, precise: ReadonlySet<string>): readonly string[] {
  if (opType === 'SimplifiedLayerNormalization') return outputs.slice(1)
  if (PRECISE.has(opType)) return outputs
  return (ELEMENTWISE.has(opType) || MOVES.has(opType)) && inputs.some((name) => precise.has(name)) ? outputs : []
}

type Known = {
  readonly kinds: ReadonlyMap<string, Kind>
  readonly fed: ReadonlySet<string>
  readonly toOutput: ReadonlySet<string>
  readonly precise: ReadonlySet<string>
}

/** What a node's float inputs are cast to, and what it yields. */
function precisionOf(node: OnnxNode, { kinds, fed, toOutput, precise }: Known): Kind {
  const { opType, inputs, outputs } = node
  const kindOf = (name: string | undefined): Kind => kinds.get(name ?? '') ?? 'other'
  if (NOT_FLOAT.has(opType)) return 'other'
  if (opType === 'Cast') return node.attributes['to']?.type === 'int' && node.attributes['to'].value === FLOAT ? 'single' : 'other'
  if (opType === 'ConstantOfShape') return 'single'
  const isOutput = outputs.some((name) => toOutput.has(name))
  if (MOVES.has(opType)) return isOutput && kindOf(inputs[0]) === 'half' ? 'single' : kindOf(inputs[0])
  if (PRODUCTS.has(opType)) return isOutput || inputs.some((name) => fed.has(name)) ? 'single' : 'half'
  const floats = inputs.map(kindOf).filter((kind) => kind !== 'other')
  if (floats.length === 0) return hasBody(node) ? 'single' : 'other'
  if (ELEMENTWISE.has(opType)) return floats.includes('half') && !isOutput && !inputs.some((name) => precise.has(name)) ? 'half' : 'single'
  return 'single'
}

const hasBody = ({ attributes }: OnnxNode): boolean => Object.values(attributes).some(({ type }) => type === 'graph')

/** Names of outputs, and of what becomes one without leaving the gradient of an adapter. */
function producersOfOutputs({ nodes, outputs }: OnnxGraph): Set<string> {
  const names = new Set(outputs.map(({ name }) => name))
  for (const node of nodes.toReversed()) {
    if (!TO_OUTPUT.has(node.opType) || !node.outputs.some((name) => names.has(name))) continue
    for (const input of node.inputs) names.add(input)
  }
  return names
}

/** Bodies see the names outside: what is in half precision there is read through a cast. */
function withSingleBodies(attributes: OnnxNode['attributes'], as: (name: string, wanted: Kind) => string): OnnxNode['attributes'] {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, attribute]): [string, OnnxAttribute] => {
      if (attribute.type !== 'graph') return [key, attribute]
      const body = attribute.value
      const nodes = body.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map((name) => as(name, 'single')),
        attributes: withSingleBodies(node.attributes, as),
      }))
      return [key, { ...attribute, value: { ...body, nodes } }]
    }),
  )
}
