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
 * Fitted to 7 measured peaks, tested on 12 others (docs/log.md). In bytes: of the process (Node, ONNX Runtime's library and JavaScript's
 * heap), and of each node of a graph that decodes its weights. What the arena holds for a byte that is live: it never gives back, and
 * with recomputation the runtime begins earlier than it must. A trained number is held as itself, two moments, its sum over passes,
 * and what the graph reads and gives.
 */
const FITTED = {
  process: 193e6,
  perNode: { f32: 0, quantised: 8e3 },
  arena: { kept: 1.15, recomputed: 1.84 },
  perTrained: 32,
} as const
/** While a weight is decoded, its codes are there, and its numbers before and after they are scaled. */
const DECODING = { f32: 0, quantised: 9 } as const

export type MemoryParts = {
  readonly weights: number
  readonly live: number
  /** What decoded weights add to it. */
  readonly decoded: number
  readonly nodes: number
  readonly trained: number
}

/** What an estimate is made of: bytes of weights, bytes that are live in the graph at most, its nodes, trained numbers. */
export function memoryParts({ config, weights, lora, recompute, base, passTokens, supervisedRows }: MemoryQuestion): MemoryParts {
  const outputs = [...trainingGraph(config, lora, { recompute }).values()]
  const bindings = batchSizes({ tokens: passTokens, rows: Math.max(1, supervisedRows) })
  const live = liveBytes(outputs, { bindings })
  const trained = loraMatrices(config, lora).reduce((sum, { shape }) => sum + (shape[0] as number) * (shape[1] as number), 0)
  return {
    weights: weights[base],
    live,
    decoded: liveBytes(outputs, { bindings, decoding: ({ elements }) => DECODING[base] * elements }) - live,
    nodes: topologicalOrder(outputs).length,
    trained,
  }
}

/** The trainer's highest resident memory, in bytes. */
export function estimateMemory(question: MemoryQuestion): number {
  const { weights, live, decoded, nodes, trained } = memoryParts(question)
  const { process, perNode, arena, perTrained } = FITTED
  const held = live * (question.recompute ? arena.recomputed : arena.kept)
  return process + weights + perNode[question.base] * nodes + held + decoded + perTrained * trained
}
