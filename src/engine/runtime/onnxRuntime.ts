// ONNX Runtime on the CPU as the graph runtime. It blocks its process while it runs: only worker processes use it.
import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
// First of all: these must be evaluated before the library is loaded.
import './noTelemetry.ts'
import './nativeFolder.ts'
import * as ort from 'onnxruntime-node'
import { emit, encodeModel, fitted, type CodedWeight, type EmitOptions } from '../../core/onnx/index.ts'
import type { CompiledGraph, FedTensor, GraphRuntime } from '../../core/ports/index.ts'
import type { Compute, ProviderName } from '../../shared/records/provider.ts'
import { PROVIDERS } from './providers/table.ts'

/** A part of the weight file. */
export type Stretch = { readonly offset: number; readonly length: number }
type Placed<W> = W extends unknown ? { readonly [K in keyof W]: W[K] extends number | string ? W[K] : Stretch | (null extends W[K] ? null : never) } : never
/** float32, or codes with their scales, or half precision. */
export type FrozenPlacement = Stretch | Placed<CodedWeight>
export type OnnxRuntimeOptions = {
  readonly threads: number
  /** Default: cpu. Nodes it has no kernel for run on the cpu. */
  readonly provider?: ProviderName
  /** Default: f32. */
  readonly compute?: Compute
  /** File of frozen weights (row-major) and where each leaf lies in it, and how. */
  readonly weights?: { readonly path: string; readonly placements: ReadonlyMap<string, FrozenPlacement> }
  /** Writes the graph as ONNX Runtime runs it to this file, when it is loaded. */
  readonly optimised?: string
  /** Writes ONNX Runtime's own profile to files with this prefix. */
  readonly profilePrefix?: string
}

function toOrt(tensor: FedTensor): ort.Tensor {
  switch (tensor.dtype) {
    case 'f32':
      return new ort.Tensor('float32', tensor.data, tensor.shape)
    case 'i64':
      return new ort.Tensor('int64', tensor.data, tensor.shape)
    case 'bool':
      return new ort.Tensor('bool', tensor.data, tensor.shape)
  }
}

type Loaded = { readonly name: string; readonly bytes: Uint8Array; readonly options: ort.InferenceSession.SessionOptions }

/**
 * External data are found beside the model file, so it is written there and removed once it is loaded. Its name is a
 * temporary one: what a killed process leaves goes with the other temporary files of the folder.
 */
async function loadBeside(weights: string, { name, bytes, options }: Loaded): Promise<ort.InferenceSession> {
  const path = join(dirname(weights), `.${name}-${randomUUID()}.onnx.tmp`)
  try {
    await writeFile(path, bytes)
    return await ort.InferenceSession.create(path, options)
  } finally {
    await rm(path, { force: true })
  }
}

function located(placement: FrozenPlacement, file: string): ReturnType<EmitOptions['place']> {
  const at = (stretch: Stretch) => ({ kind: 'external', file, ...stretch }) as const
  if (!('kind' in placement)) return at(placement)
  if (placement.kind === 'half') return { ...placement, data: at(placement.data) }
  const { codes, scales, minima } = placement
  return { ...placement, codes: at(codes), scales: at(scales), minima: minima && at(minima) }
}

/** A graph runtime over onnxruntime-node. */
export function createOnnxRuntime({ threads, provider = 'cpu', compute = 'f32', weights, profilePrefix, optimised }: OnnxRuntimeOptions): GraphRuntime {
  return {
    async compile(name, outputs): Promise<CompiledGraph> {
      const file = weights && basename(weights.path)
      const emitted = emit({
        name,
        outputs,
        place: (leaf) => {
          const placement = weights?.placements.get(leaf)
          if (weights && !placement) throw new Error(`the weight file has no tensor ${leaf}`)
          return placement && file !== undefined ? located(placement, file) : null
        },
      })
      const bytes = encodeModel(fitted(emitted, { operators: PROVIDERS[provider].operators, compute }))
      const options: ort.InferenceSession.SessionOptions = {
        ...PROVIDERS[provider].session,
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        // Shapes change with every batch: a remembered memory plan per shape would only pile up.
        enableMemPattern: false,
        // Products with W and with its transpose would each pack a copy of W: twice the memory of the weights for a twentieth of the time.
        // Codes are turned into weights by plain operators; nothing shall make products in int8 of them unasked.
        extra: { session: { disable_prepacking: '1', disable_quant_qdq: '1' } },
        ...(optimised !== undefined && { optimizedModelFilePath: optimised }),
        ...(profilePrefix !== undefined && { enableProfiling: true, profileFilePrefix: profilePrefix }),
      }
      const session = weights ? await loadBeside(weights.path, { name, bytes, options }) : await ort.InferenceSession.create(bytes, options)
      return {
        async run(feeds) {
          const fed = Object.fromEntries([...feeds].map(([key, tensor]) => [key, toOrt(tensor)]))
          const results = await session.run(fed)
          return new Map(
            [...outputs.keys()].map((key) => [key, (results[key] as ort.Tensor).data as Float32Array] as const),
          )
        },
        async dispose() {
          if (profilePrefix !== undefined) session.endProfiling()
          await session.release()
        },
      }
    },
  }
}
