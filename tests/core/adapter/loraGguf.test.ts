// llama.cpp LoRA GGUF files: the goldens read to PyTorch's values and are written again with equal bytes.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { writeGguf } from '../../../src/core/formats/gguf/index.ts'
import type { GgufValue } from '../../../src/core/formats/gguf/index.ts'
import { readFloats, readSafetensors } from '../../../src/core/formats/safetensors/index.ts'
import { AdapterError, readLoraGguf, writeLoraGguf } from '../../../src/core/pipeline/adapter/index.ts'
import type { ByteSource } from '../../../src/core/ports/index.ts'
import { bytesSource, collect, goldenBytes, goldenSource } from '../../support/bytes.ts'
import { haveShared, sharedPath } from '../../support/shared.ts'

/** Expects every matrix of the adapter to equal the safetensors file's `X.lora_a`, `X.lora_b`. */
function expectValues(adapter: ReturnType<typeof readLoraGguf>, source: ByteSource): void {
  const file = readSafetensors(source)
  const names = [...file.tensors.keys()].filter((name) => name.endsWith('.lora_a'))
  expect([...adapter.matrices.keys()].toSorted()).toEqual(names.map((name) => name.replace('.lora_a', '')).toSorted())
  for (const [name, matrices] of adapter.matrices) {
    const [a, b] = [`${name}.lora_a`, `${name}.lora_b`]
    expect(file.tensors.get(a)!.shape, a).toEqual([adapter.rank, matrices.in])
    expect(file.tensors.get(b)!.shape, b).toEqual([matrices.out, adapter.rank])
    expect(matrices.a, a).toEqual(readFloats({ source, file, name: a }))
    expect(matrices.b, b).toEqual(readFloats({ source, file, name: b }))
  }
}

describe.each([
  ['llama_tied', 'llama'],
  ['llama_untied', 'llama'],
  ['qwen2', 'qwen2'],
  ['qwen3', 'qwen3'],
  ['gemma3', 'gemma3'],
])('tiny/%s', (name, architecture) => {
  const adapter = readLoraGguf(goldenSource(`tiny/${name}.adapter.gguf`))

  test('holds the values of PyTorch', () => {
    expect(adapter).toMatchObject({ rank: 2, alpha: 4, architecture })
    expectValues(adapter, goldenSource(`tiny/${name}.safetensors`))
  })

  test('is written with the bytes of gguf-py', () => {
    expect(collect((sink) => writeLoraGguf(adapter, sink))).toEqual(goldenBytes(`tiny/${name}.adapter.gguf`))
  })
})

test.skipIf(!haveShared('golden/smollm2/adapter.gguf'))('SmolLM2 adapter: values and bytes', () => {
  const bytes = readFileSync(sharedPath('golden/smollm2/adapter.gguf'))
  const adapter = readLoraGguf(bytesSource(bytes))
  expect(adapter).toMatchObject({ rank: 4, alpha: 8, architecture: 'llama' })
  expect(adapter.matrices.size).toBe(210)
  expectValues(adapter, bytesSource(readFileSync(sharedPath('golden/smollm2/lora_step.safetensors'))))
  expect(Buffer.compare(collect((sink) => writeLoraGguf(adapter, sink)), bytes)).toBe(0)
})

describe('refusals', () => {
  type Tensors = Record<string, [number, number]>

  const text = (value: string): GgufValue => ({ type: 'string', value })

  const file = (change: Record<string, GgufValue | undefined>, tensors: Tensors): ByteSource => {
    const entries: Record<string, GgufValue | undefined> = {
      'general.architecture': text('llama'),
      'general.type': text('adapter'),
      'adapter.type': text('lora'),
      'adapter.lora.alpha': { type: 'f32', value: 8 },
      ...change,
    }
    const metadata = new Map(Object.entries(entries).filter((entry): entry is [string, GgufValue] => !!entry[1]))
    const inputs = Object.entries(tensors).map(([name, shape]) => ({
      name,
      type: 'F32' as const,
      shape,
      write: (sink: (chunk: Uint8Array) => void) => sink(new Uint8Array(shape[0] * shape[1] * 4)),
    }))
    return bytesSource(collect((sink) => writeGguf({ metadata, tensors: inputs, sink })), 'x.gguf')
  }
  const pair: Tensors = { 'w.lora_a': [2, 3], 'w.lora_b': [5, 2] }

  test('the pattern itself is sound', () => {
    expect(readLoraGguf(file({}, pair)).matrices.get('w')).toMatchObject({ in: 3, out: 5 })
  })

  test.each<[name: string, file: [Record<string, GgufValue | undefined>, Tensors], message: string]>([
    ['a model', [{ 'general.type': text('model') }, pair], 'general.type "model"; expected "adapter"'],
    ['no type', [{ 'general.type': undefined }, pair], 'found general.type "no entry"'],
    ['other adapter', [{ 'adapter.type': text('ia3') }, pair], 'adapter.type "ia3"; expected "lora"'],
    ['only A', [{}, { 'w.lora_a': [2, 3] }], 'found only A for w; expected both A and B'],
    ['ranks differ', [{}, { 'w.lora_a': [2, 3], 'w.lora_b': [5, 3] }], 'A [2, 3] and B [5, 3] for w'],
    ['two ranks', [{}, { ...pair, 'v.lora_a': [1, 3], 'v.lora_b': [5, 1] }], 'found rank 1 for v; expected rank 2'],
    ['other tensors', [{}, { ...pair, 'w.weight': [2, 2] }], 'tensor "w.weight"; expected names that end in .lora_a'],
    ['none', [{}, {}], 'found no LoRA tensors'],
  ])('%s', (_, [change, tensors], message) => {
    expect(() => readLoraGguf(file(change, tensors))).toThrow(AdapterError)
    expect(() => readLoraGguf(file(change, tensors))).toThrow(message)
  })

  test('no alpha', () => {
    expect(() => readLoraGguf(file({ 'adapter.lora.alpha': undefined }, pair))).toThrow('adapter.lora.alpha')
  })
})
