// PEFT folders: names, row order against a from-scratch reshape, round trip, refusals.
import { describe, expect, test } from 'vitest'
import { readFloats, readSafetensors, writeSafetensors } from '../../../src/core/formats/safetensors/index.ts'
import type { SafetensorsInput } from '../../../src/core/formats/safetensors/index.ts'
import {
  AdapterError,
  peftConfig,
  readLoraGguf,
  readPeft,
  writePeftWeights,
} from '../../../src/core/pipeline/adapter/index.ts'
import type { Adapter, Heads } from '../../../src/core/pipeline/adapter/index.ts'
import { bytesSource, collect, goldenSource } from '../../support/bytes.ts'

const TINY: [name: string, heads: Heads][] = [
  ['llama_tied', { query: 4, keyValue: 2 }],
  ['llama_untied', { query: 8, keyValue: 2 }],
  ['qwen2', { query: 4, keyValue: 2 }],
  ['qwen3', { query: 4, keyValue: 2 }],
  ['gemma3', { query: 4, keyValue: 2 }],
]

const golden = (name: string): Adapter => readLoraGguf(goldenSource(`tiny/${name}.adapter.gguf`))

const weightsOf = (adapter: Adapter, heads: Heads) =>
  bytesSource(collect((sink) => writePeftWeights({ adapter, heads, sink })), 'adapter_model.safetensors')

/** Every index of a shape, in row-major order. */
function* indices(shape: readonly number[]): Generator<number[], void> {
  if (shape.length === 0) {
    yield []
    return
  }
  for (let i = 0; i < shape[0]!; i++) for (const rest of indices(shape.slice(1))) yield [i, ...rest]
}

/** numpy's `data.reshape(shape).swapaxes(1, 2)`, flat. */
function reshapeAndSwapaxes(data: Float32Array, shape: readonly [number, number, number, number]): Float32Array {
  const [p, q, r, s] = shape
  const out: number[] = []
  for (const [i, k, j, l] of indices([p, r, q, s]) as Iterable<[number, number, number, number]>) {
    out.push(data[((i * q + j) * r + k) * s + l]!)
  }
  return Float32Array.from(out)
}

describe.each(TINY)('tiny/%s', (name, heads) => {
  const adapter = golden(name)
  const source = weightsOf(adapter, heads)
  const file = readSafetensors(source)
  const tensor = (path: string) => readFloats({ source, file, name: `base_model.model.model.layers.${path}` })

  test('names and shapes', () => {
    const modules = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj']
    modules.push('mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj')
    const expected = [0, 1].flatMap((layer) =>
      modules.flatMap((module) =>
        ['lora_A', 'lora_B'].map((half) => `base_model.model.model.layers.${layer}.${module}.${half}.weight`),
      ),
    )
    expect([...file.tensors.keys()].toSorted()).toEqual(expected.toSorted())
    const { in: columns, out } = adapter.matrices.get('blk.1.ffn_down.weight')!
    expect(file.tensors.get('base_model.model.model.layers.1.mlp.down_proj.lora_A.weight')!.shape).toEqual([2, columns])
    expect(file.tensors.get('base_model.model.model.layers.1.mlp.down_proj.lora_B.weight')!.shape).toEqual([out, 2])
    expect(file.metadata.get('format')).toBe('pt')
  })

  test('rows of q and k are in halves, all else as it was', () => {
    const permuted = name.startsWith('llama')
    const pairs = [
      ['attn_q', 'self_attn.q_proj', heads.query],
      ['attn_k', 'self_attn.k_proj', heads.keyValue],
    ] as const
    for (const [linear, module, count] of pairs) {
      const { a, b, out } = adapter.matrices.get(`blk.1.${linear}.weight`)!
      const expected = permuted ? reshapeAndSwapaxes(b, [count, out / count / 2, 2, adapter.rank]) : b
      expect(tensor(`1.${module}.lora_B.weight`)).toEqual(expected)
      expect(tensor(`1.${module}.lora_A.weight`)).toEqual(a)
      if (permuted) expect(tensor(`1.${module}.lora_B.weight`)).not.toEqual(b)
    }
    const same = { attn_v: 'self_attn.v_proj', attn_output: 'self_attn.o_proj', ffn_gate: 'mlp.gate_proj' }
    for (const [linear, module] of Object.entries({ ...same, ffn_up: 'mlp.up_proj', ffn_down: 'mlp.down_proj' })) {
      const { a, b } = adapter.matrices.get(`blk.0.${linear}.weight`)!
      expect(tensor(`0.${module}.lora_A.weight`)).toEqual(a)
      expect(tensor(`0.${module}.lora_B.weight`)).toEqual(b)
    }
  })

  test('reads back equal, in the order of the blocks', () => {
    const config = peftConfig(adapter, 'base')
    const { architecture } = adapter
    const back = readPeft({ config, weights: source, architecture, heads })
    expect(back).toEqual(adapter)
    expect([...back.matrices.keys()]).toEqual([...adapter.matrices.keys()])
  })
})

