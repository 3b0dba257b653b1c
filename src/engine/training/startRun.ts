// Starting and resuming runs in a project: fix the data, make the run's folder, watch the trainer, record the outcome.
import { statSync } from 'node:fs'
import { adaptedLayers, loraOf } from '../../core/nn/index.ts'
import type { Left, TrainSummary } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { thinTeacher } from '../../shared/teacherCoverage.ts'
import type { Plan } from '../../shared/records/plan.ts'
import type { ProviderName } from '../../shared/records/provider.ts'
import type { Run, RunState } from '../../shared/records/run.ts'
import { sha256File } from '../files/index.ts'
import { freeMemoryOf } from '../freeMemory.ts'
import { openStudent, type Student } from '../llama/index.ts'
import { keepRevision, revisionNow, writing, type Project, type RevisionNow } from '../project/index.ts'
import { findDatasetRevision, findRun, insertRun, updateRun } from '../store/index.ts'
import { openAlertLog } from './alertLog.ts'
import { draftPlan } from './draftPlan.ts'
import { failureText } from './findRuns.ts'
import { fitMemory, type Fit } from './memoryFit.ts'
import { prepareRun, type MaskMemory, type Prepared } from './prepareRun.ts'
import type { TrainerEvent } from './protocol.ts'
import { createRunFolder, readExamples, readLessons, readRunConfig, runFiles, type RunConfig } from './runFolder.ts'
import { createRunRecord, finishedResult, record, recordAdapters } from './runRecord.ts'
import { makeRunId, runFolderOf } from './runId.ts'
import { requireProvider, wishedProvider, type ProviderWish } from './runProvider.ts'
import { readStaged } from './runPlan.ts'
import { everySettings } from './stagedPlan.ts'
import { findRunStudent, otherStudent, readStudentModel, type StudentSearch } from './runStudent.ts'
import { fillSettings, type SettingsInput } from './settings.ts'
import type { LossSource } from './studentLosses.ts'
import { requireRunTeacher, runTeacherPath, withTeacherFile } from './runTeacher.ts'
import { checkLosses } from './teaching.ts'
import { startTrainer, type TrainerProcess } from './trainerProcess.ts'

export type PrepareWatch = {
  readonly onPrepare: (done: number, total: number) => void
  /** Before the trainer starts: what it will train on. Throwing here starts nothing. */
  readonly onPrepared: (run: string, prepared: Prepared, fit: Fit) => void
  readonly signal: AbortSignal
}

export type TrainWatch = PrepareWatch & {
  readonly onEvent: (event: TrainerEvent) => void
  /** The trainer, for pausing and stopping. */
  readonly onTrainer?: (trainer: TrainerProcess) => void
  /** Aborting stops and saves; the summary then says 'stopped'. */
  readonly signal: AbortSignal
}

/** A curriculum, and where the student's own losses come from, if it asks for them. */
export type WithPlan = { readonly plan: Plan; readonly losses: LossSource }

export type NewRun = {
  readonly student: string
  readonly settings: SettingsInput
  readonly plan?: WithPlan | undefined
  /** Make it although it is estimated not to fit into memory. */
  readonly allowMemoryOverrun?: boolean | undefined
  /** Free bytes of what a provider computes in; null: nothing tells. Default: as the system says now. */
  readonly freeMemory?: (provider: ProviderName) => number | null
  /** The student and masks of it, where the caller has them already, and the data set as it is now. */
  readonly opened?: { readonly student: Student; readonly masks: MaskMemory; readonly data: (heldout: number) => RevisionNow }
}

/** A trajectory that is on neither side. */
export const rejectedLeft = (trajectoryId: string): Left => ({ trajectoryId, reason: 'a reviewer rejected it', why: 'rejected' })

