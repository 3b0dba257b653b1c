// The same log-probabilities from the trainer's graph and from llama.cpp: both sides, and how far they are apart.
import { join } from 'node:path'
import { loraMatrices, type LoraConfig, type Parameters } from '../../src/core/nn/index.ts'
import {
  PEFT_WEIGHTS_FILE, peftConfig, readPeft, writeLoraGguf, writePeftWeights, type Adapter,
} from '../../src/core/pipeline/adapter/index.ts'
import { scoreExamples } from '../../src/core/pipeline/evaluation/index.ts'
import type { FedTensor } from '../../src/core/ports/index.ts'
import { writeFileAtomic } from '../../src/engine/files/index.ts'
import { openScorer, openStudent, type AdapterChoice } from '../../src/engine/llama/index.ts'
import { createOnnxRuntime } from '../../src/engine/runtime/onnxRuntime.ts'
import type { StudentWeights } from '../../src/engine/runtime/weightFile.ts'
import { adapterOf } from '../../src/engine/training/adapterOf.ts'
import { bytesSource, collect } from './bytes.ts'
import { readFloatTensors, readJson } from './golden.ts'

export type Adapted = { readonly lora: LoraConfig; readonly parameters: Parameters }

/** A and B of a golden step: random values of a size that visibly moves the log-probabilities. */
export function goldenAdapter(json: string): Adapted {
  const { lora } = readJson<{ lora: { r: number; alpha: number } }>(json)
  const parameters = readFloatTensors(json.replace(/json$/, 'safetensors'), (name) => /\.lora_[ab]$/.test(name))
  return { lora: { rank: lora.r, alpha: lora.alpha }, parameters }
}

export const exportable = ({ config }: StudentWeights, { lora, parameters }: Adapted): Adapter => adapterOf(parameters, config, lora)

/** Writes the adapter into `folder`; its path. */
export function exportGguf(folder: string, adapter: Adapter, name: string): string {
  const path = join(folder, `${name}.adapter.gguf`)
  writeFileAtomic(path, (sink) => writeLoraGguf(adapter, sink))
  return path
}

/** nll of every token but the first of each sequence, by the trainer's forward graph. */
export async function byTrainer(student: StudentWeights, sequences: readonly (readonly number[])[], adapted: Adapted | null): Promise<Float64Array[]> {
  const nll = sequences.map((ids) => new Float64Array(ids.length))
  const feeds = adapted && new Map(
    loraMatrices(student.config, adapted.lora).map(({ name, shape }): [string, FedTensor] => [
      name,
      { dtype: 'f32', shape, data: adapted.parameters.get(name)! },
    ]),
  )
  await scoreExamples({
    runtime: createOnnxRuntime({ threads: 2, weights: student }),
    config: student.config,
    adapter: adapted && feeds && { lora: adapted.lora, feeds },
    examples: sequences.map((ids, i) => ({
      id: String(i), trajectoryId: String(i), ids: [...ids], kinds: ids.map(() => 'context' as const), parts: ids.map(() => 'none' as const),
      steps: ids.map(() => 0), ce: ids.map(() => 1), kl: ids.map(() => 0), own: 0, straddling: 0,
    })),
    wanted: () => true,
    passTokens: 512,
    onScore: ({ example, token, nll: value }) => (nll[example]![token] = value),
    onProgress: async () => 'go',
  })
  return nll
}

/** The same by llama.cpp, with keys and values in F32. */
export async function byLlama(path: string, sequences: readonly (readonly number[])[], adapter: AdapterChoice | null): Promise<Float64Array[]> {
  const student = await openStudent({ path, weights: 'loaded' })
  const context = Math.max(...sequences.map((ids) => ids.length))
  const scorer = await openScorer({ student, context, threads: 2, ...(adapter && { adapter }) })
  const nll: Float64Array[] = []
  for (const ids of sequences) nll.push(await scorer.score(ids))
  await scorer.dispose()
  await student.dispose()
  return nll
}

export function differences(a: readonly Float64Array[], b: readonly Float64Array[]): { max: number; mean: number; tokens: number } {
  const all = a.flatMap((values, i) => [...values.slice(1)].map((value, t) => Math.abs(value - b[i]![t + 1]!)))
  return { max: Math.max(...all), mean: all.reduce((sum, x) => sum + x, 0) / all.length, tokens: all.length }
}

export const show = (label: string, { max, mean, tokens }: ReturnType<typeof differences>): void =>
  console.log(`${label}: max |difference| ${max.toExponential(2)}, mean ${mean.toExponential(2)} nats over ${tokens} tokens`)

/** Through the files of a PEFT folder and back. */
export function throughPeft(student: StudentWeights, adapter: Adapter): Adapter {
  const heads = { query: student.config.heads, keyValue: student.config.kvHeads }
  const bytes = collect((sink) => writePeftWeights({ adapter, heads, sink }))
  const weights = bytesSource(bytes, PEFT_WEIGHTS_FILE)
  return readPeft({ config: peftConfig(adapter, 'student'), weights, architecture: adapter.architecture, heads })
}
