// How much memory a trainer will need at most, before it runs: from the graph it would run, and constants that were fitted to
// measured peaks (docs/log.md).
import { codingOf, type Gguf, type GgufTensorInfo } from '../../formats/gguf/index.ts'
import { batchSizes, scoringGraph, trainedTensors, trainingGraph, type LossTerm, type ModelConfig, type Trainable } from '../../nn/index.ts'
import { liveBytes, topologicalOrder, type Value } from '../../tensor/index.ts'
import type { PassLoad } from './passLoads.ts'

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

/** What a trainer does beside its own graph. Each is over before the next begins. */
export type Besides = {
  /** Tokens of the largest scoring pass of held-out trajectories; 0: none are held out. */
  readonly heldoutTokens: number
  /** They are scored between steps, too, beside the training graph; else before the first and after the last, without it. */
  readonly whileTraining: boolean
  /** Bytes of the student's file, of which llama.cpp makes samples between steps, and tokens of its context; null: no samples. */
  readonly samples: { readonly fileBytes: number; readonly context: number } | null
}

export type MemoryQuestion = {
  readonly config: ModelConfig
  readonly weights: WeightBytes
  /** 'full': every weight is trained, and none lies frozen beside the graph. */
  readonly trainable: Trainable
  readonly recompute: boolean
  readonly base: Base
  /** Losses against distributions: of a teacher, of the student without its adapter. */
  readonly terms: readonly LossTerm[]
  readonly projectGradients: boolean
  /** The largest (see `largestPasses`). */
  readonly passes: readonly PassLoad[]
  /** Tokens of all examples, which are held with their kinds and weights. */
  readonly exampleTokens: number
  /** Of a teacher and of the plain student, held or mapped. */
  readonly distributionBytes: number
  readonly besides: Besides
}

/**
 * Fitted to measured peaks, tested on others (docs/log.md). In bytes: of the process (Node, ONNX Runtime's library and JavaScript's
 * heap), and of each node of a graph that decodes its weights. What the arena holds for a byte that is live: it never gives back, and
 * with recomputation the runtime begins earlier than it must. A trained number is held as itself, two moments and its sum over passes
 * (what the graph reads and gives is live in it); gradients that are projected have a second sum and a result. What llama.cpp takes beside
 * the file it maps. An example's token has six numbers or names of eight bytes.
 */
const FITTED = {
  process: 232e6,
  perNode: { f32: 0, quantised: 8e3 },
  arena: { kept: 1.15, recomputed: 1.84 },
  perTrained: 16,
  perProjected: 8,
  perExampleToken: 48,
  llama: 60e6,
} as const
/** While a weight is decoded, its codes are there, and its numbers before and after they are scaled. */
const DECODING = { f32: 0, quantised: 9 } as const
/** Keys and values of a token are float16. */
const CACHED = 2

export type MemoryParts = {
  readonly weights: number
  readonly live: number
  /** What decoded weights add to it. */
  readonly decoded: number
  readonly nodes: number
  readonly trained: number
}

/** What an estimate is made of: bytes of weights, bytes that are live in the graph at most, its nodes, trained numbers. */
export function memoryParts({ config, weights, trainable, recompute, base, terms, passes }: MemoryQuestion): MemoryParts {
  const outputs = [...trainingGraph(config, trainable, { recompute, terms }).values()]
  const lives = passes.map((pass) => liveIn(outputs, { pass, base }))
  const most = lives.toSorted((a, b) => b.live + b.decoded - a.live - a.decoded)[0]
  const trained = trainedTensors(config, trainable).reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
  return { weights: trainable === 'full' ? 0 : weights[base], live: 0, decoded: 0, ...most, nodes: topologicalOrder(outputs).length, trained }
}

function liveIn(outputs: readonly Value[], { pass, base }: { readonly pass: PassLoad; readonly base: Base }) {
  const bindings = batchSizes({ tokens: pass.tokens, rows: Math.max(1, pass.rows) })
  const live = liveBytes(outputs, { bindings })
  return { live, decoded: liveBytes(outputs, { bindings, decoding: ({ elements }) => DECODING[base] * elements }) - live }
}

export type Estimate = {
  /** The trainer's highest resident memory, as the system counts it. */
  readonly bytes: number
  /** Of these, pages of weights that a second graph maps again: counted twice, and there once. */
  readonly mappedTwice: number
}

/** In bytes. */
export function estimateMemory(question: MemoryQuestion): Estimate {
  const { weights, live, decoded, nodes, trained } = memoryParts(question)
  const { recompute, projectGradients, base, exampleTokens, distributionBytes, config, besides } = question
  const { arena, perNode, perTrained, perProjected, perExampleToken } = FITTED
  const always = FITTED.process + weights + perExampleToken * exampleTokens + distributionBytes
  const training = perNode[base] * nodes + live * (recompute ? arena.recomputed : arena.kept) + decoded + (perTrained + (projectGradients ? perProjected : 0)) * trained
  const { heldoutTokens, whileTraining, samples } = besides
  const scoring = heldoutTokens === 0 ? 0 : scoringBytes(question, heldoutTokens)
  // llama.cpp maps the student's own file, which nothing else has open.
  const sampling = samples === null ? 0 : samples.fileBytes + FITTED.llama + cacheBytes(config, samples.context)
  const peaks = (weightsAgain: number): number => {
    const between = whileTraining ? training + scoring + weightsAgain : Math.max(training, scoring)
    return always + Math.max(between, training + sampling)
  }
  // The scoring graph maps the weights again while the training graph has them.
  const bytes = peaks(whileTraining && heldoutTokens > 0 ? weights : 0)
  return { bytes, mappedTwice: bytes - peaks(0) }
}

/** Of the scoring graph, without the weights. */
function scoringBytes({ config, trainable, base }: MemoryQuestion, tokens: number): number {
  const outputs = [...scoringGraph(config, trainable).values()]
  const { live, decoded } = liveIn(outputs, { pass: { tokens, rows: tokens }, base })
  return FITTED.perNode[base] * topologicalOrder(outputs).length + FITTED.arena.kept * live + decoded
}

const cacheBytes = ({ layers, kvHeads, headSize }: ModelConfig, context: number): number => 2 * CACHED * layers * kvHeads * headSize * context
