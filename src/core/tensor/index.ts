// Surface of the symbolic tensor graph: build, differentiate, interpret, print.
export { bindShape, sameShape, showShape, symbol, timesDim, type Bindings, type Dim, type Shape } from './dims.ts'
export * from './ops.ts'
export { topologicalOrder } from './value.ts'
export type { DType, Node, OpAttributes, OpName, RopeLayout, TensorType, Value } from './value.ts'
export { gradients } from './reverse.ts'
export { interpret } from './interpreter.ts'
export { ndarray, type NdArray } from './ndarray.ts'
export { printGraph } from './print.ts'
