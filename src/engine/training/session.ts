// One training session: from a run's folder and its newest checkpoint to the end of the plan, or to a stop.
import { rmSync } from 'node:fs'
import { initialLora, loraMatrices, loraOf, adamW, ADAMW_DEFAULTS, trainingGraph } from '../../core/nn/index.ts'
import { writeLoraGguf } from '../../core/pipeline/adapter/index.ts'
import {
  adapterFeeds, bestPoint, CALM, createLossAlerts, earlyStop, plainSpanWeights, runTraining, stepTokens, termsOf, withDropout,
  withLossScale, type Objective, type PlannedStep, type TrainState,
} from '../../core/pipeline/training/index.ts'
import { createRandom } from '../../core/random.ts'
import type { CompiledGraph, GraphRuntime } from '../../core/ports/index.ts'
import type { MetricsLine, TrainSummary } from '../../shared/contract/training.ts'
import { describeError, RetortError } from '../../shared/errors.ts'
import { appendLine, removeTemporary, syncFile, systemError, writeFileAtomic } from '../files/index.ts'
import { createOnnxRuntime } from '../runtime/onnxRuntime.ts'
import { openStudentWeights, type StudentWeights } from '../runtime/weightFile.ts'
import { adapterOf } from './adapterOf.ts'
import { openAlertLog, type AlertLog } from './alertLog.ts'
import { gateText, openCourse, type Course } from './course.ts'
import { environmentNow, noteEnvironment } from './environment.ts'
import { createEta } from './eta.ts'
import { createHeldoutCurve, forgetLater, type HeldoutCurve } from './heldoutCurve.ts'
import { hasCheckpoint, loadCheckpoint, newestCheckpoint, saveCheckpoint } from './checkpoints.ts'
import { peakMemoryBytes } from '../memory.ts'
import type { TrainerEvent, TrainerJob } from './protocol.ts'
import { lockRun } from './runLock.ts'
import {
  heldoutPoints, readExamples, readHeldout, readMetrics, readRunConfig, runFiles, writeMetrics, writeResult, type RunConfig, type SplitExample,
} from './runFolder.ts'
import { everySettings, openObjectives, type Objectives } from './objectives.ts'
import { otherStudent } from './runStudent.ts'
import { createSampling, type Sampling } from './sampling.ts'
import { summarise } from './summary.ts'

export type SessionControl = {
  /** Called between passes; waits while paused. */
  readonly proceed: () => Promise<'go' | 'stop'>
  readonly emit: (event: TrainerEvent) => void
}

/** A trainer that lost its parent ends after the pass it is in. */
const LOCK_PATIENCE_MS = 120_000

type Session = SessionControl & {
  readonly dir: string
  readonly config: RunConfig
  readonly student: StudentWeights
  readonly runtime: GraphRuntime
  readonly examples: readonly SplitExample[]
  readonly alerts: AlertLog
}

/**
 * Trains the run of the job. Throws RetortError when the student or the run is not what it was, `disk-full` when something
 * cannot be written, and `diverged`; the run's folder is then whole, and goes on from its newest checkpoint.
 */
export async function trainSession(job: TrainerJob, control: SessionControl): Promise<TrainSummary> {
  const lock = await lockRun(job.runDir, {
    patienceMs: LOCK_PATIENCE_MS,
    onWait: (pid) => control.emit({ type: 'notice', text: `waiting for process ${pid ?? '(unknown)'}, which still trains this run` }),
    proceed: control.proceed,
  }).catch((error: unknown) => {
    throw fullDisk(error) ?? error
  })
  try {
    const alerts = openAlertLog(job.runDir, (alert) => control.emit({ type: 'alert', alert }))
    return await runLocked(job, { ...control, alerts }).catch((error: unknown) => {
      const full = fullDisk(error)
      if (full) alerts.add({ type: 'disk-full', step: readMetrics(job.runDir).length, text: describeError(full).join('; ') })
      throw full ?? error
    })
  } finally {
    lock.release()
  }
}

/** The error with what to do, where it says that something cannot be written for want of room. */
function fullDisk(error: unknown): RetortError | null {
  const known = error instanceof RetortError ? error : systemError(error)
  if (known?.code !== 'disk-full') return null
  return new RetortError({
    code: known.code,
    message: known.message,
    ...(known.found !== undefined && { found: known.found }),
    ...(known.where !== undefined && { where: known.where }),
    advice: 'nothing is damaged: make room, then go on with the run from its newest checkpoint (retort train --resume RUN)',
    cause: error,
  })
}

