// What an ONNX model is made of, as plain records, before it becomes bytes.
import type { DType } from '../tensor/index.ts'

/** What a stored tensor's elements are: those of graphs, and those that quantised and half-precision weights are kept in. */
export type ElementType = DType | 'u8' | 'i8' | 'f16' | 'bf16'

export type OnnxAttribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'graph'; readonly value: OnnxGraph }

export type OnnxNode = {
  readonly opType: string
  /** '' is ONNX itself; 'com.microsoft' are ONNX Runtime's own operators. */
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

/** A dim is a number or the name of a dynamic size. */
export type OnnxValueInfo = {
  readonly kind: 'tensor' | 'sequence'
  readonly name: string
  readonly dtype: ElementType
  /** null: unknown. */
  readonly dims: readonly (number | string)[] | null
}

export type OnnxInitializer = {
  readonly name: string
  readonly dtype: ElementType
  readonly dims: readonly number[]
  readonly data:
    | { readonly kind: 'inline'; readonly values: readonly number[] }
    /** Bytes of a file beside the model. */
    | { readonly kind: 'external'; readonly file: string; readonly offset: number; readonly length: number }
}

export type OnnxGraph = {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxInitializer[]
  readonly inputs: readonly OnnxValueInfo[]
  readonly outputs: readonly OnnxValueInfo[]
  /** Types of values in between, where they are known. */
  readonly values: readonly OnnxValueInfo[]
}

export const int = (value: number | boolean): OnnxAttribute => ({ type: 'int', value: Number(value) })
export const float = (value: number): OnnxAttribute => ({ type: 'float', value })
export const ints = (value: readonly number[]): OnnxAttribute => ({ type: 'ints', value })
