// Exports of a run: the adapter for llama.cpp or PEFT, or everything another trainer needs to repeat the run.
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readGguf } from '../../core/formats/gguf/index.ts'
import { ADAMW_DEFAULTS, readModelConfig, type ModelConfig, type Parameters } from '../../core/nn/index.ts'
import {
  PEFT_CONFIG_FILE, PEFT_WEIGHTS_FILE, peftConfig, readLoraGguf, writePeftWeights, type Adapter,
} from '../../core/pipeline/adapter/index.ts'
import { planSteps } from '../../core/pipeline/training/index.ts'
import type { ExportReport, ExportTarget, ExportedBatch, ExportedExample } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { openByteSource, writeFileAtomic } from '../files/index.ts'
import { adapterOf } from './adapterOf.ts'
import { loadCheckpoint } from './checkpoints.ts'
import { readExamples, readMetrics, readRunConfig, runFiles, type RunConfig } from './runFolder.ts'

type Source = { readonly dir: string; readonly config: RunConfig; readonly model: () => ModelConfig }
type Exporter = (source: Source, out: string) => string[]

function modelConfigOf(path: string): ModelConfig {
  if (!existsSync(path)) {
    throw new RetortError({ code: 'student-missing', message: 'the student file of this run is not there', where: path, advice: 'put it back where it was' })
  }
  const source = openByteSource(path)
  try {
    return readModelConfig(readGguf(source))
  } finally {
    source.close()
  }
}

function trainedAdapter(dir: string): Adapter {
  const path = runFiles(dir).adapter
  if (!existsSync(path)) {
    throw new RetortError({ code: 'no-adapter', message: 'this run has no adapter yet', where: path, advice: 'let it train, or stop it so that it saves: `retort train --resume RUN`' })
  }
  const source = openByteSource(path)
  try {
    return readLoraGguf(source)
  } finally {
    source.close()
  }
}

const headsOf = (model: ModelConfig): { query: number; keyValue: number } => ({ query: model.heads, keyValue: model.kvHeads })

function writePeft({ dir, config, model }: Source, out: string): string[] {
  const adapter = trainedAdapter(dir)
  const heads = headsOf(model())
  mkdirSync(out, { recursive: true })
  const [weights, settings] = [join(out, PEFT_WEIGHTS_FILE), join(out, PEFT_CONFIG_FILE)]
  writeFileAtomic(weights, (sink) => writePeftWeights({ adapter, heads, sink }))
  writeFileAtomic(settings, peftConfig(adapter, config.student.path))
  return [weights, settings]
}

const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

/** The losses are there to compare with; everything else is what the run was made of. */
function writeMaskedJsonl({ dir, config, ...source }: Source, out: string): string[] {
  const model = source.model()
  const { settings } = config
  const examples = readExamples(dir)
  const train = examples.filter((example) => example.split === 'train')
  const steps = planSteps(train.map((example) => example.ids.length), settings)
  const initial: Parameters = loadCheckpoint(runFiles(dir).checkpoints, 0).parameters
  mkdirSync(out, { recursive: true })
  const file = (name: string): string => join(out, name)
  writeFileAtomic(
    file('examples.jsonl'),
    lines(examples.map(({ id, split, ids, ce, kinds }): ExportedExample => ({ id, split, ids, weights: ce, kinds }))),
  )
  writeFileAtomic(
    file('batches.jsonl'),
    lines(steps.map(({ examples: indices, lr }, step): ExportedBatch => ({ step: step + 1, examples: indices.map((i) => train[i]?.id ?? ''), lr }))),
  )
  writeFileAtomic(file('init.safetensors'), (sink) =>
    writePeftWeights({ adapter: adapterOf(initial, model, settings), heads: headsOf(model), sink }),
  )
  const { beta1, beta2, epsilon } = ADAMW_DEFAULTS
  const optimiser = { name: 'adamw', beta1, beta2, eps: epsilon, weightDecay: settings.weightDecay }
  writeFileAtomic(
    file('config.json'),
    `${JSON.stringify({ optimiser, clipNorm: settings.clipNorm, rank: settings.rank, alpha: settings.alpha, settings, student: config.student }, null, 2)}\n`,
  )
  writeFileAtomic(file('metrics.jsonl'), lines(readMetrics(dir)))
  return ['examples.jsonl', 'batches.jsonl', 'init.safetensors', 'config.json', 'metrics.jsonl'].map(file)
}

const exporters: { readonly [T in ExportTarget]: Exporter } = {
  'gguf-lora': ({ dir }, out) => {
    trainedAdapter(dir)
    writeFileAtomic(out, readFileSync(runFiles(dir).adapter))
    return [out]
  },
  peft: writePeft,
  'masked-jsonl': writeMaskedJsonl,
}

/** Writes the export to `out` (a file for gguf-lora, a folder otherwise). Throws RetortError when the run lacks what is asked for. */
export function exportRun(dir: string, target: ExportTarget, out: string): ExportReport {
  const config = readRunConfig(dir)
  const files = exporters[target]({ dir, config, model: () => modelConfigOf(config.student.path) }, out)
  return { run: config.id, to: target, path: out, files: files.map((path) => ({ path, bytes: statSync(path).size })) }
}

/** Where an export goes when no path is given. */
export const defaultExportPath = (exportsFolder: string, run: string, target: ExportTarget): string =>
  join(exportsFolder, target === 'gguf-lora' ? `${run}.gguf` : `${run}-${target}`)