/** Makes a run of the project's trajectories as corrected now. Nothing stays when it throws. */
export async function createRun(project: Project, { student: path, settings: given, plan, opened, allowMemoryOverrun = false, freeMemory = freeMemoryOf }: NewRun, watch: PrepareWatch): Promise<string> {
  const settings = fillSettings(given)
  const { revision, members, rejected } = opened?.data(settings.heldout) ?? revisionNow(project, settings)
  // From the file's header, before llama.cpp reads it and says less, or ends the process.
  const model = readStudentModel(path)
  const student = opened?.student ?? (await openStudent({ path, weights: 'none', signal: watch.signal }))
  try {
    // Before anything is made: a target that the student does not have is refused.
    adaptedLayers(model, loraOf(settings))
    checkLosses(everySettings({ settings, plan: plan?.plan }))
    const context = Math.min(settings.context, student.trainedContext)
    const onPrepare = async (done: number, total: number): Promise<void> => {
      watch.onPrepare(done, total)
      await new Promise((resolve) => setImmediate(resolve))
      watch.signal.throwIfAborted()
    }
    const common = { members, student, settings: { ...settings, context }, ...(opened && { known: opened.masks }) }
    const staged = plan
      ? await draftPlan({ ...common, ...plan, onProgress: (_, done, total) => onPrepare(done, total), signal: watch.signal })
      : null
    if (staged?.blocked) throw staged.blocked
    const masked = staged ?? (await prepareRun({ ...common, onProgress: (done) => onPrepare(done, members.length) }))
    const prepared = { ...masked, left: [...rejected.map(rejectedLeft), ...masked.left] }
    const fit = fitMemory(path, { ...prepared, settings: { ...settings, context }, plan: plan?.plan, staged: staged?.staged ?? null }, freeMemory(settings.provider))
    if (fit.blocked && !allowMemoryOverrun) throw fit.blocked
    await writing(project, () => keepRevision(project, revision))
    const now = new Date()
    const id = makeRunId(now)
    watch.onPrepared(id, prepared, fit)
    const { recipe, counts, straddling, left, examples, steps, teacher, lessons } = prepared
    const config = createRunFolder(project.runFolder(id), {
      config: {
        id,
        createdAt: now.toISOString(),
        student: { path, sha256: await sha256File(path), bytes: statSync(path).size, architecture: student.architecture },
        model,
        datasetRevision: revision.id,
        settings: fit.settings,
        plannedSteps: steps,
        trainedOn: { recipe, ...(teacher && { teacher: lessons ? await withTeacherFile(teacher, settings) : teacher }), counts, straddling, left },
        ...(plan && { plan: plan.plan }),
      },
      examples,
      staged: staged?.staged ?? null,
      lessons,
    })
    tellOverrun(project.runFolder(id), fit)
    const thin = thinTeacher(teacher)
    if (thin !== null) openAlertLog(project.runFolder(id), () => {}).add({ type: 'teacher-thin', step: 0, text: thin })
    await writing(project, () => insertRun(project.store, newRecord(config)))
    return id
  } finally {
    if (!opened) await student.dispose()
  }
}

export type LikeRun = Pick<StudentSearch, 'given' | 'folders'> & Pick<NewRun, 'allowMemoryOverrun' | 'freeMemory'> & { readonly run: string }

/**
 * Makes a run that repeats another one: its very examples, settings, seed and dataset revision, and a student of the same
 * content. On the same machine its losses are the same, bit for bit. Throws RetortError `student-changed`, `student-missing`,
 * `teacher-changed`, `out-of-memory`.
 */
export async function createRunLike(project: Project, { run, given, folders, allowMemoryOverrun = false, freeMemory = freeMemoryOf }: LikeRun, watch: PrepareWatch): Promise<{ run: string; student: string }> {
  const dir = runFolderOf(project, run)
  const { examples: fingerprint, lessons: taught, ...kept } = readRunConfig(dir)
  const { teacher: known } = kept.trainedOn
  const teacher = known && kept.settings.teacher !== undefined ? runTeacherPath(dir, kept.settings.teacher, known) : undefined
  const old = teacher === undefined ? kept : { ...kept, settings: { ...kept.settings, teacher } }
  const student = await findRunStudent({ ...old, examples: fingerprint }, { given, folders, onFound: () => {} })
  const found = await sha256File(student)
  if (found !== old.student.sha256) throw otherStudent({ ...old, examples: fingerprint }, { path: student, sha256: found })
  if (!findDatasetRevision(project.store, old.datasetRevision)) throw foreign(project, old)
  if (known && teacher !== undefined) await requireRunTeacher(teacher, { known, live: taught !== undefined })
  const examples = readExamples(dir, fingerprint)
  const now = new Date()
  const id = makeRunId(now)
  const trained = examples.filter(({ split }) => split === 'train')
  const tally = { tokens: trained.reduce((sum, { ids }) => sum + ids.length, 0), longest: Math.max(0, ...examples.map(({ ids }) => ids.length)) }
  const staged = readStaged(dir, old)
  const fit = fitMemory(student, { examples, teacher: old.trainedOn.teacher, settings: old.settings, plan: old.plan, staged }, freeMemory(old.settings.provider))
  if (fit.blocked && !allowMemoryOverrun) throw fit.blocked
  watch.onPrepared(id, { ...old.trainedOn, ...tally, examples, steps: old.plannedSteps ?? 0 }, fit)
  const config = createRunFolder(project.runFolder(id), {
    config: { ...old, id, createdAt: now.toISOString(), student: { ...old.student, path: student }, like: old.id },
    examples,
    staged,
    lessons: taught && readLessons(dir),
  })
  tellOverrun(project.runFolder(id), fit)
  await writing(project, () => insertRun(project.store, newRecord(config)))
  return { run: id, student }
}

