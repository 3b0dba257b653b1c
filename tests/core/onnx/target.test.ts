// Graphs fitted to a provider: what is computed in half precision and what is not, and operators written out.
import { expect, test } from 'vitest'
import { emit, fitted, type OnnxGraph, type OnnxNode } from '../../../src/core/onnx/index.ts'
import { gradientOf, trainingGraph } from '../../../src/core/nn/index.ts'
import { TINY } from '../../support/tinyModel.ts'

const outputs = trainingGraph(TINY, { rank: 2, alpha: 4 }, { scaleLoss: true })
const emitted = emit({ name: 'g', outputs, place: (leaf) => ({ kind: 'external', file: leaf, offset: 0, length: 4 }) })
const producers = ({ nodes }: OnnxGraph): Map<string, OnnxNode> => new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
const casts = (graph: OnnxGraph): Map<string, string> =>
  new Map(graph.nodes.filter(({ opType, outputs: [name] }) => opType === 'Cast' && /_(half|single)$/.test(name ?? '')).map(({ inputs, outputs: [name] }) => [name as string, inputs[0] as string]))
const ops = ({ nodes }: OnnxGraph): Set<string> => new Set(nodes.map(({ opType }) => opType))

test('in single precision with all operators nothing is changed', () => {
  expect(fitted(emitted, { operators: 'fused', compute: 'f32' })).toBe(emitted)
})

test('half precision: frozen weights are cast, adapters and what is fed are not, and gradients come out single', () => {
  const graph = fitted(emitted, { operators: 'fused', compute: 'f16' })
  const cast = casts(graph)
  const halved = [...cast].filter(([name]) => name.endsWith('_half')).map(([, from]) => from)
  expect(halved).toContain('blk.0.attn_q.weight')
  expect(halved).toContain('blk.1.ffn_down.weight')
  expect(halved.filter((name) => /lora_[ab]$|^(cos|sin|weights)$|norm\.weight$/.test(name))).toEqual([])
  const made = producers(graph)
  for (const name of outputs.keys()) {
    if (name.startsWith(gradientOf(''))) expect(made.get(name)?.inputs.some((input) => input.endsWith('_half'))).toBe(false)
  }
})

test('half precision: products with a frozen weight are half, those with an adapter single', () => {
  const graph = fitted(emitted, { operators: 'fused', compute: 'f16' })
  const products = graph.nodes.filter(({ opType }) => opType === 'Gemm')
  const withWeight = products.filter(({ inputs }) => inputs.some((name) => name === 'blk.0.ffn_up.weight_half'))
  expect(withWeight.length).toBeGreaterThanOrEqual(2)
  for (const { inputs } of withWeight) expect(inputs.filter((name) => name.endsWith('_single'))).toEqual([])
  const withAdapter = products.filter(({ inputs }) => inputs.includes('blk.0.ffn_up.weight.lora_a'))
  expect(withAdapter.length).toBeGreaterThanOrEqual(1)
  for (const { inputs } of withAdapter) expect(inputs.filter((name) => name.endsWith('_half'))).toEqual([])
})

test('half precision: norms and softmax read single precision', () => {
  const graph = fitted(emitted, { operators: 'fused', compute: 'f16' })
  for (const node of graph.nodes.filter(({ opType }) => opType === 'Softmax' || opType === 'SimplifiedLayerNormalization'))
    expect(node.inputs.filter((name) => name.endsWith('_half'))).toEqual([])
})

test('plain operators: none of ONNX Runtime but the rotation, with the same outputs', () => {
  const graph = fitted(emitted, { operators: 'plain', compute: 'f32' })
  expect(ops(emitted)).toContain('SimplifiedLayerNormalization')
  expect(ops(emitted)).toContain('FusedMatMul')
  expect([...ops(graph)].filter((op) => op === 'SimplifiedLayerNormalization' || op === 'FusedMatMul')).toEqual([])
  expect(graph.outputs).toEqual(emitted.outputs)
  const known = new Set([...graph.inputs, ...graph.initializers].map(({ name }) => name))
  for (const node of graph.nodes) {
    for (const name of node.inputs) expect(name === '' || known.has(name), `${node.opType} reads ${name}`).toBe(true)
    for (const name of node.outputs) known.add(name)
  }
})
