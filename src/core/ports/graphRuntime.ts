// Port: something that compiles a symbolic graph and runs it.
import type { Value } from '../tensor/index.ts'

export type FedTensor =
  | { readonly dtype: 'f32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'i64'; readonly shape: readonly number[]; readonly data: BigInt64Array }
  /** 0 or 1 each. */
  | { readonly dtype: 'bool'; readonly shape: readonly number[]; readonly data: Uint8Array }

export type CompiledGraph = {
  /** Runs once; results by output name, row-major. What is fed is not kept. */
  run(feeds: ReadonlyMap<string, FedTensor>): Promise<Map<string, Float32Array>>
  dispose(): Promise<void>
}

export type GraphRuntime = {
  /** Outputs by name; frozen leaves come from the runtime's own store of weights. */
  compile(name: string, outputs: ReadonlyMap<string, Value>): Promise<CompiledGraph>
}
