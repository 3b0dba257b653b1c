// A run from nothing, from its folder and newest checkpoint to its end or a stop, and the model's file at either.
import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { writeGgufInSteps } from '../../core/formats/gguf/index.ts'
import { adamW, ADAMW_DEFAULTS, initialWeights, scoringGraph, trainedTensors, trainingGraph, type ModelConfig } from '../../core/nn/index.ts'
import { configOf, copyingStart, runPretraining, studentContent, textLoss, windowsOf, type TextData } from '../../core/pipeline/pretraining/index.ts'
import { CALM, type TrainState } from '../../core/pipeline/training/index.ts'
import type { CompiledGraph } from '../../core/ports/index.ts'
import { createRandom } from '../../core/random.ts'
import type { PretrainReport, PretrainStep } from '../../shared/contract/pretraining.ts'
import { describeError } from '../../shared/errors.ts'
import { quoted } from '../../shared/quoted.ts'
import { appendLine, ensureFolder, removeTemporary, syncFile, writeFileInSteps } from '../files/index.ts'
import { peakMemoryBytes } from '../memory.ts'
import { createOnnxRuntime } from '../runtime/onnxRuntime.ts'
import { fullDisk, lockRun, newestCheckpoint, saveCheckpoint } from '../training/index.ts'
import { changeRun, pretrainFiles, readConfig, readSteps, readTokens, writeSteps, type PretrainConfig } from './folder.ts'
import type { PretrainerEvent, PretrainJob } from './protocol.ts'

export type PretrainControl = {
  /** Called between windows; waits while paused. */
  readonly proceed: () => Promise<'go' | 'stop'>
  readonly emit: (event: PretrainerEvent) => void
}

/** A trainer that lost its parent ends after the window it is in, and writes its model's file. */
const PATIENCE_MS = 120_000

type Session = PretrainControl & {
  readonly dir: string
  readonly config: PretrainConfig
  readonly model: ModelConfig
  readonly state: TrainState
}

/** Trains to the end or to a stop. Throws RetortError `run-busy`, `run-damaged`, `diverged`, `disk-full`, and what the system refuses. */
export async function pretrainSession(job: PretrainJob, control: PretrainControl): Promise<PretrainReport> {
  const goOn = `retort pretrain --resume --out ${quoted(job.out)}`
  return lockedSession(job, control).catch((error: unknown) => {
    throw fullDisk(error, goOn) ?? error
  })
}

async function lockedSession(job: PretrainJob, control: PretrainControl): Promise<PretrainReport> {
  const { dir } = job
  const { proceed, emit } = control
  const notice = (text: string): void => emit({ type: 'notice', text })
  const lock = await lockRun(dir, { patienceMs: PATIENCE_MS, onWait: (pid) => notice(`waiting for process ${pid ?? '(unknown)'}, which still trains this run`), proceed })
  try {
    for (const folder of [dir, pretrainFiles(dir).checkpoints]) removeTemporary(folder, { olderThanMs: 0 })
    if (job.change) changeRun(dir, job.change)
    const config = readConfig(dir)
    const { settings, vocabulary } = config
    const model = configOf(settings.shape, { vocabulary: vocabulary.tokens.length, context: settings.window })
    return await train({ ...control, dir, config, model, state: restore(dir, config, { model, notice }) }, job)
  } finally {
    lock.release()
  }
}

const START = { plain: initialWeights, copying: copyingStart } as const

/** The newest whole checkpoint whose steps all have their metrics, else the start. */
function restore(dir: string, { settings }: PretrainConfig, { model, notice }: { model: ModelConfig; notice: (text: string) => void }): TrainState {
  const steps = readSteps(dir)
  const found = newestCheckpoint(pretrainFiles(dir).checkpoints, {
    atMost: steps.length,
    damaged: (step, error) => notice(`the checkpoint of step ${step} is damaged and is passed over: ${describeError(error).join('; ')}`),
  })
  writeSteps(dir, steps.slice(0, found?.step ?? 0))
  if (found) {
    notice(`going on after step ${found.step}`)
    return found
  }
  const parameters = START[settings.start](model, createRandom(settings.seed))
  return { step: 0, parameters, optimiser: adamW(ADAMW_DEFAULTS).init(parameters), guard: CALM }
}