async function runLocked(job: TrainerJob, control: SessionControl & { readonly alerts: AlertLog }): Promise<TrainSummary> {
  const dir = job.runDir
  const config = readRunConfig(dir)
  for (const folder of [dir, runFiles(dir).checkpoints]) removeTemporary(folder, { olderThanMs: 0 })
  control.emit({ type: 'phase', phase: 'loading', done: 0, total: 1 })
  const student = await openStudentWeights(job.student, job.cacheDir)
  if (student.sha256 !== config.student.sha256) throw otherStudent(config, { path: job.student, sha256: student.sha256 })
  const runtime = createOnnxRuntime({ threads: config.settings.threads, weights: student, provider: job.provider, compute: config.settings.compute })
  const session: Session = { ...control, dir, config, student, runtime, examples: readExamples(dir, config.examples) }
  const state = restore(session)
  const other = noteEnvironment(dir, environmentNow(config.settings.threads), state.step)
  if (other !== null) {
    const text = `the run goes on in another environment (${other}): its numbers may differ in their last digits`
    control.alerts.add({ type: 'environment-changed', step: state.step, text })
  }
  const course = openCourse({ dir, config, train: trainingSide(session), done: state.step })
  const skipped = (step: number): void =>
    control.alerts.add({ type: 'heldout-skip', step, text: `the held-out losses after step ${step} are not finite: they are left out` })
  const evaluation = createHeldoutCurve({ ...session, model: student.config, steps: () => course.steps().length, skipped })
  const failed = (text: string): void => control.alerts.add({ type: 'samples-failed', step: state.step, text })
  const sampling = createSampling({ ...session, student: job.student, failed })
  try {
    const trained = (await evaluation.before()) === 'stop' ? 'stopped' : await train(session, { state, evaluation, sampling, course })
    const outcome = trained === 'finished' && sampling.due(state.step) ? await sampling.take(state.step, lastAdapter(session, state)) : 'go'
    return await conclude(session, { state, evaluation, endedEarly: typeof trained === 'object' ? trained.early : null, finished: trained !== 'stopped' && outcome === 'go' })
  } catch (error) {
    if (error instanceof RetortError && error.code === 'diverged') saveAll(session, state)
    throw error
  } finally {
    await sampling.dispose()
  }
}

type Ending = { readonly state: TrainState; readonly evaluation: HeldoutCurve; readonly endedEarly: string | null; readonly finished: boolean }

/** Saves what came of it, measures it when it came to its end, and writes down the summary. */
async function conclude(session: Session, { state, evaluation, endedEarly, finished }: Ending): Promise<TrainSummary> {
  const { dir, config, emit } = session
  emit({ type: 'phase', phase: 'saving', done: 0, total: 1 })
  saveAll(session, state)
  const after = finished ? await evaluation.after(state.step, adapterInput(session, state)) : 'stop'
  const { best, own } = saveBest(session, state)
  const summary = summarise({
    config,
    dir,
    metrics: readMetrics(dir),
    heldout: readHeldout(dir),
    state: after === 'go' ? 'finished' : 'stopped',
    endedEarly,
    best,
    ownBest: own,
    peakMemoryBytes: peakMemoryBytes(),
  })
  writeResult(dir, summary)
  return summary
}

const matricesOf = ({ student, config }: Session) => loraMatrices(student.config, loraOf(config.settings))
const lastAdapter = ({ student, config }: Session, { parameters }: TrainState) => adapterOf(parameters, student.config, loraOf(config.settings))

/** The best of the held-out curve as far as it is measured. */
const bestOf = ({ dir, config }: Session, { step }: TrainState) => bestPoint(heldoutPoints(readHeldout(dir), step), config.settings)

function save(session: Session, state: TrainState): void {
  const { metrics, checkpoints } = runFiles(session.dir)
  // On the disk before the checkpoint is, which counts only with them.
  syncFile(metrics)
  saveCheckpoint(checkpoints, state, { matrices: matricesOf(session), best: bestOf(session, state)?.step ?? null })
}

/** The state and the adapters. One with a number that is not finite serves nobody. */
function saveAll(session: Session, state: TrainState): void {
  save(session, state)
  const { adapter } = runFiles(session.dir)
  if ([...state.parameters.values()].every((values) => values.every(Number.isFinite))) {
    writeFileAtomic(adapter, (sink) => writeLoraGguf(lastAdapter(session, state), sink))
  } else rmSync(adapter, { force: true })
  saveBest(session, state)
}

