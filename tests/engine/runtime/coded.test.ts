// Weights in codes, decoded where the graph reads them: for every type exactly the numbers of `dequantise`, and nothing of it done beforehand.
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import onnxProto from 'onnx-proto'
import { describe, expect, test } from 'vitest'
import { GGML_TYPES, codingOf, DEQUANTISED_TYPES, dequantise, readGguf, recode, writeGguf, type GgmlTypeName } from '../../../src/core/formats/gguf/index.ts'
import { readBytes, readFloats, readSafetensors } from '../../../src/core/formats/safetensors/index.ts'
import { adaptedLayers, gradientOf, initialLora, loraMatrices, trainingGraph } from '../../../src/core/nn/index.ts'
import { adapterFeeds, makeBatch } from '../../../src/core/pipeline/training/index.ts'
import { createRandom } from '../../../src/core/random.ts'
import { feed, frozen, gatherRows, matmul, symbol } from '../../../src/core/tensor/index.ts'
import { createOnnxRuntime } from '../../../src/engine/runtime/onnxRuntime.ts'
import { storedAs } from '../../../src/engine/runtime/storedWeight.ts'
import { openStudentWeights } from '../../../src/engine/runtime/weightFile.ts'
import { bytesSource, goldenSource } from '../../support/bytes.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { relativeError } from '../../support/golden.ts'
import { haveShared, sharedPath, SMOLLM2 } from '../../support/shared.ts'

const golden = goldenSource('dequant/dequant.safetensors')
const goldenFile = readSafetensors(golden)
const keys = [...goldenFile.tensors.keys()].filter((name) => name.endsWith('.raw')).map((name) => name.slice(0, -'.raw'.length))
const typeOf = (key: string): GgmlTypeName => key.split('.')[0] as GgmlTypeName

test('every type that is dequantised is kept in codes or as it is', () => {
  expect(DEQUANTISED_TYPES.filter((type) => codingOf(type) === null).sort()).toEqual(['BF16', 'F16', 'F32'])
})

describe('codes, scales and minima give back what is dequantised, bit for bit', () => {
  test.each(keys.filter((key) => codingOf(typeOf(key)) !== null))('%s', (key) => {
    const { group, zero, bits } = codingOf(typeOf(key))!
    const expected = readFloats({ source: golden, file: goldenFile, name: `${key}.f32` })
    const { codes, scales, minima } = recode(typeOf(key), readBytes({ source: golden, file: goldenFile, name: `${key}.raw` }))
    const numbers = bits === 8 ? new Int8Array(codes.buffer) : codes
    const found = Float32Array.from(numbers, (code, i) => {
      const [scale, minimum] = [scales[Math.floor(i / group)]!, minima[Math.floor(i / group)]!]
      return Math.fround(Math.fround((code - zero) * scale) + minimum) + 0
    })
    expect(found).toEqual(expected.map((value) => value + 0))
    if (bits === 4) expect(Math.max(...codes)).toBeLessThan(16)
  })

  test('a scale that is no number is refused', () => {
    const bytes = readBytes({ source: golden, file: goldenFile, name: 'Q8_0.real.raw' }).slice(0, 34)
    bytes.set([0x00, 0x7e])
    expect(() => recode('Q8_0', bytes)).toThrow(/recode Q8_0: value NaN/)
  })
})

type OnnxRecord = { node: { opType: string; input: string[]; attribute: { g?: OnnxRecord }[] }[]; initializer: { dataType: number; dims: number[]; name: string }[] }
function optimisedGraph(path: string): { operators: string[]; initializers: OnnxRecord['initializer'] } {
  const { graph } = onnxProto.onnx.ModelProto.decode(readFileSync(path)) as unknown as { graph: OnnxRecord }
  const operators: string[] = []
  const walk = ({ node }: OnnxRecord): void => node.forEach(({ opType, attribute }) => {
    operators.push(opType)
    for (const { g } of attribute) if (g?.node) walk(g)
  })
  walk(graph)
  return { operators, initializers: graph.initializer }
}