const dataOf = (stream: Uint32Array, window: number): TextData => ({ stream, windows: windowsOf(stream, window) })

function save({ dir, model, state }: Session): void {
  const { metrics, checkpoints } = pretrainFiles(dir)
  syncFile(metrics)
  saveCheckpoint(checkpoints, state, { matrices: trainedTensors(model, 'full'), best: null })
}

async function train(session: Session, job: PretrainJob): Promise<PretrainReport> {
  const { dir, config, model, state, proceed, emit } = session
  const { settings } = config
  const files = pretrainFiles(dir)
  const data = dataOf(readTokens(files.train, config.train), settings.window)
  const held = dataOf(readTokens(files.heldout, config.heldout), settings.window)
  const runtime = createOnnxRuntime({ threads: settings.threads })
  const graph = await runtime.compile('pretrain', trainingGraph(model, 'full', { recompute: settings.recompute }))
  const scoring = held.windows.length > 0 ? await runtime.compile('heldout', scoringGraph(model, 'full')) : null
  try {
    const measure = async () => (scoring ? heldoutLoss(session, { scoring, data: held }) : null)
    const ended = await runPretraining({
      ...settings, config: model, data, graph, state, proceed,
      beforeStep: (done) => (scoring ? between(session, { done, measure }) : Promise.resolve('go')),
      onStep: (step) => {
        appendLine(files.metrics, JSON.stringify(step))
        if (step.step % settings.checkpointEvery === 0 || step.step === settings.steps) save(session)
        emit({ type: 'step', step, steps: settings.steps })
      },
      now: () => performance.now(),
      onAlert: ({ type, text }) => emit({ type: 'notice', text: `${type}: ${text}` }),
    })
    if (ended === 'stopped') save(session)
    const after = ended === 'finished' ? await measure() : 'stop'
    await writeStudent(session, job)
    const heldout = after === 'stop' || (after && !finite(session, after.nll)) ? null : after
    return reportOf(session, { ...job, state: after === 'stop' ? 'stopped' : 'finished', held, heldout })
  } finally {
    await graph.dispose()
    await scoring?.dispose()
  }
}

type Measured = { readonly nll: number; readonly tokens: number }
type Behind = { readonly done: number; readonly measure: () => Promise<Measured | null | 'stop'> }

/** The held-out point behind a step, put into the step's line; where a stop came in between, the next session measures it. */
async function between(session: Session, { done, measure }: Behind): Promise<'go' | 'stop'> {
  const { dir, config: { settings }, emit } = session
  if (settings.heldoutEvery === 0 || done === 0 || done % settings.heldoutEvery !== 0) return 'go'
  const steps = readSteps(dir)
  const last = steps[done - 1] as PretrainStep
  if (last.heldout !== undefined) return 'go'
  const found = await measure()
  if (found === 'stop') return 'stop'
  if (found === null || !finite(session, found.nll)) return 'go'
  writeSteps(dir, [...steps.slice(0, -1), { ...last, heldout: found.nll }])
  emit({ type: 'heldout', step: done, nll: found.nll })
  return 'go'
}

/** What is no number is left out, and told. */
function finite({ state, emit }: Session, nll: number): boolean {
  if (!Number.isFinite(nll)) emit({ type: 'notice', text: `the held-out loss after step ${state.step} is not finite: it is left out` })
  return Number.isFinite(nll)
}

async function heldoutLoss({ model, state, emit, proceed }: Session, { scoring, data }: { scoring: CompiledGraph; data: TextData }): Promise<Measured | 'stop'> {
  let done = 0
  const counted = async (): Promise<'go' | 'stop'> => {
    emit({ type: 'measuring', done: done++, total: data.windows.length })
    return proceed()
  }
  return (await textLoss(data, { config: model, graph: scoring, state, proceed: counted })) ?? 'stop'
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
  readonly heldout: Measured | null
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