/** The best adapter beside the last one, where it is another. A best whose checkpoint is damaged is told, and forgotten. */
function saveBest(session: Session, state: TrainState): { best: TrainSummary['best']; own: boolean } {
  const { bestAdapter, checkpoints } = runFiles(session.dir)
  const best = bestOf(session, state)
  if (!best || best.step === state.step) {
    rmSync(bestAdapter, { force: true })
    return { best, own: false }
  }
  try {
    const kept = loadCheckpoint(checkpoints, best.step)
    writeFileAtomic(bestAdapter, (sink) => writeLoraGguf(lastAdapter(session, kept), sink))
    return { best, own: true }
  } catch (error) {
    if (!(error instanceof RetortError) || error.code === 'disk-full') throw error
    const text = `the best checkpoint, of step ${best.step}, cannot be read: ${describeError(error).join('; ')}`
    session.alerts.add({ type: 'checkpoint-damaged', step: state.step, text })
    rmSync(bestAdapter, { force: true })
    return { best: null, own: false }
  }
}

/**
 * The newest whole checkpoint whose steps all have their metrics, else the start. Metrics of later steps are forgotten,
 * since they are made again.
 */
function restore(session: Session): TrainState {
  const { dir, config, emit } = session
  const metrics = readMetrics(dir)
  const found = newestCheckpoint(runFiles(dir).checkpoints, {
    atMost: metrics.length,
    damaged: (step, error) => {
      const text = `the checkpoint of step ${step} is damaged and is passed over: ${describeError(error).join(';')}`
      session.alerts.add({ type: 'checkpoint-damaged', step, text })
    },
  })
  const state = found ?? start(session)
  // Always: what follows the last whole line must go before the next one is added.
  writeMetrics(dir, metrics.slice(0, state.step))
  forgetLater(dir, state.step)
  emit({ type: 'restored', step: state.step })
  if (!found) save(session, state)
  else emit({ type: 'notice', text: `going on after step ${state.step} of run ${config.id}` })
  return state
}

function start(session: Session): TrainState {
  const parameters = initialLora(matricesOf(session), createRandom(session.config.settings.seed))
  const learned = everySettings(session.config).some(({ learnSpanWeights }) => learnSpanWeights)
  return {
    step: 0,
    parameters,
    optimiser: adamW(ADAMW_DEFAULTS).init(parameters),
    guard: CALM,
    ...(learned && { spanWeights: plainSpanWeights() }),
  }
}

const trainingSide = ({ examples }: Session): SplitExample[] => examples.filter((example) => example.split === 'train')
const adapterInput = (session: Session, state: TrainState) =>
  ({ lora: loraOf(session.config.settings), feeds: adapterFeeds(matricesOf(session), state.parameters) })

type Training = { readonly state: TrainState; readonly evaluation: HeldoutCurve; readonly sampling: Sampling; readonly course: Course }

