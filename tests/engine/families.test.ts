// Families and rope scalings that have no golden: log-probabilities of the trainer's graph against llama.cpp's, on tiny random
// models that our own writer makes, without and with an adapter as our own writer exports it.
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { initialLora, loraMatrices, type LoraConfig, type Parameters } from '../../src/core/nn/index.ts'
import { readLoraGguf } from '../../src/core/pipeline/adapter/index.ts'
import { openByteSource, writeFileAtomic } from '../../src/engine/files/index.ts'
import { openStudentWeights, type StudentWeights } from '../../src/engine/runtime/weightFile.ts'
import { byLlama, byTrainer, differences, exportable, exportGguf, goldenAdapter, show, throughPeft } from '../support/agreement.ts'
import { familyModel, type FamilyModel } from '../support/familyModel.ts'
import { f32, text, u32 } from '../support/ggufVariant.ts'
import { goldenPath, readJson } from '../support/golden.ts'
import { random } from '../support/random.ts'
import { removeFolder, scratch } from '../support/tinyRun.ts'

const home = scratch()
afterAll(() => removeFolder(home))

const LORA: LoraConfig = { rank: 3, alpha: 6 }

/** Random A and B of a size that visibly moves the log-probabilities. */
function randomAdapter({ config }: StudentWeights, lora = LORA): Parameters {
  const next = random(11)
  const parameters = initialLora(loraMatrices(config, lora), { next })
  for (const [name, values] of parameters) if (name.endsWith('.lora_b')) values.forEach((_, i) => (values[i] = 0.6 * (next() - 0.5)))
  return parameters
}

const next = random(77)
const IDS = Array.from({ length: 200 }, () => 4 + Math.floor(next() * 296))
const factors = (pairs: number, most: number): number[] => Array.from({ length: pairs }, (_, i) => 1 + ((most - 1) * i) / (pairs - 1))

const yarn = (factor: number, original: number) => ({
  'rope.scaling.type': text('yarn'), 'rope.scaling.factor': f32(factor), 'rope.scaling.original_context_length': u32(original),
})
const linear = (factor: number) => ({ 'rope.scaling.type': text('linear'), 'rope.scaling.factor': f32(factor) })
const gemma = { 'attention.sliding_window': u32(16), 'rope.freq_base': f32(1_000_000) }

