// Exports of a run: the adapter for llama.cpp or PEFT, or everything another trainer needs to repeat the run.
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ADAMW_DEFAULTS, loraOf, type ModelConfig, type Parameters } from '../../core/nn/index.ts'
import {
  PEFT_CONFIG_FILE, PEFT_WEIGHTS_FILE, peftConfig, readLoraGguf, writePeftWeights, type Adapter,
} from '../../core/pipeline/adapter/index.ts'
import type { ExportReport, ExportTarget, ExportedBatch, ExportedExample, Which } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { ensureFolder, openByteSource, writeFileAtomic, writeJsonLines } from '../files/index.ts'
import { adapterOf } from './adapterOf.ts'
import { chooseAdapter, type ChosenAdapter } from './chooseAdapter.ts'
import { hasCheckpoint, loadCheckpoint } from './checkpoints.ts'
import { stepsOfRun } from './runPlan.ts'
import { readExamples, readMetrics, readRunConfig, runFiles, type RunConfig } from './runFolder.ts'

type Source = { readonly dir: string; readonly config: RunConfig; readonly chosen: ChosenAdapter }
type Exporter = (source: Source, out: string) => string[]

function trainedAdapter({ path }: ChosenAdapter): Adapter {
  const source = openByteSource(path)
  try {
    return readLoraGguf(source)
  } finally {
    source.close()
  }
}

const headsOf = (model: ModelConfig): { query: number; keyValue: number } => ({ query: model.heads, keyValue: model.kvHeads })

function writePeft({ config, chosen }: Source, out: string): string[] {
  const adapter = trainedAdapter(chosen)
  const heads = headsOf(config.model)
  ensureFolder(out)
  const [weights, settings] = [join(out, PEFT_WEIGHTS_FILE), join(out, PEFT_CONFIG_FILE)]
  writeFileAtomic(weights, (sink) => writePeftWeights({ adapter, heads, sink }))
  writeFileAtomic(settings, peftConfig(adapter, basename(config.student.path, '.gguf')))
  return [weights, settings]
}

/** The adapter as the run began. */
function startValues(dir: string): Parameters {
  const { checkpoints } = runFiles(dir)
  if (hasCheckpoint(checkpoints, 0)) return loadCheckpoint(checkpoints, 0).parameters
  throw new RetortError({
    code: 'no-start',
    message: 'this run has no start values',
    where: checkpoints,
    found: 'no checkpoint of step 0',
    expected: 'the one that is written when training begins',
    advice: `let it begin: retort train --resume ${basename(dir)}`,
  })
}

/** The losses are there to compare with; everything else is what the run was made of. */
function writeMaskedJsonl({ dir, config }: Source, out: string): string[] {
  const { settings, model } = config
  const examples = readExamples(dir, config.examples)
  const train = examples.filter((example) => example.split === 'train')
  const steps = stepsOfRun(dir, config, examples)
  const initial = startValues(dir)
  ensureFolder(out)
  const file = (name: string): string => join(out, name)
  writeJsonLines(
    file('examples.jsonl'),
    examples.map(({ id, split, ids, ce, kinds }): ExportedExample => ({ id, split, ids, weights: ce, kinds })),
  )
  writeJsonLines(
    file('batches.jsonl'),
    steps.map(({ examples: indices, lr, factors }, step): ExportedBatch => {
      return { step: step + 1, examples: indices.map((i) => train[i]?.id ?? ''), lr, ...(factors && { factors }) }
    }),
  )
  writeFileAtomic(file('init.safetensors'), (sink) =>
    writePeftWeights({ adapter: adapterOf(initial, model, loraOf(settings)), heads: headsOf(model), sink }),
  )
  const { beta1, beta2, epsilon } = ADAMW_DEFAULTS
  const optimiser = { name: 'adamw', beta1, beta2, eps: epsilon, weightDecay: settings.weightDecay }
  writeFileAtomic(
    file('config.json'),
    `${JSON.stringify({ optimiser, clipNorm: settings.clipNorm, rank: settings.rank, alpha: settings.alpha, settings, student: config.student }, null, 2)}\n`,
  )
  writeJsonLines(file('metrics.jsonl'), readMetrics(dir))
  return ['examples.jsonl', 'batches.jsonl', 'init.safetensors', 'config.json', 'metrics.jsonl'].map(file)
}

const exporters: { readonly [T in ExportTarget]: Exporter } = {
  'gguf-lora': ({ chosen }, out) => {
    trainedAdapter(chosen)
    ensureFolder(dirname(out))
    writeFileAtomic(out, readFileSync(chosen.path))
    return [out]
  },
  peft: writePeft,
  'masked-jsonl': writeMaskedJsonl,
}

export type ExportInput = {
  readonly dir: string
  readonly to: ExportTarget
  /** undefined: as `chooseAdapter` says. */
  readonly which: Which | undefined
  readonly out: string
}

/** Writes the export to `out` (a file for gguf-lora, a folder otherwise), whose parent folders are made. Throws RetortError when the run lacks what is asked for. */
export function exportRun({ dir, to, which, out }: ExportInput): ExportReport {
  const config = readRunConfig(dir)
  // The data of a run are those of all of it.
  const chosen = to === 'masked-jsonl' ? { path: '', which: 'last' as const, step: readMetrics(dir).length } : chooseAdapter(dir, config, which)
  const files = exporters[to]({ dir, config, chosen }, out)
  return { run: config.id, which: chosen.which, step: chosen.step, to, path: out, files: files.map((path) => ({ path, bytes: statSync(path).size })) }
}

/** Where an export goes when no path is given. */
export const defaultExportPath = (exportsFolder: string, run: string, target: ExportTarget): string =>
  join(exportsFolder, target === 'gguf-lora' ? `${run}.gguf` : `${run}-${target}`)
