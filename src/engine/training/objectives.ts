// What a session trains towards beside the tokens: the run's teacher, and the plain student where it shall stay close to it.
import type { ModelConfig } from '../../core/nn/index.ts'
import { BASE_TOP, objectiveOf, scoreBase, type Objective } from '../../core/pipeline/training/index.ts'
import type { GraphRuntime, TeacherDistributions } from '../../core/ports/index.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import type { TrainerEvent } from './protocol.ts'
import type { RunConfig, SplitExample } from './runFolder.ts'
import { everySettings } from './stagedPlan.ts'
import { openRunTeacher } from './teaching.ts'

export type ObjectivesInput = {
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
  readonly close: () => void
}

/**
 * Opens the run's teacher, and scores the plain student where a stage asks for it, which takes a forward pass over the examples.
 * null: stopped meanwhile. Throws RetortError `teacher-changed`.
 */
export async function openObjectives(input: ObjectivesInput): Promise<Objectives | null> {
  const { config: { settings, trainedOn }, examples } = input
  const teacher = settings.teacher === undefined || !trainedOn.teacher ? null : openRunTeacher(settings.teacher, examples, trainedOn.teacher)
  const close = (): void => teacher?.close()
  try {
    const base = await baseOf(input)
    if (base !== 'stopped') return { at: (now) => objectiveOf(now, { teacher, base }), close }
  } catch (error) {
    close()
    throw error
  }
  close()
  return null
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
