// How much memory a trainer will need at most, before it runs: from the graph it would run, and constants that were fitted to
// measured peaks (docs/log.md).
import { codingOf, type Gguf, type GgufTensorInfo } from '../../formats/gguf/index.ts'
import { batchSizes, loraMatrices, trainingGraph, type LoraConfig, type ModelConfig } from '../../nn/index.ts'
import { liveBytes, topologicalOrder } from '../../tensor/index.ts'

/** How frozen weights lie in memory: as float32, or in codes as the student's file has them. */
export type Base = 'f32' | 'quantised'

/** Bytes of the frozen weights, each way. */
export type WeightBytes = { readonly [B in Base]: number }

const countOf = ({ shape }: GgufTensorInfo): number => shape.reduce((product, size) => product * size, 1)

/** Of a student's file. */
export function weightBytes({ tensors }: Gguf): WeightBytes {
  let [f32, quantised] = [0, 0]
  for (const tensor of tensors.values()) {
    f32 += 4 * countOf(tensor)
    quantised += codedBytes(tensor)
  }
  return { f32, quantised }
}

function codedBytes(tensor: GgufTensorInfo): number {
  const values = countOf(tensor)
  if (tensor.shape.length !== 2) return 4 * values
  const coding = codingOf(tensor.type)
  if (!coding) return (tensor.type === 'F32' ? 4 : 2) * values
  const halved = coding.bits === 4 && ((tensor.shape[1] as number) / coding.group) % 2 === 0
  return values / (halved ? 2 : 1) + ((coding.hasMinimum ? 8 : 4) * values) / coding.group
}

export type MemoryQuestion = {
  readonly config: ModelConfig
  readonly weights: WeightBytes
  readonly lora: LoraConfig
  readonly recompute: boolean
  readonly base: Base
  /** Of the largest pass. */
  readonly passTokens: number
  /** Its supervised rows. */
  readonly supervisedRows: number
}

/**
 * Of the process, in bytes: Node, ONNX Runtime's library and JavaScript's heap; of each node of the graph; and what the arena
 * holds for a byte that is live. A trained number is held as itself, two moments, its sum over passes, and what the graph reads and gives.
 */
const FITTED = { process: 260e6, perNode: 25e3, arena: 1.15, perTrained: 24 }
/** While a weight is decoded its codes and its float32 numbers are there. */
const DECODING = { f32: 0, quantised: 5 } as const

export type MemoryParts = { readonly weights: number; readonly live: number; readonly nodes: number; readonly trained: number }

/** What an estimate is made of: bytes of weights, bytes that are live in the graph at most, its nodes, trained numbers. */
export function memoryParts({ config, weights, lora, recompute, base, passTokens, supervisedRows }: MemoryQuestion): MemoryParts {
  const outputs = [...trainingGraph(config, lora, { recompute }).values()]
  const bindings = batchSizes({ tokens: passTokens, rows: Math.max(1, supervisedRows) })
  const trained = loraMatrices(config, lora).reduce((sum, { shape }) => sum + (shape[0] as number) * (shape[1] as number), 0)
  return {
    weights: weights[base],
    live: liveBytes(outputs, { bindings, decoding: ({ elements }) => DECODING[base] * elements }),
    nodes: topologicalOrder(outputs).length,
    trained,
  }
}

/** The trainer's highest resident memory, in bytes. */
export function estimateMemory(question: MemoryQuestion): number {
  const { weights, live, nodes, trained } = memoryParts(question)
  return FITTED.process + weights + FITTED.perNode * nodes + FITTED.arena * live + FITTED.perTrained * trained
}