/** Each with the difference it may have: llama.cpp's GELU is a table of float16. */
const CASES: Readonly<Record<string, { model: FamilyModel; within?: number }>> = {
  'mistral as a llama file, heads wider than width / heads': { model: { architecture: 'llama', sizes: { headSize: 32, tied: false } } },
  'llama with every bias': { model: { architecture: 'llama', sizes: { biases: ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'] } } },
  'llama, rope scaling linear': { model: { architecture: 'llama', entries: linear(4) } },
  'llama, factor without a type': { model: { architecture: 'llama', entries: { 'rope.scaling.factor': f32(4) } } },
  'llama, a factor switched off': { model: { architecture: 'llama', entries: { ...linear(4), 'rope.scaling.type': text('none') } } },
  'llama, rope factors (llama3)': { model: { architecture: 'llama', vectors: { 'rope_freqs.weight': factors(8, 32) } } },
  'llama, yarn': { model: { architecture: 'llama', entries: yarn(4, 64) } },
  'qwen2, yarn': { model: { architecture: 'qwen2', sizes: { biases: ['attn_q', 'attn_k', 'attn_v'], tied: false }, entries: yarn(4, 64) } },
  'qwen3, yarn with betas that llama.cpp leaves out': {
    model: { architecture: 'qwen3', sizes: { headSize: 32 }, entries: { ...yarn(8, 32), 'rope.scaling.yarn_beta_fast': f32(16), 'rope.scaling.yarn_beta_slow': f32(2) } },
  },
  'mistral3, yarn with betas of its own': {
    model: { architecture: 'mistral3', entries: { ...yarn(8, 256), 'rope.scaling.yarn_beta_fast': f32(8), 'rope.scaling.yarn_beta_slow': f32(2) } },
  },
  mistral3: { model: { architecture: 'mistral3', sizes: { headSize: 32, tied: false } } },
  'mistral3, yarn with a log multiplier': { model: { architecture: 'mistral3', entries: { ...yarn(4, 256), 'rope.scaling.yarn_log_multiplier': f32(1) } } },
  'mistral3, sharper attention beyond the original context': { model: { architecture: 'mistral3', entries: { ...yarn(4, 256), 'attention.temperature_scale': f32(0.1) }, sizes: { context: 1024 } } },
  phi3: { model: { architecture: 'phi3', sizes: { kvHeads: 4, tied: false } } },
  'phi3, grouped heads, half of each turned': { model: { architecture: 'phi3', entries: { 'rope.dimension_count': u32(8) } } },
  'phi3, a sliding window that llama.cpp leaves out': { model: { architecture: 'phi3', entries: { 'attention.sliding_window': u32(16) } } },
  'phi3, longrope within the original context': {
    model: {
      architecture: 'phi3',
      entries: { 'rope.scaling.attn_factor': f32(1.19), 'rope.scaling.original_context_length': u32(256) },
      vectors: { 'rope_factors_short.weight': factors(8, 2), 'rope_factors_long.weight': factors(8, 40) },
      sizes: { context: 4096 },
    },
  },
  'gemma3, windows in 5 of 6 layers': { model: { architecture: 'gemma3', sizes: { layers: 7, headSize: 32 }, entries: gemma }, within: 2e-2 },
  'gemma3, linear scaling of global layers': { model: { architecture: 'gemma3', entries: { ...gemma, ...linear(8), 'attention.sliding_window_pattern': u32(2) } }, within: 2e-2 },
  'gemma3 without windows': { model: { architecture: 'gemma3' }, within: 2e-2 },
}

describe.each(Object.entries(CASES))('%s', (name, { model, within = 1e-3 }) => {
  test('the same log-probabilities as llama.cpp, without and with an adapter', async () => {
    const path = join(home, `${name.replaceAll(/\W+/g, '-')}.gguf`)
    writeFileAtomic(path, familyModel(model))
    const student = await openStudentWeights(path, home)
    const adapted = { lora: LORA, parameters: randomAdapter(student) }
    const base = await byTrainer(student, [IDS], null)
    const plain = differences(base, await byLlama(path, [IDS], null))
    show(`${name}, plain`, plain)
    const ours = await byTrainer(student, [IDS], adapted)
    const adapter = exportGguf(home, exportable(student, adapted), 'adapter')
    const found = differences(ours, await byLlama(path, [IDS], { path: adapter, scale: 1 }))
    show(`${name}, adapter`, found)
    expect(plain.max).toBeLessThan(within)
    expect(found.max).toBeLessThan(within)
    expect(differences(ours, base).max).toBeGreaterThan(0.1)
  })
})

describe.each(['qwen2', 'qwen3', 'gemma3'])('golden %s', (name) => {
  test('the same log-probabilities as llama.cpp, without and with an adapter', async () => {
    const path = goldenPath(`tiny/${name}.gguf`)
    const { ids } = readJson<{ ids: number[] }>(goldenPath(`tiny/${name}.json`))
    const adapted = goldenAdapter(goldenPath(`tiny/${name}.json`))
    const student = await openStudentWeights(path, home)
    const plain = differences(await byTrainer(student, [ids], null), await byLlama(path, [ids], null))
    show(`golden ${name}, plain`, plain)
    const adapter = exportGguf(home, exportable(student, adapted), name)
    const found = differences(await byTrainer(student, [ids], adapted), await byLlama(path, [ids], { path: adapter, scale: 1 }))
    show(`golden ${name}, adapter`, found)
    const within = name === 'gemma3' ? 5e-3 : 1e-3
    expect(plain.max).toBeLessThan(within)
    expect(found.max).toBeLessThan(within)
  })
})

describe.each<[string, FamilyModel, LoraConfig]>([
  ['rank-stabilised', { architecture: 'llama' }, { rank: 4, alpha: 3, rankStable: true }],
  ['attention only', { architecture: 'qwen3' }, { rank: 3, alpha: 6, targets: 'attention' }],
  ['some layers, with dropout that nothing is left of', { architecture: 'llama' }, { rank: 3, alpha: 6, targets: ['q_proj', 'blk.1.ffn_down.weight'], dropout: 0.3 }],
  ['fused layers', { architecture: 'phi3' }, { rank: 3, alpha: 6, targets: ['qkv_proj', 'gate_up_proj'] }],
])('an adapter: %s', (name, model, lora) => {
  test('llama.cpp serves it as the trainer computes it, and both exports read back', async () => {
    const path = join(home, `lora-${name.replaceAll(/\W+/g, '-')}.gguf`)
    writeFileAtomic(path, familyModel(model))
    const student = await openStudentWeights(path, home)
    const adapted = { lora, parameters: randomAdapter(student, lora) }
    const adapter = exportable(student, adapted)
    const file = exportGguf(home, adapter, 'options')
    const ours = await byTrainer(student, [IDS], adapted)
    const found = differences(ours, await byLlama(path, [IDS], { path: file, scale: 1 }))
    show(`adapter ${name}`, found)
    expect(found.max).toBeLessThan(1e-3)
    expect(differences(ours, await byTrainer(student, [IDS], null)).max).toBeGreaterThan(0.1)
    const source = openByteSource(file)
    const back = readLoraGguf(source)
    source.close()
    expect(back).toEqual({ ...adapter, ...(adapter.dropout && { dropout: Math.fround(adapter.dropout) }) })
    expect(throughPeft(student, adapter)).toEqual(adapter)
  })
})
