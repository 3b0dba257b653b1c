// The training graph of a session, compiled anew where the next stage's settings ask for another one.
import { loraOf, trainingGraph } from '../../core/nn/index.ts'
import { termsOf, withDropout, withLossScale, type Objective, type TrainState } from '../../core/pipeline/training/index.ts'
import type { CompiledGraph } from '../../core/ports/index.ts'
import type { Course } from './course.ts'
import type { Session } from './sessionState.ts'
import { graphKey } from './stagedPlan.ts'

export type SessionGraph = {
  /** For the step that comes next. */
  at(objective: Objective): Promise<CompiledGraph>
  dispose(): Promise<void>
}

export function createSessionGraph({ config, student, runtime, emit }: Session, { state, course }: { readonly state: TrainState; readonly course: Course }): SessionGraph {
  const { settings } = config
  const half = settings.compute === 'f16'
  let graph: { readonly of: string; readonly compiled: CompiledGraph } | null = null
  const noteScale = (scale: number): void => emit({ type: 'notice', text: `loss scale of half precision: ${scale}` })
  const dispose = async (): Promise<void> => {
    await graph?.compiled.dispose()
    graph = null
  }
  return {
    async at(objective) {
      const now = course.settingsAt(state.step)
      const of = graphKey(now)
      if (graph?.of === of) return graph.compiled
      await dispose()
      const outputs = trainingGraph(student.config, loraOf(settings), { ...now, scaleLoss: half, terms: termsOf(objective) })
      const plain = await runtime.compile('train', outputs)
      const compiled = half ? withLossScale(plain, { state, onChange: noteScale }) : plain
      graph = { of, compiled: withDropout(compiled, { outputs, share: settings.dropout, seed: settings.seed, step: () => state.step }) }
      return graph.compiled
    },
    dispose,
  }
}
