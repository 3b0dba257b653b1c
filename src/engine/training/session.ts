// One training session: from a run's folder and its newest checkpoint to the end of the plan, or to a stop.
import { appendFileSync } from 'node:fs'
import { initialLora, loraMatrices, adamW, ADAMW_DEFAULTS, trainingGraph } from '../../core/nn/index.ts'
import { writeLoraGguf } from '../../core/pipeline/adapter/index.ts'
import { evaluateHeldout } from '../../core/pipeline/evaluation/index.ts'
import { adapterFeeds, planSteps, runTraining, type TrainState } from '../../core/pipeline/training/index.ts'
import { createRandom } from '../../core/random.ts'
import type { GraphRuntime } from '../../core/ports/index.ts'
import type { Heldout, MetricsLine, TrainSummary } from '../../shared/contract/training.ts'
import { describeError } from '../../shared/errors.ts'
import { removeTemporary, syncFile, writeFileAtomic } from '../files/index.ts'
import { createOnnxRuntime } from '../runtime/onnxRuntime.ts'
import { openStudentWeights, type StudentWeights } from '../runtime/weightFile.ts'
import { adapterOf } from './adapterOf.ts'
import { newestCheckpoint, saveCheckpoint } from './checkpoints.ts'
import { peakMemoryBytes } from '../memory.ts'
import type { TrainerEvent, TrainerJob } from './protocol.ts'
import { lockRun } from './runLock.ts'
import { readExamples, readHeldout, readMetrics, readRunConfig, runFiles, writeHeldout, writeMetrics, writeResult, type RunConfig, type SplitExample } from './runFolder.ts'
import { otherStudent } from './runStudent.ts'
import { summarise } from './summary.ts'

export type SessionControl = {
  /** Called between passes; waits while paused. */
  readonly proceed: () => Promise<'go' | 'stop'>
  readonly emit: (event: TrainerEvent) => void
}

/** Tokens of one scoring pass: no gradients are kept, so passes may be larger than those of training. */
const SCORE_TOKENS = 512
/** A trainer that lost its parent ends after the pass it is in. */
const LOCK_PATIENCE_MS = 120_000

type Session = SessionControl & {
  readonly dir: string
  readonly config: RunConfig
  readonly student: StudentWeights
  readonly runtime: GraphRuntime
  readonly examples: readonly SplitExample[]
}

/** Trains the run of the job. Throws RetortError when the student or the run is not what it was. */
export async function trainSession(job: TrainerJob, control: SessionControl): Promise<TrainSummary> {
  const lock = await lockRun(job.runDir, {
    patienceMs: LOCK_PATIENCE_MS,
    onWait: (pid) => control.emit({ type: 'notice', text: `waiting for process ${pid ?? '(unknown)'}, which still trains this run` }),
    proceed: control.proceed,
  })
  try {
    return await runLocked(job, control)
  } finally {
    lock.release()
  }
}

async function runLocked(job: TrainerJob, control: SessionControl): Promise<TrainSummary> {
  const dir = job.runDir
  const config = readRunConfig(dir)
  for (const folder of [dir, runFiles(dir).checkpoints]) removeTemporary(folder, { olderThanMs: 0 })
  control.emit({ type: 'phase', phase: 'loading', done: 0, total: 1 })
  const student = await openStudentWeights(job.student, job.cacheDir)
  if (student.sha256 !== config.student.sha256) throw otherStudent(config, { path: job.student, sha256: student.sha256 })
  const runtime = createOnnxRuntime({ threads: config.settings.threads, weights: student })
  const session: Session = { ...control, dir, config, student, runtime, examples: readExamples(dir, config.examples) }
  const state = restore(session)

  const before = await heldout(session, 'before', null)
  const outcome = before === 'stopped' ? 'stopped' : await train(session, state)
  control.emit({ type: 'phase', phase: 'saving', done: 0, total: 1 })
  save(session, state)
  const adapter = adapterOf(state.parameters, student.config, config.settings)
  writeFileAtomic(runFiles(dir).adapter, (sink) => writeLoraGguf(adapter, sink))
  const after = outcome === 'finished' ? await heldout(session, 'after', state) : 'stopped'
  const summary = summarise({
    config,
    dir,
    metrics: readMetrics(dir),
    heldout: readHeldout(dir),
    state: outcome === 'finished' && after !== 'stopped' ? 'finished' : 'stopped',
    peakMemoryBytes: peakMemoryBytes(),
  })
  writeResult(dir, summary)
  return summary
}

