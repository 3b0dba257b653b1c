// A run from nothing, from its folder and newest checkpoint to its end or a stop, and the model's file at either.
import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { writeGgufInSteps } from '../../core/formats/gguf/index.ts'
import { adamW, ADAMW_DEFAULTS, initialWeights, scoringGraph, trainedTensors, trainingGraph, type ModelConfig } from '../../core/nn/index.ts'
import { configOf, runPretraining, studentContent, textLoss, windowsOf, type TextData } from '../../core/pipeline/pretraining/index.ts'
import { CALM, type TrainState } from '../../core/pipeline/training/index.ts'
import type { CompiledGraph } from '../../core/ports/index.ts'
import { createRandom } from '../../core/random.ts'
import type { PretrainReport, PretrainStep } from '../../shared/contract/pretraining.ts'
import type { MergedType } from '../../shared/contract/exporting.ts'
import { describeError } from '../../shared/errors.ts'
import { appendLine, ensureFolder, removeTemporary, syncFile, writeFileInSteps } from '../files/index.ts'
import { peakMemoryBytes } from '../memory.ts'
import { createOnnxRuntime } from '../runtime/onnxRuntime.ts'
import { lockRun, newestCheckpoint, saveCheckpoint } from '../training/index.ts'
import { pretrainFiles, readConfig, readSteps, readTokens, writeSteps, type PretrainConfig } from './folder.ts'

export type PretrainWatch = {
  readonly onStep: (step: PretrainStep, steps: number) => void
  readonly onHeldout: (done: number, total: number) => void
  readonly note: (text: string) => void
  /** Aborting saves after the window that is running, and ends. */
  readonly signal: AbortSignal
}

export type PretrainJob = { readonly dir: string; readonly out: string; readonly type: MergedType }

/** A process that was killed has let go of the folder by itself. */
const PATIENCE_MS = 10_000

type Session = {
  readonly dir: string
  readonly config: PretrainConfig
  readonly model: ModelConfig
  readonly state: TrainState
  readonly watch: PretrainWatch
  readonly proceed: () => Promise<'go' | 'stop'>
}

/** Trains to the end or to a stop. Throws RetortError `run-busy`, `run-damaged`, `diverged`, and what the system refuses. */
export async function pretrainSession(job: PretrainJob, watch: PretrainWatch): Promise<PretrainReport> {
  const proceed = async (): Promise<'go' | 'stop'> => {
    await new Promise((resolve) => setImmediate(resolve))
    return watch.signal.aborted ? 'stop' : 'go'
  }
  const lock = await lockRun(job.dir, { patienceMs: PATIENCE_MS, onWait: (pid) => watch.note(`waiting for process ${pid ?? '(unknown)'}, which still trains this run`), proceed })
  try {
    const { dir } = job
    for (const folder of [dir, pretrainFiles(dir).checkpoints]) removeTemporary(folder, { olderThanMs: 0 })
    const config = readConfig(dir)
    const { settings, vocabulary } = config
    const model = configOf(settings.shape, { vocabulary: vocabulary.tokens.length, context: settings.window })
    const session: Session = { dir, config, model, state: restore(dir, config, { model, watch }), watch, proceed }
    return await train(session, job)
  } finally {
    lock.release()
  }
}

/** The newest whole checkpoint whose steps all have their metrics, else the start. */
function restore(dir: string, { settings }: PretrainConfig, { model, watch }: Pick<Session, 'model' | 'watch'>): TrainState {
  const steps = readSteps(dir)
  const found = newestCheckpoint(pretrainFiles(dir).checkpoints, {
    atMost: steps.length,
    damaged: (step, error) => watch.note(`the checkpoint of step ${step} is damaged and is passed over: ${describeError(error).join('; ')}`),
  })
  writeSteps(dir, steps.slice(0, found?.step ?? 0))
  if (found) {
    watch.note(`going on after step ${found.step}`)
    return found
  }
  const parameters = initialWeights(model, createRandom(settings.seed))
  return { step: 0, parameters, optimiser: adamW(ADAMW_DEFAULTS).init(parameters), guard: CALM }
}

const dataOf = (stream: Uint32Array, window: number): TextData => ({ stream, windows: windowsOf(stream, window) })

function save({ dir, model, state }: Session): void {
  const { metrics, checkpoints } = pretrainFiles(dir)
  syncFile(metrics)
  saveCheckpoint(checkpoints, state, { matrices: trainedTensors(model, 'full'), best: null })
}

