// An emitted graph fitted to where it runs: with the operators that are there, in the precision that is asked for.
import { inHalfPrecision } from './half.ts'
import type { OnnxGraph } from './model.ts'
import { withPlainNorms, withPlainProducts } from './plainOperators.ts'

export type Target = {
  /** 'plain': without ONNX Runtime's own operators. */
  readonly operators: 'fused' | 'plain'
  readonly compute: 'f32' | 'f16'
}

/** Norms are written out last: as one operator they are seen to be what stays in single precision. */
export function fitted(graph: OnnxGraph, { operators, compute }: Target): OnnxGraph {
  const products = operators === 'plain' ? withPlainProducts(graph) : graph
  const precise = compute === 'f16' ? inHalfPrecision(products) : products
  return operators === 'plain' ? withPlainNorms(precise) : precise
}