const loraOf = ({ settings }: RunConfig): { rank: number; alpha: number } => ({ rank: settings.rank, alpha: settings.alpha })
const matricesOf = ({ student, config }: Session) => loraMatrices(student.config, loraOf(config))
function save(session: Session, state: TrainState): void {
  const { metrics, checkpoints } = runFiles(session.dir)
  // On the disk before the checkpoint is, which counts only with them.
  syncFile(metrics)
  saveCheckpoint(checkpoints, state, matricesOf(session))
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
    damaged: (step, error) =>
      emit({ type: 'notice', text: `the checkpoint of step ${step} is damaged and is passed over: ${describeError(error).join(';')}` }),
  })
  const state = found ?? start(session)
  // Always: what follows the last whole line must go before the next one is added.
  writeMetrics(dir, metrics.slice(0, state.step))
  if (!found) save(session, state)
  else emit({ type: 'notice', text: `going on after step ${state.step} of run ${config.id}` })
  return state
}

function start(session: Session): TrainState {
  const parameters = initialLora(matricesOf(session), createRandom(session.config.settings.seed))
  return { step: 0, parameters, optimiser: adamW(ADAMW_DEFAULTS).init(parameters) }
}

/** Evaluates once; what a session before this one has measured is taken from the folder. */
async function heldout(session: Session, when: 'before' | 'after', state: TrainState | null): Promise<Heldout | 'stopped' | null> {
  const { dir, emit, proceed, runtime, student } = session
  const examples = session.examples.filter((example) => example.split === 'heldout')
  if (examples.length === 0) return null
  const known = readHeldout(dir)
  const result =
    known[when] ??
    (await evaluateHeldout({
      runtime,
      config: student.config,
      adapter: state && { lora: loraOf(session.config), feeds: adapterFeeds(matricesOf(session), state.parameters) },
      examples,
      passTokens: SCORE_TOKENS,
      onProgress: (done, total) => {
        emit({ type: 'phase', phase: `heldout-${when}`, done, total })
        return proceed()
      },
    }))
  if (!result) return 'stopped'
  writeHeldout(dir, { ...known, [when]: result })
  emit({ type: 'heldout', when, result })
  return result
}

async function train(session: Session, state: TrainState): Promise<'finished' | 'stopped'> {
  const { dir, config, emit, runtime, student } = session
  const { settings } = config
  const examples = session.examples.filter((example) => example.split === 'train')
  const steps = planSteps(examples.map((example) => example.ids.length), settings)
  if (state.step >= steps.length) return 'finished'
  emit({ type: 'phase', phase: 'training', done: state.step, total: steps.length })
  const graph = await runtime.compile('train', trainingGraph(student.config, loraOf(config), settings))
  try {
    return await runTraining({
      config: student.config,
      lora: loraOf(config),
      adamW: { ...ADAMW_DEFAULTS, weightDecay: settings.weightDecay },
      clipNorm: settings.clipNorm,
      examples,
      steps,
      graph,
      state,
      now: () => performance.now(),
      proceed: session.proceed,
      onStep: (metrics: MetricsLine) => {
        appendFileSync(runFiles(dir).metrics, `${JSON.stringify(metrics)}\n`)
        emit({ type: 'step', metrics, steps: steps.length })
        if (state.step % settings.checkpointEvery === 0) save(session, state)
      },
    })
  } finally {
    await graph.dispose()
  }
}

