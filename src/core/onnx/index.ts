// Surface of the ONNX writer: a symbolic graph in, the bytes of an ONNX model out.
export type { CodedWeight } from './coded.ts'
export { emit, type EmitOptions } from './emit.ts'
export { encodeModel } from './encode.ts'
export type { OnnxGraph, OnnxInitializer, OnnxNode } from './model.ts'
export { fitted, type Target } from './target.ts'
