// Starting and resuming runs in a project: fix the data, make the run's folder, watch the trainer, record the outcome.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import type { TrainSummary } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import type { RunState } from '../../shared/records/run.ts'
import { sha256File } from '../files/index.ts'
import { openStudent } from '../llama/index.ts'
import { makeDatasetRevision, readDatasetRevision, type Project } from '../project/index.ts'
import { findRun, insertRun, listRuns, putAdapter, updateRun } from '../store/index.ts'
import { prepareRun, type Prepared } from './prepareRun.ts'
import type { TrainerEvent } from './protocol.ts'
import { createRunFolder, readResult, readRunConfig, runFiles, type RunConfig } from './runFolder.ts'
import { fillSettings, type SettingsInput } from './settings.ts'
import { startTrainer, type TrainerProcess } from './trainerProcess.ts'

export type TrainWatch = {
  readonly onPrepare: (done: number, total: number) => void
  /** Before the trainer starts: what it will train on. Throwing here starts nothing. */
  readonly onPrepared: (run: string, prepared: Prepared) => void
  readonly onEvent: (event: TrainerEvent) => void
  /** The trainer, for pausing and stopping. */
  readonly onTrainer?: (trainer: TrainerProcess) => void
  /** Aborting stops and saves; the summary then says 'stopped'. */
  readonly signal: AbortSignal
}

export type NewRun = { readonly student: string; readonly settings: SettingsInput }

const runId = (now: Date): string =>
  `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`

/** Makes a run of the project's trajectories as corrected now. Nothing stays when it throws. */
export async function createRun(project: Project, { student: path, settings: given }: NewRun, watch: TrainWatch): Promise<string> {
  const settings = fillSettings(given)
  const revision = makeDatasetRevision(project, { heldout: settings.heldout })
  const members = [...readDatasetRevision(project, revision.id)]
  const student = await openStudent({ path, weights: 'none', signal: watch.signal })
  try {
    const context = Math.min(settings.context, student.trainedContext)
    const prepared = await prepareRun({
      members,
      student,
      settings: { ...settings, context },
      onProgress: async (done) => {
        watch.onPrepare(done, members.length)
        await new Promise((resolve) => setImmediate(resolve))
        watch.signal.throwIfAborted()
      },
    })
    const now = new Date()
    const id = runId(now)
    watch.onPrepared(id, prepared)
    const config: RunConfig = {
      id,
      createdAt: now.toISOString(),
      student: { path, sha256: await sha256File(path), architecture: student.architecture },
      datasetRevision: revision.id,
      settings: { ...settings, context },
    }
    createRunFolder(project.runFolder(id), { config, examples: prepared.examples })
    insertRun(project.store, { ...config, state: 'preparing', result: null, error: null })
    return id
  } finally {
    await student.dispose()
  }
}

/** Trains a run from its newest checkpoint to its end, or until the signal. A finished run gives its summary at once. */
export async function continueRun(
  project: Project,
  { run, cacheDir }: { run: string; cacheDir: string },
  watch: Omit<TrainWatch, 'onPrepare' | 'onPrepared'>,
): Promise<TrainSummary> {
  const dir = project.runFolder(run)
  const config = readRunConfig(dir)
  // A process killed between making the folder and recording it leaves a run that only the folder knows.
  if (!findRun(project.store, run)) insertRun(project.store, { ...config, state: 'preparing', result: null, error: null })
  const known = readResult(dir)
  if (known?.state === 'finished') return record(project, config, known)

  const mark = (state: RunState): void => void updateRun(project.store, run, { state })
  mark('training')
  const trainer = startTrainer({ kind: 'train', runDir: dir, cacheDir }, runFiles(dir).log, (event) => {
    if (event.type === 'paused') mark('paused')
    if (event.type === 'resumed') mark('training')
    watch.onEvent(event)
  })
  watch.onTrainer?.(trainer)
  const stop = (): void => trainer.stop()
  watch.signal.addEventListener('abort', stop)
  if (watch.signal.aborted) stop()
  try {
    return record(project, config, await trainer.ended)
  } catch (error) {
    // A run that another process trains has not failed.
    const busy = error instanceof RetortError && error.code === 'run-busy'
    if (!busy) updateRun(project.store, run, { state: 'failed', error: error instanceof Error ? error.message : String(error) })
    throw error
  } finally {
    watch.signal.removeEventListener('abort', stop)
  }
}

function record(project: Project, config: RunConfig, summary: TrainSummary): TrainSummary {
  updateRun(project.store, config.id, { state: summary.state, result: summary, error: null })
  if (existsSync(summary.adapter)) {
    putAdapter(project.store, {
      id: config.id,
      runId: config.id,
      path: relative(project.folder, summary.adapter),
      studentSha256: config.student.sha256,
      rank: config.settings.rank,
      alpha: config.settings.alpha,
      step: summary.steps,
      createdAt: new Date().toISOString(),
    })
  }
  return summary
}

/** The newest run of this student file that has steps left, or null. */
export function unfinishedRun(project: Project, student: string): string | null {
  const open = listRuns(project.store).find((run) => run.student.path === student && run.state !== 'finished' && run.state !== 'failed')
  return open?.id ?? null
}
