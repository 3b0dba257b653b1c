// What a session trains towards beside the tokens: the run's teacher, and the plain student where it shall stay close to it.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import type { ModelConfig } from '../../core/nn/index.ts'
import { BASE_TOP, objectiveOf, scoreBase, type Objective } from '../../core/pipeline/training/index.ts'
import type { GraphRuntime, TeacherDistributions } from '../../core/ports/index.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import type { TrainerEvent } from './protocol.ts'
import { runFiles, type RunConfig, type SplitExample } from './runFolder.ts'
import { everySettings } from './stagedPlan.ts'
import { openLiveTeacher, type LiveTeacher, type OpenTeacher } from '../teacher/index.ts'
import { openRunTeacher, runTeacherPath, teacherGone } from './runTeacher.ts'
import { asked, livelyOf } from './teaching.ts'

export type ObjectivesInput = {
  readonly dir: string
  /** The student's GGUF file. */
  readonly studentFile: string
  /** Called between examples; waits while paused. */
  readonly proceed: () => Promise<'go' | 'stop'>
  readonly emit: (event: TrainerEvent) => void
  readonly config: RunConfig
  readonly model: ModelConfig
  readonly runtime: GraphRuntime
  /** Those that may be trained on. */
  readonly examples: readonly SplitExample[]
}

export type Objectives = {
  /** What the settings of a moment make of it. */
  readonly at: (settings: TrainSettings) => Objective
  /** All that the first of these steps is fed with is there when it resolves; `onWait`: it is not there yet. Throws RetortError `teacher-died` and others. */
  readonly ready: (steps: readonly (readonly SplitExample[])[], onWait: () => void) => Promise<'go' | 'stop'>
  readonly close: () => void
}

/**
 * Opens the run's teacher, and scores the plain student where a stage asks for it, which takes a forward pass over the examples.
 * null: stopped meanwhile. Throws RetortError `teacher-changed`.
 */
export async function openObjectives(input: ObjectivesInput): Promise<Objectives | null> {
  const { config: { lessons } } = input
  const live = lessons ? await openLive(input, lessons) : null
  if (live === 'stopped') return null
  const teacher = live ?? openFile(input)
  const ready: Objectives['ready'] = async (steps, onWait) => live?.ready(steps.map((step) => step.map(({ id }) => id)), onWait) ?? 'go'
  const close = (): void => {
    if (live && live.coverage().mass > 0) input.emit({ type: 'notice', text: `${live.label}: the ${live.k} tokens that it names had ${(100 * live.coverage().mass).toFixed(1)} % of the probability in this session` })
    teacher?.close()
  }
  try {
    const base = await baseOf(input)
    if (base !== 'stopped') return { at: (now) => objectiveOf(now, { teacher, base }), ready, close }
  } catch (error) {
    close()
    throw error
  }
  close()
  return null
}

function openFile({ dir, config: { settings, trainedOn: { teacher } }, examples }: ObjectivesInput): OpenTeacher | null {
  return settings.teacher === undefined || !teacher ? null : openRunTeacher(runTeacherPath(dir, settings.teacher, teacher), examples, teacher)
}

/** A teacher that is a model, in a process of its own: on the cores that the run leaves, at least one. */
async function openLive({ dir, studentFile, config: { settings, trainedOn }, examples, proceed, emit }: ObjectivesInput, lessons: NonNullable<RunConfig['lessons']>): Promise<LiveTeacher | 'stopped'> {
  const known = trainedOn.teacher?.meta
  const teacher = runTeacherPath(dir, settings.teacher as string, { meta: known })
  if (!existsSync(teacher)) throw teacherGone(teacher, 'no such file')
  emit({ type: 'notice', text: `${basename(teacher)} computes its distributions while the run trains` })
  // While its weights are read.
  emit({ type: 'phase', phase: 'teacher', done: 0, total: 0 })
  const { lessons: path, taught: file } = runFiles(dir)
  const threads = Math.max(1, availableParallelism() - settings.threads)
  const job = { teacher, student: studentFile, ...livelyOf(settings), ...(known && { known }), lessons: { path, ...lessons }, file, threads }
  return (await openLiveTeacher({ job, examples: asked(examples), proceed })) ?? 'stopped'
}

async function baseOf({ config, model, runtime, examples, proceed, emit }: ObjectivesInput): Promise<TeacherDistributions | null | 'stopped'> {
  if (!everySettings(config).some(({ stayClose }) => stayClose > 0)) return null
  emit({ type: 'notice', text: `scoring the plain student on ${examples.length} examples: what is trained stays close to it` })
  const base = await scoreBase({
    runtime,
    config: model,
    examples,
    k: BASE_TOP,
    proceed: (done, total) => {
      emit({ type: 'phase', phase: 'base', done, total })
      return proceed()
    },
  })
  return base ?? 'stopped'
}