describe('in a graph of ONNX Runtime, run twice', () => {
  const types = [...new Set(keys.map(typeOf))]
  test.each(types)('%s: products and rows', async (type) => {
    const raw = readBytes({ source: golden, file: goldenFile, name: `${type}.real.raw` })
    const rows = 2
    const columns = (raw.length / rows / GGML_TYPES[type].blockBytes) * GGML_TYPES[type].blockSize
    const values = new Float32Array(rows * columns)
    dequantise(type, raw, values)
    const folder = temporaryFolder()
    const path = join(folder, 'weights')
    const file = openSync(path, 'w')
    let offset = 0
    const source = bytesSource(raw)
    const placement = storedAs({ name: 'w', type, shape: [rows, columns], offset: 0, byteLength: raw.length }, 'quantised', (piece) => {
      const stretch = { offset, length: piece.length }
      piece.write(source, (bytes) => {
        writeSync(file, bytes, 0, bytes.length, offset)
        offset += bytes.length
      })
      return stretch
    })
    closeSync(file)
    expect('kind' in placement).toBe(true)

    const weight = frozen('w', [rows, columns])
    const x = feed('x', { shape: [symbol('T'), columns] })
    const index = feed('index', { shape: [symbol('I')], dtype: 'i64' })
    const outputs = new Map([['product', matmul(x, weight, { transposeB: true })], ['rows', gatherRows(weight, index)]])
    const optimised = join(folder, 'optimised.onnx')
    const graph = await createOnnxRuntime({ threads: 1, weights: { path, placements: new Map([['w', placement]]) }, optimised }).compile('coded', outputs)
    const one = new Float32Array(columns * columns)
    for (let i = 0; i < columns; i++) one[i * columns + i] = 1
    for (let run = 0; run < 2; run++) {
      const found = await graph.run(new Map([
        ['x', { dtype: 'f32', shape: [columns, columns], data: one }],
        ['index', { dtype: 'i64', shape: [3], data: BigInt64Array.from([1n, 0n, 1n]) }],
      ]))
      // The identity picks single numbers out: no sum rounds.
      const transposed = Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]! + 0)
      expect(found.get('product')!.map((value) => value + 0)).toEqual(transposed)
      const [first, second] = [values.slice(0, columns), values.slice(columns)].map((row) => row.map((value) => value + 0)) as [Float32Array, Float32Array]
      expect(found.get('rows')!.map((value) => value + 0)).toEqual(Float32Array.from([...second, ...first, ...second]))
    }
    await graph.dispose()
    const { operators, initializers } = optimisedGraph(optimised)
    expect(operators.filter((name) => /NBits|Quant/.test(name))).toEqual([])
    // Nothing of the weight was computed beforehand: no float matrix of its size is stored.
    expect(initializers.filter(({ dataType, dims }) => dataType === 1 && dims.reduce((n, d) => n * Number(d), 1) >= rows * columns)).toEqual([])
  })
})

/** A tiny golden with its matrices in another type: random blocks with the scales of the golden's dequantisation cases. */
function tinyIn(type: GgmlTypeName, folder: string): string {
  const [source, raw] = [goldenSource('tiny/llama_untied.gguf'), readBytes({ source: golden, file: goldenFile, name: `${type}.real.raw` })]
  const gguf = readGguf(source)
  const { blockSize, blockBytes } = GGML_TYPES[type]
  const chunks: Uint8Array[] = []
  const tensors = [...gguf.tensors.values()].map((tensor) => {
    const { shape, offset, byteLength } = tensor
    if (shape.length === 1 || (shape[1] as number) % blockSize !== 0) return { ...tensor, write: (sink: (b: Uint8Array) => void) => sink(source.read(offset, byteLength)) }
    const bytes = ((shape[0] as number) * (shape[1] as number) / blockSize) * blockBytes
    const blocks = raw.length / blockBytes
    const data = new Uint8Array(bytes)
    for (let b = 0; b * blockBytes < bytes; b++) data.set(raw.subarray((b % blocks) * blockBytes, ((b % blocks) + 1) * blockBytes), b * blockBytes)
    return { ...tensor, type, write: (sink: (b: Uint8Array) => void) => sink(data) }
  })
  writeGguf({ metadata: gguf.metadata, tensors, sink: (chunk) => chunks.push(chunk.slice()) })
  const path = join(folder, `${type}.gguf`)
  writeFileSync(path, Buffer.concat(chunks))
  return path
}