test('layers keep the order of numbers, not of names', () => {
  const matrices = { a: new Float32Array(3), b: new Float32Array(2), in: 3, out: 2 }
  const names = Array.from({ length: 12 }, (_, layer) => `blk.${layer}.ffn_up.weight`)
  const all = new Map(names.map((name) => [name, matrices]))
  const adapter: Adapter = { rank: 1, alpha: 1, architecture: 'qwen2', matrices: all }
  const heads = { query: 1, keyValue: 1 }
  const weights = weightsOf(adapter, heads)
  const back = readPeft({ config: peftConfig(adapter, 'base'), weights, architecture: 'qwen2', heads })
  expect([...back.matrices.keys()]).toEqual(names)
})

test('adapter_config.json', () => {
  expect(JSON.parse(peftConfig(golden('llama_tied'), 'org/Base-Model'))).toEqual({
    base_model_name_or_path: 'org/Base-Model',
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    lora_alpha: 4,
    lora_dropout: 0,
    peft_type: 'LORA',
    r: 2,
    target_modules: ['down_proj', 'gate_proj', 'k_proj', 'o_proj', 'q_proj', 'up_proj', 'v_proj'],
    task_type: 'CAUSAL_LM',
    use_rslora: false,
  })
})

test('rank-stabilised, with dropout, and a module of one layer only', () => {
  const adapter = golden('llama_tied')
  const some = [...adapter.matrices].filter(([name]) => name.includes('attn_q') || name === 'blk.1.ffn_down.weight')
  const other = { ...adapter, rankStable: true as const, dropout: 0.1, matrices: new Map(some) }
  expect(JSON.parse(peftConfig(other, 'base'))).toMatchObject({
    lora_dropout: 0.1, use_rslora: true, lora_alpha: 4, target_modules: ['layers.1.mlp.down_proj', 'q_proj'],
  })
})

describe('refusals', () => {
  const adapter = golden('llama_tied')
  const heads = { query: 4, keyValue: 2 }
  const config = JSON.parse(peftConfig(adapter, 'base')) as Record<string, unknown>
  const read = (change: Record<string, unknown>, weights = weightsOf(adapter, heads), count = heads) =>
    readPeft({ config: JSON.stringify({ ...config, ...change }), weights, architecture: 'llama', heads: count })
  const named = (name: string) => {
    const tensors: SafetensorsInput[] = [{ name, shape: [2, 2], data: new Float32Array(4) }]
    return bytesSource(collect((sink) => writeSafetensors({ tensors, sink })), 'adapter_model.safetensors')
  }

  test.each<[Record<string, unknown>, string]>([
    [{ peft_type: 'LOHA' }, 'adapter_config.json: found peft_type "LOHA"; expected "LORA"'],
    [{ use_dora: true }, 'found use_dora true; expected false'],
    [{ use_rslora: 'yes' }, 'found use_rslora "yes"'],
    [{ lora_dropout: 1 }, 'found lora_dropout 1; expected a share below 1'],
    [{ bias: 'all' }, 'found bias "all"; expected "none"'],
    [{ rank_pattern: { q_proj: 8 } }, 'found rank_pattern {"q_proj":8}'],
    [{ modules_to_save: ['lm_head'] }, 'found modules_to_save ["lm_head"]'],
    [{ r: 2.5 }, 'found r 2.5; expected a whole number'],
    [{ r: 3 }, 'found rank 2; expected r 3'],
    [{ lora_alpha: '16' }, 'found lora_alpha "16"; expected a number'],
  ])('config %o', (change, message) => {
    expect(() => read(change)).toThrow(AdapterError)
    expect(() => read(change)).toThrow(message)
  })

  test('config that is no object', () => {
    const weights = weightsOf(adapter, heads)
    for (const text of ['{', 'null', '3', '"LORA"']) {
      expect(() => readPeft({ config: text, weights, architecture: 'llama', heads })).toThrow(AdapterError)
    }
  })

  test.each([
    ['transformer.h.0.attn.lora_A.weight', 'expected names such as base_model.model.model.layers.0.self_attn.q_proj'],
    ['base_model.model.model.layers.0.mlp.fc1.lora_A.weight', 'found module "mlp.fc1"; expected one of self_attn'],
    ['base_model.model.model.layers.0.mlp.up_proj.lora_A.weight', 'found only A for blk.0.ffn_up.weight'],
  ])('tensor %s', (name, message) => {
    expect(() => read({}, named(name))).toThrow(AdapterError)
    expect(() => read({}, named(name))).toThrow(message)
  })

  test('heads that do not divide the rows', () => {
    expect(() => read({}, undefined, { query: 5, keyValue: 2 })).toThrow('found 64 rows for 5 heads')
  })

  test('architecture or tensor without PEFT name', () => {
    expect(() => weightsOf({ ...adapter, architecture: 'mamba' }, heads)).toThrow(
      'found architecture "mamba"; expected one of llama, mistral3, qwen2, qwen3, gemma3, phi3',
    )
    const [matrices] = adapter.matrices.values()
    expect(() => weightsOf({ ...adapter, matrices: new Map([['output.weight', matrices!]]) }, heads)).toThrow(
      'found tensor "output.weight"; expected blk.N.X.weight with X one of attn_q',
    )
  })
})
