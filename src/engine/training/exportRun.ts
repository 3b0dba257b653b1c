// Exports of a run: the adapter for llama.cpp or PEFT, the student with it, or everything another trainer needs to repeat the run.
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { ADAMW_DEFAULTS, loraOf, type ModelConfig, type Parameters } from '../../core/nn/index.ts'
import {
  PEFT_CONFIG_FILE, PEFT_WEIGHTS_FILE, peftConfig, readLoraGguf, writePeftWeights, type Adapter,
} from '../../core/pipeline/adapter/index.ts'
import type { ExportReport, ExportTarget, ExportedBatch, ExportedExample, MergedType } from '../../shared/contract/exporting.ts'
import type { Which } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { ensureFolder, openByteSource, writeFileAtomic, writeJsonLines } from '../files/index.ts'
import { adapterOf } from './adapterOf.ts'
import { chooseAdapter, type ChosenAdapter } from './chooseAdapter.ts'
import { hasCheckpoint, loadCheckpoint } from './checkpoints.ts'
import { exportMerged, type MergeWatch } from './exportMerged.ts'
import { stepsOfRun } from './runPlan.ts'
import { readExamples, readMetrics, readRunConfig, runFiles, type RunConfig } from './runFolder.ts'

type Source = { readonly dir: string; readonly config: RunConfig; readonly chosen: ChosenAdapter; readonly merging: Merging; readonly watch: MergeWatch }
type Exported = { readonly files: string[]; readonly merged?: ExportReport['merged'] }
type Exporter = (source: Source, out: string) => Exported | Promise<Exported>

function trainedAdapter({ path }: ChosenAdapter): Adapter {
  const source = openByteSource(path)
  try {
    return readLoraGguf(source)
  } finally {
    source.close()
  }
}

const headsOf = (model: ModelConfig): { query: number; keyValue: number } => ({ query: model.heads, keyValue: model.kvHeads })

function writePeft({ config, chosen }: Source, out: string): Exported {
  const adapter = trainedAdapter(chosen)
  const heads = headsOf(config.model)
  ensureFolder(out)
  const [weights, settings] = [join(out, PEFT_WEIGHTS_FILE), join(out, PEFT_CONFIG_FILE)]
  writeFileAtomic(weights, (sink) => writePeftWeights({ adapter, heads, sink }))
  writeFileAtomic(settings, peftConfig(adapter, basename(config.student.path, '.gguf')))
  return { files: [weights, settings] }
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
function writeMaskedJsonl({ dir, config }: Source, out: string): Exported {
  const { settings, model } = config
  const examples = readExamples(dir, config.examples)
  const train = examples.filter((example) => example.split === 'train')
  const steps = stepsOfRun(dir, config, examples)
  const initial = startValues(dir)
  ensureFolder(out)
  const file = (name: string): string => join(out, name)
  writeJsonLines(
    file('examples.jsonl'),
    examples.map(({ id, split, ids, ce, kl, kinds }): ExportedExample => {
      return { id, split, ids, weights: ce, ...(kl.some((weight) => weight > 0) && { klWeights: kl }), kinds }
    }),
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
  return { files: ['examples.jsonl', 'batches.jsonl', 'init.safetensors', 'config.json', 'metrics.jsonl'].map(file) }
}

const exporters: { readonly [T in ExportTarget]: Exporter } = {
  'gguf-lora': ({ chosen }, out) => {
    trainedAdapter(chosen)
    ensureFolder(dirname(out))
    writeFileAtomic(out, readFileSync(chosen.path))
    return { files: [out] }
  },
  peft: writePeft,
  'merged-gguf': async ({ config, chosen, merging, watch }, out) => {
    const { type = 'F16', student: given, folders = [] } = merging
    const search = { given, folders, onFound: () => {} }
    return { files: [out], merged: await exportMerged({ config, chosen, adapter: trainedAdapter(chosen), type, search, watch }, out) }
  },
  'masked-jsonl': writeMaskedJsonl,
}

/** Of merged files: the type of their matrices (default F16), and where the student is looked for. */
export type Merging = { readonly type?: MergedType | undefined; readonly student?: string | undefined; readonly folders?: readonly string[] }

export type ExportInput = {
  readonly dir: string
  readonly to: ExportTarget
  /** undefined: as `chooseAdapter` says. */
  readonly which: Which | undefined
  readonly out: string
  readonly merging?: Merging
  readonly watch?: MergeWatch
}

const UNWATCHED: MergeWatch = { onProgress: () => {}, signal: new AbortController().signal }

/**
 * Writes the export to `out` (a file for what ends in gguf, a folder otherwise), whose parent folders are made. Throws RetortError
 * when the run lacks what is asked for, and the signal's reason.
 */
export async function exportRun({ dir, to, which, out, merging = {}, watch = UNWATCHED }: ExportInput): Promise<ExportReport> {
  const config = readRunConfig(dir)
  // The data of a run are those of all of it.
  const chosen = to === 'masked-jsonl' ? { path: '', which: 'last' as const, step: readMetrics(dir).length } : chooseAdapter(dir, config, which)
  const { files, merged } = await exporters[to]({ dir, config, chosen, merging, watch }, out)
  const written = files.map((path) => ({ path, bytes: statSync(path).size }))
  return { run: config.id, which: chosen.which, step: chosen.step, to, path: out, files: written, ...(merged && { merged }) }
}

/** Where an export goes when no path is given. */
export function defaultExportPath(exportsFolder: string, { run, to: target, type = 'F16' }: { run: string; to: ExportTarget; type?: MergedType | undefined }): string {
  switch (target) {
    case 'gguf-lora':
      return join(exportsFolder, `${run}.gguf`)
    case 'merged-gguf':
      return join(exportsFolder, `${run}-merged-${type}.gguf`)
    case 'peft':
    case 'masked-jsonl':
      return join(exportsFolder, `${run}-${target}`)
  }
}
