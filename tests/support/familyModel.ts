// Tiny random models of any family, written with our own GGUF writer: what has no golden is compared with llama.cpp on these.
import { expectedTensors, plainRope, type ModelConfig } from '../../src/core/nn/index.ts'
import { readGguf, writeGguf, type GgufTensorInput, type GgufValue } from '../../src/core/formats/gguf/index.ts'
import { collect, goldenSource } from './bytes.ts'
import { f32, text, u32 } from './ggufVariant.ts'
import { random } from './random.ts'

export type FamilyModel = {
  readonly architecture: string
  readonly sizes?: Partial<Pick<ModelConfig, 'layers' | 'width' | 'heads' | 'kvHeads' | 'headSize' | 'inner' | 'biases' | 'tied' | 'context'>>
  /** Entries by their names without the architecture. */
  readonly entries?: Readonly<Record<string, GgufValue>>
  /** One-dimensional tensors beside those of the graph, as rope factors are. */
  readonly vectors?: Readonly<Record<string, readonly number[]>>
  readonly seed?: number
}

const SIZES = { layers: 2, width: 64, heads: 4, kvHeads: 2, headSize: 16, inner: 96, biases: [], tied: true, context: 256 }

/** The bytes of a GGUF file with the vocabulary of the tiny goldens. */
export function familyModel({ architecture, sizes, entries = {}, vectors = {}, seed = 1 }: FamilyModel): Uint8Array {
  const vocabulary = readGguf(goldenSource('tiny/llama_tied.gguf'))
  const tokenizer = [...vocabulary.metadata].filter(([key]) => key.startsWith('tokenizer.'))
  const s = { ...SIZES, ...sizes }
  const rope = plainRope({ size: s.headSize, base: 10_000 })
  const config: ModelConfig = { ...s, architecture, vocabulary: 300, epsilon: 1e-5, scoreScale: 1, rope, window: null }
  const metadata = new Map<string, GgufValue>([
    ['general.architecture', text(architecture)],
    ['general.type', text('model')],
    // No family's name: llama.cpp looks for special tokens of phi3 where it finds it.
    ['general.name', text('tiny random model')],
    ...Object.entries({
      block_count: u32(s.layers),
      context_length: u32(s.context),
      embedding_length: u32(s.width),
      feed_forward_length: u32(s.inner),
      'attention.head_count': u32(s.heads),
      'attention.head_count_kv': u32(s.kvHeads),
      'attention.key_length': u32(s.headSize),
      'attention.value_length': u32(s.headSize),
      'attention.layer_norm_rms_epsilon': f32(1e-5),
      'rope.dimension_count': u32(s.headSize),
      vocab_size: u32(300),
      ...entries,
    }).map(([key, value]): [string, GgufValue] => [`${architecture}.${key}`, value]),
    ...tokenizer,
  ])
  const next = random(seed)
  const tensors = [...expectedTensors(config)].map(([name, shape]) => tensor(name, shape, randomValues(name, shape, next)))
  const more = Object.entries(vectors).map(([name, values]) => tensor(name, [values.length], Float32Array.from(values)))
  return collect((sink) => writeGguf({ metadata, tensors: [...tensors, ...more], sink }))
}

const tensor = (name: string, shape: readonly number[], data: Float32Array): GgufTensorInput => ({
  name,
  type: 'F32',
  shape,
  write: (sink) => sink(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
})

/** Norms near 1, products that keep the size of what they get, biases that matter. */
function randomValues(name: string, shape: readonly number[], next: () => number): Float32Array {
  const size = shape.reduce((product, n) => product * n, 1)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const [mean, spread] = name.endsWith('norm.weight') ? [1, 0.2]
    : name.endsWith('bias') ? [0, 0.3]
    : name.startsWith('token_embd') ? [0, 0.5]
    : [0, 1 / Math.sqrt(shape.at(-1)!)]
  return Float32Array.from({ length: size }, () => mean + spread * normal())
}