/** A run that was allowed not to fit says so for good. */
function tellOverrun(dir: string, { warning }: Fit): void {
  if (warning !== null) openAlertLog(dir, () => {}).add({ type: 'memory-overrun', step: 0, text: warning })
}

/** What the store keeps of a run that has not begun. */
export const newRecord = ({ id, createdAt, student, datasetRevision, settings, plannedSteps, plan }: RunConfig): Run => {
  const { path, sha256, architecture } = student
  return { id, createdAt, student: { path, sha256, architecture }, datasetRevision, settings, plannedSteps, ...(plan && { plan }), state: 'preparing', result: null, error: null }
}

/** A process killed between making the folder and recording it leaves a run that only the folder knows. */
function recordLate(project: Project, config: RunConfig): void {
  if (!findDatasetRevision(project.store, config.datasetRevision)) throw foreign(project, config)
  insertRun(project.store, newRecord(config))
}

const foreign = (project: Project, { id, datasetRevision }: Pick<RunConfig, 'id' | 'datasetRevision'>): RetortError =>
  new RetortError({
    code: 'run-foreign',
    message: 'this run is of another project',
    where: project.runFolder(id),
    found: `dataset revision ${datasetRevision}, which this project does not have`,
    expected: 'a run that was made here',
    advice: 'go on with it in its own project; a project is copied or moved as a whole',
  })

export type ContinueWatch = Omit<TrainWatch, 'onPrepare' | 'onPrepared'>
export type Continued = Pick<StudentSearch, 'given' | 'folders'> & ProviderWish & { readonly run: string; readonly cacheDir: string }

/** Trains a run from its newest checkpoint to its end, or until the signal. A finished run gives its summary at once. */
export async function continueRun(
  project: Project,
  { run, cacheDir, given, folders, ...wish }: Continued,
  watch: ContinueWatch,
): Promise<TrainSummary> {
  const dir = runFolderOf(project, run)
  const config = readRunConfig(dir)
  if (!findRun(project.store, run)) await writing(project, () => recordLate(project, config))
  const notice = (text: string): void => watch.onEvent({ type: 'notice', text })
  const { write } = createRunRecord(project, notice)
  const conclude = async (summary: TrainSummary): Promise<TrainSummary> => {
    await write(() => void record(project, config, summary))
    return summary
  }
  const known = finishedResult(dir)
  if (known) return conclude(known)

  const going = wishedProvider(config, wish)
  const student = await findRunStudent(config, { given, folders, onFound: notice })
  await requireProvider(config, going, { cacheDir, signal: watch.signal })
  if (going.changed) notice(`goes on with ${going.provider} instead of ${config.settings.provider}: from here on not bit for bit what it would have been`)
  const mark = (state: RunState): void => void write(() => void updateRun(project.store, run, { state }))
  mark('training')
  const trainer = startTrainer({ kind: 'train', runDir: dir, student, cacheDir, provider: going.provider }, runFiles(dir).log, (event) => {
    if (event.type === 'paused') mark('paused')
    if (event.type === 'resumed') mark('training')
    watch.onEvent(event)
  })
  watch.onTrainer?.(trainer)
  const stop = (): void => trainer.stop()
  watch.signal.addEventListener('abort', stop)
  if (watch.signal.aborted) stop()
  try {
    return await conclude(await trainer.ended)
  } catch (error) {
    // It may have died behind its last word.
    const finished = finishedResult(dir)
    if (finished) return conclude(finished)
    // A run that another process trains has not failed.
    const busy = error instanceof RetortError && error.code === 'run-busy'
    if (!busy) {
      await write(() => {
        updateRun(project.store, run, { state: 'failed', error: failureText(error) })
        recordAdapters(project, config)
      })
    }
    throw error
  } finally {
    watch.signal.removeEventListener('abort', stop)
  }
}
