// One training session: from a run's folder and its newest checkpoint to the end of the plan, or to a stop.
import { withoutGain, type TrainState } from '../../core/pipeline/training/index.ts'
import type { TrainSummary } from '../../shared/contract/training.ts'
import { describeError, RetortError } from '../../shared/errors.ts'
import { removeTemporary } from '../files/index.ts'
import { peakMemoryBytes } from '../memory.ts'
import { createOnnxRuntime } from '../runtime/onnxRuntime.ts'
import { openStudentWeights } from '../runtime/weightFile.ts'
import { openAlertLog, type AlertLog } from './alertLog.ts'
import { openCourse } from './course.ts'
import { environmentNow, noteEnvironment } from './environment.ts'
import { fullDisk } from './fullDisk.ts'
import { createHeldoutCurve, type HeldoutCurve } from './heldoutCurve.ts'
import type { TrainerJob } from './protocol.ts'
import { heldoutPoints, readExamples, readHeldout, readMetrics, readRunConfig, runFiles, writeResult } from './runFolder.ts'
import { baseOf } from './memoryFit.ts'
import { lockRun } from './runLock.ts'
import { otherStudent } from './runStudent.ts'
import { createSampling } from './sampling.ts'
import { adapterInput, lastAdapter, restore, saveAll, saveBest, trainingSide, type Session, type SessionControl } from './sessionState.ts'
import { summarise } from './summary.ts'
import { trainSteps } from './trainSteps.ts'

export type { SessionControl }

/** A trainer that lost its parent ends after the pass it is in. */
const LOCK_PATIENCE_MS = 120_000
const GO_ON = 'retort train --resume RUN'

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
    throw fullDisk(error, GO_ON) ?? error
  })
  try {
    const alerts = openAlertLog(job.runDir, (alert) => control.emit({ type: 'alert', alert }))
    return await runLocked(job, { ...control, alerts }).catch((error: unknown) => {
      const full = fullDisk(error, GO_ON)
      if (full) alerts.add({ type: 'disk-full', step: readMetrics(job.runDir).length, text: describeError(full).join('; ') })
      throw full ?? error
    })
  } finally {
    lock.release()
  }
}

async function runLocked(job: TrainerJob, control: SessionControl & { readonly alerts: AlertLog }): Promise<TrainSummary> {
  const dir = job.runDir
  const config = readRunConfig(dir)
  for (const folder of [dir, runFiles(dir).checkpoints]) removeTemporary(folder, { olderThanMs: 0 })
  control.emit({ type: 'phase', phase: 'loading', done: 0, total: 1 })
  const student = await openStudentWeights(job.student, job.cacheDir, baseOf(config.settings))
  if (student.sha256 !== config.student.sha256) throw otherStudent(config, { path: job.student, sha256: student.sha256 })
  const runtime = createOnnxRuntime({ threads: config.settings.threads, weights: student, provider: job.provider, compute: config.settings.compute })
  const session: Session = { ...control, dir, config, studentFile: job.student, student, runtime, examples: readExamples(dir, config.examples) }
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
    const trained = (await evaluation.before()) === 'stop' ? 'stopped' : await trainSteps(session, { state, evaluation, sampling, course })
    const outcome = trained === 'finished' && sampling.due(state.step) ? await sampling.take(state.step, lastAdapter(session, state)) : 'go'
    return await conclude(session, { state, evaluation, endedEarly: typeof trained === 'object' ? trained.early : null, finished: trained !== 'stopped' && outcome === 'go' })
  } catch (error) {
    if (error instanceof RetortError && error.code === 'diverged') saveAll(session, state)
    throw error
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
  const noGain = after === 'go' ? withoutGain(heldoutPoints(readHeldout(dir), state.step), config.settings) : null
  if (noGain !== null) session.alerts.add({ type: 'no-gain', step: state.step, text: noGain })
  const summary = summarise({
    config,
    dir,
    metrics: readMetrics(dir),
    heldout: readHeldout(dir),
    state: after === 'go' ? 'finished' : 'stopped',
    endedEarly,
    best,
    noGain,
    ownBest: own,
    peakMemoryBytes: peakMemoryBytes(),
  })
  writeResult(dir, summary)
  return summary
}