async function train(session: Session, { state, evaluation, sampling, course }: Training): Promise<'finished' | 'stopped' | { early: string }> {
  const { dir, config, emit, runtime, student, alerts } = session
  const { settings } = config
  const examples = trainingSide(session)
  let steps = course.steps()
  const toTraining = (): void => emit({ type: 'phase', phase: 'training', done: state.step, total: steps.length })
  const newEta = () =>
    createEta({
      tokensOf: (step) => stepTokens(step, steps[step] as PlannedStep, examples),
      steps: steps.length,
      evaluations: evaluation.load,
      checkpointEvery: settings.checkpointEvery,
    })
  let eta = newEta()
  const lossAlerts = createLossAlerts()
  // What it saw before decides what it says next, as in a run that was never interrupted.
  for (const line of readMetrics(dir)) lossAlerts(line)
  let early: string | null = null
  /** What belongs behind a step and before the next: an evaluation, a new best, samples, the end for want of a gain. */
  const between = async (done: number): Promise<'go' | 'stop'> => {
    if (evaluation.due(done)) {
      if ((await evaluation.during(done, adapterInput(session, state))) === 'stop') return 'stop'
      toTraining()
    }
    if (sampling.due(done)) {
      if ((await sampling.take(done, lastAdapter(session, state))) === 'stop') return 'stop'
      toTraining()
    }
    if (settings.heldoutEvery === 0 || done % settings.heldoutEvery !== 0) return 'go'
    const points = heldoutPoints(readHeldout(dir), done)
    if (bestPoint(points, settings)?.step === done && !hasCheckpoint(runFiles(dir).checkpoints, done)) save(session, state)
    early = earlyStop(points, settings)
    if (early === null) return 'go'
    alerts.add({ type: 'early-stop', step: done, text: early })
    return 'stop'
  }
  /** The gate behind the last step, if there is one: decided once, and followed again when its step comes again. */
  const passGate = async (): Promise<'go' | 'stop'> => {
    const gate = course.due(state.step)
    if (!gate) return 'go'
    const before = course.recorded(gate, state.step)
    const actAccuracy = before ? before.actAccuracy : await measureGate()
    if (actAccuracy === 'stop') return 'stop'
    const decision = before ?? course.decide(gate, { step: state.step, actAccuracy })
    course.follow(decision)
    emit({ type: 'gate', decision })
    emit({ type: 'notice', text: gateText(config, decision) })
    if (decision.decision === 'wait') return 'go'
    steps = course.steps()
    eta = newEta()
    return 'go'
  }
  const measureGate = async (): Promise<number | null | 'stop'> => {
    if (evaluation.due(state.step) && (await evaluation.during(state.step, adapterInput(session, state))) === 'stop') return 'stop'
    return evaluation.actAccuracy(state.step, adapterInput(session, state))
  }
  /** Examples that are still trained on. A gate may choose others than are planned now: with a plan, all. */
  const ahead = (): SplitExample[] =>
    config.plan ? examples : [...new Set(steps.slice(state.step).flatMap((step) => step.examples))].map((index) => examples[index] as SplitExample)
  const objectives = state.step < steps.length ? await openObjectives({ ...session, model: student.config, examples: ahead() }) : null
  if (objectives === null && state.step < steps.length) return 'stopped'
  let graph: { readonly of: string; readonly compiled: CompiledGraph } | null = null
  const graphNow = async (objective: Objective): Promise<CompiledGraph> => {
    const now = course.settingsAt(state.step)
    const of = JSON.stringify({ ...now, recipe: null, lr: null })
    if (graph?.of === of) return graph.compiled
    await graph?.compiled.dispose()
    graph = null
    const half = settings.compute === 'f16'
    const outputs = trainingGraph(student.config, loraOf(config.settings), { ...now, scaleLoss: half, terms: termsOf(objective) })
    const plain = await runtime.compile('train', outputs)
    const compiled = half ? withLossScale(plain, (scale) => emit({ type: 'notice', text: `loss scale of half precision: ${scale}` })) : plain
    graph = { of, compiled: withDropout(compiled, { outputs, share: settings.dropout, seed: settings.seed, step: () => state.step }) }
    return graph.compiled
  }
  const stretch = async (until: number): Promise<'finished' | 'stopped'> => {
    const objective = (objectives as Objectives).at(course.settingsAt(state.step))
    return runTraining({
      config: student.config,
      trainable: loraOf(config.settings),
      adamW: { ...ADAMW_DEFAULTS, weightDecay: settings.weightDecay },
      clipNorm: settings.clipNorm,
      examples,
      steps: steps.slice(0, until),
      graph: await graphNow(objective),
      objective,
      state,
      now: () => performance.now(),
      proceed: session.proceed,
      beforeStep: between,
      onAlert: (alert) => alerts.add(alert),
      onStep: (made: MetricsLine) => {
        const metrics = config.plan ? { ...made, stage: (steps[made.step - 1] as PlannedStep).stage } : made
        for (const alert of lossAlerts(metrics)) alerts.add(alert)
        appendLine(runFiles(dir).metrics, JSON.stringify(metrics))
        eta.stepDone(metrics)
        const began = performance.now()
        if (state.step % settings.checkpointEvery === 0) {
          save(session, state)
          eta.saved((performance.now() - began) / 1000)
        }
        emit({ type: 'step', metrics, steps: steps.length, etaSeconds: eta.seconds() })
      },
    })
  }
  try {
    for (;;) {
      if ((await passGate()) === 'stop') return 'stopped'
      const until = course.until(state.step)
      if (state.step >= until) break
      toTraining()
      const outcome = await stretch(until)
      if (early !== null) return { early }
      if (outcome === 'stopped') return 'stopped'
    }
    const stopped = course.stopped()
    return stopped === null ? 'finished' : { early: stopped }
  } finally {
    objectives?.close()
    await (graph as { readonly compiled: CompiledGraph } | null)?.compiled.dispose()
  }
}