async function train(session: Session, job: PretrainJob): Promise<PretrainReport> {
  const { dir, config, model, state, watch, proceed } = session
  const { settings } = config
  const files = pretrainFiles(dir)
  const data = dataOf(readTokens(files.train, config.train), settings.window)
  const held = dataOf(readTokens(files.heldout, config.heldout), settings.window)
  const runtime = createOnnxRuntime({ threads: settings.threads })
  const graph = await runtime.compile('pretrain', trainingGraph(model, 'full', { recompute: settings.recompute }))
  const scoring = held.windows.length > 0 ? await runtime.compile('heldout', scoringGraph(model, 'full')) : null
  try {
    const measure = async (): Promise<{ nll: number; tokens: number } | null> => scoring && heldoutLoss(session, { scoring, data: held })
    const onStep = async (step: PretrainStep): Promise<void> => {
      const due = settings.heldoutEvery > 0 && step.step % settings.heldoutEvery === 0 && step.step < settings.steps
      const found = due ? await measure() : null
      const line = { ...step, ...(found && { heldout: found.nll }) }
      appendLine(files.metrics, JSON.stringify(line))
      watch.onStep(line, settings.steps)
      if (step.step % settings.checkpointEvery === 0 || step.step === settings.steps) save(session)
    }
    const ended = await runPretraining({
      ...settings, config: model, data, graph, state, proceed, onStep,
      now: () => performance.now(),
      onAlert: ({ type, text }) => watch.note(`${type}: ${text}`),
    })
    if (ended === 'stopped') save(session)
    const heldout = ended === 'finished' ? await measure() : null
    await writeStudent(session, job)
    return reportOf(session, { ...job, state: ended, held, heldout })
  } finally {
    await graph.dispose()
    await scoring?.dispose()
  }
}

async function heldoutLoss({ model, state, watch, proceed }: Session, { scoring, data }: { scoring: CompiledGraph; data: TextData }) {
  let done = 0
  const counted = async (): Promise<'go' | 'stop'> => {
    watch.onHeldout(done++, data.windows.length)
    return proceed()
  }
  return textLoss(data, { config: model, graph: scoring, state, proceed: counted })
}

async function writeStudent({ config, model, state }: Session, { out, type }: PretrainJob): Promise<void> {
  ensureFolder(dirname(out))
  const { settings, vocabulary } = config
  const content = studentContent({
    config: model,
    ropeBase: settings.shape.ropeBase,
    vocabulary,
    parameters: state.parameters,
    type,
    name: basename(out, '.gguf'),
    provenance: { 'retort.pretraining.steps': `${state.step} of ${settings.steps}`, 'retort.pretraining.text_sha256': config.train.sha256 },
  })
  // What was trained shall not be lost to a second Ctrl-C: it is in the checkpoint already.
  await writeFileInSteps(out, (sink) => writeGgufInSteps({ ...content, sink }), { onStep: () => {}, signal: new AbortController().signal })
}

type Outcome = PretrainJob & {
  readonly state: 'finished' | 'stopped'
  readonly held: TextData
  readonly heldout: { readonly nll: number; readonly tokens: number } | null
}

function reportOf({ dir, config, model, state }: Session, { out, type, state: ended, held, heldout }: Outcome): PretrainReport {
  const steps = readSteps(dir)
  const sum = (of: (step: PretrainStep) => number): number => steps.reduce((total, step) => total + of(step), 0)
  const seconds = sum((step) => step.seconds)
  return {
    state: ended,
    steps: state.step,
    plannedSteps: config.settings.steps,
    parameters: trainedTensors(model, 'full').reduce((total, { shape }) => total + shape.reduce((product, size) => product * size, 1), 0),
    vocabulary: model.vocabulary,
    documents: config.text.documents,
    tokens: { train: config.train.tokens - 1, heldout: Math.max(0, held.stream.length - 1), trained: sum(({ tokens }) => tokens) },
    loss: { first: steps[0]?.loss ?? null, last: steps.at(-1)?.loss ?? null },
    heldout: heldout && { ...heldout, perByte: (heldout.nll * heldout.tokens) / config.text.heldoutBytes },
    tokensPerSecond: seconds > 0 ? sum(({ tokens }) => tokens) / seconds : null,
    peakMemoryBytes: peakMemoryBytes(),
    folder: dir,
    type,
    path: out,
    bytes: statSync(out).size,
  }
}
