// Merged students: llama.cpp gives them the log-probabilities of the base with the adapter laid over it; files are whole or not there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { dequantise, QUANTISED_TYPES, readGguf, storedType, writeGguf, type QuantisedType } from '../../../src/core/formats/gguf/index.ts'
import { initialLora, loraMatrices, type LoraConfig } from '../../../src/core/nn/index.ts'
import { mergedContent, writeLoraGguf, type Adapter } from '../../../src/core/pipeline/adapter/index.ts'
import { openByteSource, writeFileAtomic } from '../../../src/engine/files/index.ts'
import { openStudentWeights } from '../../../src/engine/runtime/weightFile.ts'
import { exportRun } from '../../../src/engine/training/exportRun.ts'
import { readRunConfig, runFiles } from '../../../src/engine/training/runFolder.ts'
import { mergedTypeSchema } from '../../../src/shared/contract/exporting.ts'
import { byLlama, differences, exportable, exportGguf, goldenAdapter, show } from '../../support/agreement.ts'
import { familyModel, type FamilyModel } from '../../support/familyModel.ts'
import { goldenPath, readFloatTensorsOf } from '../../support/golden.ts'
import { random } from '../../support/random.ts'
import { makeTinyRun, removeFolder, scratch, TINY_STUDENT } from '../../support/tinyRun.ts'

const home = scratch()
afterAll(() => removeFolder(home))

const next = random(78)
const IDS = Array.from({ length: 120 }, () => 4 + Math.floor(next() * 296))

function writeMerged(student: string, adapter: Adapter, type: QuantisedType): string {
  const path = join(home, `${Math.round(1e9 * next())}-${type}.gguf`)
  const source = openByteSource(student)
  try {
    const content = mergedContent({ student: source, adapter, type, name: 'merged', provenance: { 'retort.merged.run': 'x' } })
    writeFileAtomic(path, (sink) => writeGguf({ ...content, sink }))
  } finally {
    source.close()
  }
  return path
}

/** Random A and B of a size that visibly moves the log-probabilities. */
async function adapterFor(path: string, lora: LoraConfig): Promise<Adapter> {
  const student = await openStudentWeights(path, home)
  const parameters = initialLora(loraMatrices(student.config, lora), { next })
  for (const [name, values] of parameters) if (name.endsWith('.lora_b')) values.forEach((_, i) => (values[i] = 0.6 * (next() - 0.5)))
  return exportable(student, { lora, parameters })
}

/** Base with adapter, and merged: mean and largest difference of log-probabilities; what the adapter does, for comparison. */
async function compare(label: string, student: string, adapter: Adapter, type: QuantisedType) {
  const path = exportGguf(home, adapter, `a${Math.round(1e9 * next())}`)
  const laid = await byLlama(student, [IDS], { path, scale: 1 })
  const effect = differences(await byLlama(student, [IDS], null), laid)
  const merged = differences(await byLlama(writeMerged(student, adapter, type), [IDS], null), laid)
  show(`${label}, merged ${type} (the adapter: mean ${effect.mean.toFixed(2)})`, merged)
  return { effect, merged }
}