/** Loss and gradients of one pass, with the weights each way. */
async function bothWays(path: string, { recompute, length, seed }: { recompute: boolean; length: number; seed: number }) {
  const cache = temporaryFolder()
  const results = []
  for (const base of ['f32', 'quantised'] as const) {
    const student = await openStudentWeights(path, cache, base)
    const lora = { rank: 4, alpha: 8 }
    const matrices = loraMatrices(student.config, lora)
    const parameters = initialLora(matrices, createRandom(3))
    const next = createRandom(4)
    for (const values of parameters.values()) if (values.every((value) => value === 0)) values.forEach((_, i) => (values[i] = 0.02 * (next.next() - 0.5)))
    const ids = Array.from({ length }, (_, i) => (i * 7919 + seed) % student.config.vocabulary)
    const { feeds } = makeBatch({ config: student.config, sequences: [{ ids }], weightOf: ({ token }) => (token % 3 === 0 ? 1 / length : null) })
    const optimised = join(cache, `${base}.onnx`)
    const graph = await createOnnxRuntime({ threads: 2, weights: student, optimised }).compile('both', trainingGraph(student.config, lora, { recompute }))
    results.push({ student, matrices, optimised, values: await graph.run(new Map([...feeds, ...adapterFeeds(matrices, parameters)])) })
    await graph.dispose()
  }
  const [plain, coded] = results as [(typeof results)[number], (typeof results)[number]]
  const errors = plain.matrices.map(({ name }) => relativeError(coded.values.get(gradientOf(name))!, plain.values.get(gradientOf(name))!))
  return { loss: [plain, coded].map(({ values }) => values.get('loss')![0]!), worst: Math.max(...errors), coded, layers: adaptedLayers(coded.student.config, { targets: 'all' }).length }
}

/**
 * The weights are the same numbers, and so are the shapes of the products: only sums within a product may be taken in another order.
 * Each then differs by about sqrt(K) u (u = 6e-8, K terms; K = 1536: 2.3e-6), and some hundred products in a row by sqrt(200) of that.
 */
const TOLERANCE = 4e-5

test.each(['Q4_0', 'Q4_1', 'Q5_1', 'Q8_0', 'IQ4_NL', 'F16'] as const)('a tiny model in %s: loss and adapter gradients are those of float32', async (type) => {
  for (const recompute of [false, true]) {
    const { loss: [plain, coded], worst } = await bothWays(tinyIn(type, temporaryFolder()), { recompute, length: 23, seed: 7 })
    expect(Math.abs(coded! / plain! - 1)).toBeLessThan(1e-6)
    expect(worst).toBeLessThan(TOLERANCE)
  }
})

test('a graph reads each weight in codes once for each product, and stores none of them as float32', async () => {
  const { coded, layers } = await bothWays(tinyIn('Q4_1', temporaryFolder()), { recompute: true, length: 23, seed: 7 })
  const { operators, initializers } = optimisedGraph(coded.optimised)
  expect(operators.filter((name) => /NBits|Quant/.test(name))).toEqual([])
  // Forward, again for the backward pass, and backward: fewer where the first layer needs no gradient of its input.
  const unpackings = operators.filter((name) => name === 'BitShift').length
  expect(unpackings).toBeGreaterThan(2 * layers - 4)
  const smallest = Math.min(...adaptedLayers(coded.student.config, { targets: 'all' }).map(({ out, in: columns }) => out * columns))
  expect(initializers.filter(({ dataType, dims }) => dataType === 1 && dims.reduce((n, d) => n * Number(d), 1) >= smallest)).toEqual([])
})

test.runIf(haveShared(SMOLLM2))('SmolLM2 Q4_1: loss and every adapter gradient are those of float32', async () => {
  const { loss: [plain, coded], worst } = await bothWays(sharedPath(SMOLLM2), { recompute: true, length: 64, seed: 11 })
  console.log(`SmolLM2 in codes: loss ${plain} and ${coded}, gradients at most ${worst.toExponential(1)} apart`)
  expect(Math.abs(coded! / plain! - 1)).toBeLessThan(1e-6)
  expect(worst).toBeLessThan(TOLERANCE)
}, 300_000)
