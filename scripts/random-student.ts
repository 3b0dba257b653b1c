// Writes a llama-shaped GGUF with random weights: for memory and speed at sizes of which no model is at hand. It has no tokenizer.
//   node scripts/random-student.ts FILE [--layers 28 --width 1536 --heads 12 --kv-heads 2 --inner 8960 --vocabulary 151936 --type Q4_K]
import { closeSync, openSync, statfsSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { GGML_TYPES, writeGguf, type GgmlTypeName, type GgufTensorInput, type GgufValue } from '../src/core/formats/gguf/index.ts'
import { expectedTensors, llamaMetadata, plainRope, type ModelConfig } from '../src/core/nn/index.ts'
import { createRandom } from '../src/core/random.ts'
import type { ByteSink } from '../src/core/ports/index.ts'

const text = { type: 'string' } as const
const { positionals: [file], values } = parseArgs({
  allowPositionals: true,
  options: { layers: text, width: text, heads: text, 'kv-heads': text, inner: text, vocabulary: text, type: text },
})
if (file === undefined) throw new Error('found no file to write to; expected its path')
const number = (given: string | undefined, otherwise: number): number => (given === undefined ? otherwise : Number(given))
const heads = number(values.heads, 12)
const width = number(values.width, 1536)
const config: ModelConfig = {
  architecture: 'llama',
  layers: number(values.layers, 28),
  width,
  heads,
  kvHeads: number(values['kv-heads'], 2),
  headSize: width / heads,
  inner: number(values.inner, 8960),
  vocabulary: number(values.vocabulary, 151_936),
  epsilon: 1e-5,
  scoreScale: 1,
  rope: plainRope({ size: width / heads, base: 10_000 }),
  window: null,
  biases: [],
  tied: true,
  context: 32_768,
}
const type = (values.type ?? 'Q4_K') as GgmlTypeName

/** Where a block's float16 scales lie, and what they are so that weights spread by about 0.02. */
const SCALES: Partial<Record<GgmlTypeName, readonly (readonly [at: number, value: number])[]>> = {
  Q4_K: [[0, 0x0810], [2, 0x1400]],
  Q6_K: [[208, 0x00f0]],
  Q4_0: [[0, 0x1c00]],
  Q4_1: [[0, 0x1c00], [2, 0xa780]],
  Q8_0: [[0, 0x0c00]],
}
const scales = SCALES[type]
if (!scales) throw new Error(`found type ${type}; expected one of ${Object.keys(SCALES).join(', ')}`)

const metadata = new Map<string, GgufValue>([...llamaMetadata(config), ['general.name', { type: 'string', value: 'random weights' }]])

const { blockSize, blockBytes } = GGML_TYPES[type]
const random = createRandom(1)
/** Random blocks, of which each tensor takes a stretch from another place on. */
const blocks = new Uint8Array(4096 * blockBytes)
for (let i = 0; i < blocks.length; i++) blocks[i] = Math.floor(256 * random.next())
for (let b = 0; b < blocks.length; b += blockBytes) {
  for (const [at, value] of scales) {
    blocks[b + at] = value & 255
    blocks[b + at + 1] = value >> 8
  }
}
function writeBlocks(bytes: number, sink: ByteSink): void {
  for (let left = bytes; left > 0; ) {
    const from = Math.floor(random.next() * 2048) * blockBytes
    const piece = blocks.subarray(from, from + Math.min(left, blocks.length - from))
    sink(piece)
    left -= piece.length
  }
}

let parameters = 0
const tensors = [...expectedTensors(config)].map(([name, shape]): GgufTensorInput => {
  const count = shape.reduce((product, size) => product * size, 1)
  parameters += count
  if (shape.length === 1) return { name, type: 'F32', shape, write: (sink) => sink(new Uint8Array(new Float32Array(count).fill(1).buffer)) }
  return { name, type, shape, write: (sink) => writeBlocks((count / blockSize) * blockBytes, sink) }
})
const folder = dirname(resolve(file))
const { bavail, bsize } = statfsSync(folder)
const needed = (parameters / blockSize) * blockBytes
if (bavail * bsize < 3 * needed) throw new Error(`found ${(bavail * bsize / 1e9).toFixed(1)} GB free in ${folder}; expected ${(3 * needed / 1e9).toFixed(1)}`)
const out = openSync(file, 'w')
writeGguf({ metadata, tensors, sink: (bytes) => void writeSync(out, bytes) })
closeSync(out)
console.log(`${file}: ${(parameters / 1e6).toFixed(1)}M parameters in ${type}, ${(needed / 1e9).toFixed(2)} GB`)