describe('merged as F32, the log-probabilities of base and adapter', () => {
  test.each(['llama_tied', 'llama_untied', 'qwen2', 'qwen3', 'gemma3'])('%s', async (name) => {
    const student = goldenPath(`tiny/${name}.gguf`)
    const adapter = exportable(await openStudentWeights(student, home), goldenAdapter(goldenPath(`tiny/${name}.json`)))
    const { effect, merged } = await compare(name, student, adapter, 'F32')
    expect(effect.mean).toBeGreaterThan(0.01)
    // llama.cpp's GELU is a table of float16.
    expect(merged.max).toBeLessThan(name === 'gemma3' ? 1e-2 : 1e-3)
  })

  const MADE: Readonly<Record<string, { model: FamilyModel; lora: LoraConfig }>> = {
    'phi3, fused': { model: { architecture: 'phi3', sizes: { kvHeads: 4, tied: false } }, lora: { rank: 3, alpha: 6 } },
    'mistral3, rank-stabilised': { model: { architecture: 'mistral3' }, lora: { rank: 4, alpha: 2, rankStable: true } },
    'llama with biases, attention only': { model: { architecture: 'llama', sizes: { biases: ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'] } }, lora: { rank: 3, alpha: 9, targets: 'attention' } },
    'wide heads, one kind of layers': { model: { architecture: 'llama', sizes: { headSize: 32, tied: false } }, lora: { rank: 3, alpha: 9, targets: ['ffn_down'] } },
  }
  test.each(Object.entries(MADE))('%s', async (name, { model, lora }) => {
    const student = join(home, `${name.replaceAll(/\W+/g, '-')}.gguf`)
    writeFileAtomic(student, familyModel(model))
    const { effect, merged } = await compare(name, student, await adapterFor(student, lora), 'F32')
    expect(effect.mean).toBeGreaterThan(0.05)
    expect(merged.max).toBeLessThan(1e-3)
  })
})

test('every type: llama.cpp loads it, tensors have the types of the rules, and fewer bits change more', async () => {
  const student = join(home, 'wide.gguf')
  writeFileAtomic(student, familyModel({ architecture: 'llama', sizes: { width: 256, heads: 4, kvHeads: 2, headSize: 64, inner: 512, tied: false } }))
  const adapter = await adapterFor(student, { rank: 4, alpha: 8 })
  const means = new Map<QuantisedType, number>()
  const laid = await byLlama(student, [IDS], { path: exportGguf(home, adapter, 'wide'), scale: 1 })
  const exact = readFloatTensorsOf(writeMerged(student, adapter, 'F32'))
  for (const type of QUANTISED_TYPES) {
    const path = writeMerged(student, adapter, type)
    const found = differences(await byLlama(path, [IDS], null), laid)
    show(`random llama of width 256 as ${type}`, found)
    means.set(type, found.mean)
    const source = openByteSource(path)
    const gguf = readGguf(source)
    for (const tensor of gguf.tensors.values()) {
      expect(tensor.type, tensor.name).toBe(storedType(tensor, { type, head: 'output.weight' }))
      const values = new Float32Array(exact.get(tensor.name)!.length)
      dequantise(tensor.type, source.read(tensor.offset, tensor.byteLength), values)
      const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - exact.get(tensor.name)![i]!)), 0)
      const range = exact.get(tensor.name)!.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      expect(worst, tensor.name).toBeLessThan(range * 0.15)
    }
    source.close()
  }
  const order = (['F32', 'F16', 'Q8_0', 'Q6_K', 'Q5_K', 'Q4_K'] as const).map((type) => means.get(type)!)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

describe('of a run', () => {
  const dir = makeTinyRun(join(home, 'made'))
  const config = readRunConfig(dir)
  const exportTo = async (out: string, { signal = new AbortController().signal, onProgress = () => {}, student = TINY_STUDENT }: { signal?: AbortSignal; onProgress?: () => void; student?: string } = {}) =>
    exportRun({ dir, to: 'merged-gguf', which: undefined, out, merging: { type: 'Q8_0', student }, watch: { onProgress, signal } })
  const adapted = async (): Promise<void> => {
    const adapter = await adapterFor(TINY_STUDENT, { rank: 4, alpha: 8 })
    writeFileAtomic(runFiles(dir).adapter, (sink) => writeLoraGguf(adapter, sink))
  }

  test('metadata, tokenizer and template are kept; name, type and what it was made of are written', async () => {
    await adapted()
    const out = join(home, 'out', 'merged.gguf')
    const report = await exportTo(out)
    expect(report).toMatchObject({ to: 'merged-gguf', files: [{ path: out }], merged: { type: 'Q8_0', student: TINY_STUDENT } })
    const [base, merged] = [TINY_STUDENT, out].map((path) => {
      const source = openByteSource(path)
      const gguf = readGguf(source)
      source.close()
      return gguf
    }) as [ReturnType<typeof readGguf>, ReturnType<typeof readGguf>]
    expect([...merged.tensors.keys()]).toEqual([...base.tensors.keys()])
    const set = new Set(['general.name', 'general.file_type', 'general.quantization_version'])
    for (const [key, value] of base.metadata) if (!set.has(key)) expect(merged.metadata.get(key), key).toEqual(value)
    const entry = (key: string): unknown => merged.metadata.get(key)?.value
    expect([entry('general.file_type'), entry('retort.merged.run'), entry('retort.merged.student_sha256')]).toEqual([7, 'run', config.student.sha256])
    expect(entry('general.name')).toMatch(/, merged with run run$/)
    expect(mergedTypeSchema.options).toEqual(QUANTISED_TYPES)
  })

  test('given up in the midst, no file and nothing temporary is left; an older file stays', async () => {
    const folder = join(home, 'given-up')
    const out = join(folder, 'merged.gguf')
    const control = new AbortController()
    let steps = 0
    await expect(exportTo(out, { signal: control.signal, onProgress: () => ++steps === 3 && control.abort(new Error('enough')) })).rejects.toThrow('enough')
    expect(steps).toBe(3)
    expect(readdirSync(folder)).toEqual([])
    writeFileAtomic(out, 'older')
    await expect(exportTo(out, { signal: AbortSignal.abort(new Error('at once')) })).rejects.toThrow('at once')
    expect(readFileSync(out, 'utf8')).toBe('older')
  })

  test('another student is refused', async () => {
    const out = join(home, 'other.gguf')
    await expect(exportTo(out, { student: goldenPath('tiny/qwen2.gguf') })).rejects.toMatchObject({ code: 'student-changed' })
    expect(existsSync(out)).toBe(false)
  })

  test('an adapter for another student is refused', async () => {
    const adapter = await adapterFor(TINY_STUDENT, { rank: 4, alpha: 8 })
    expect(() => writeMerged(goldenPath('tiny/qwen2.gguf'), adapter, 'F32')).toThrow(/found architecture qwen2; expected llama/)
    const matrices = new Map([['blk.9.attn_q.weight', adapter.matrices.get('blk.0.attn_q.weight')!]])
    expect(() => writeMerged(TINY_STUDENT, { ...adapter, matrices }, 'F32')).toThrow(/no tensor blk\.9\.attn_q\.weight/)
  })
})
