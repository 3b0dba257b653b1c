// What is shown of teachers: how far the making of a file is, what a file holds, and which models can take its place.
import type { Model } from '../../shared/contract/routes/models.ts'
import type { Shown, TeacherFile, TeachJob } from '../../shared/contract/teaching.ts'

export type TeachFigures = {
  /** Of the trajectories. */
  readonly share: number
  /** null: nothing is known yet. */
  readonly secondsLeft: number | null
  /** Of the tokens that were looked at, those with a distribution; null before any. */
  readonly covered: number | null
}

/** Fewer trajectories say nothing about the rest. */
const LEAST_DONE = 2

/** null: it has not begun, or has ended. */
export function teachFigures({ state, seconds }: TeachJob): TeachFigures | null {
  if (state.type !== 'running' || state.progress === null) return null
  const { done, total, tokens, of } = state.progress
  return {
    share: total > 0 ? done / total : 0,
    secondsLeft: done >= LEAST_DONE ? (seconds / done) * (total - done) : null,
    covered: of > 0 ? tokens / of : null,
  }
}

/** A model's file computes distributions while the run trains; every other one holds them. */
export const isModelPath = (path: string): boolean => /\.gguf$/i.test(path)

/** What a chosen teacher is shown; null where that is not known. */
export function shownTo(path: string, { files, live }: { readonly files: readonly TeacherFile[]; readonly live: string }): Shown | null {
  if (isModelPath(path)) return live === 'answer' ? 'answer' : 'student'
  return files.find((file) => file.path === path)?.holds?.context ?? null
}

/** Models that can teach: all that can be read, the largest first. */
export const teachingModels = (models: readonly Model[]): Model[] => models.filter(({ broken }) => broken === null).sort((a, b) => b.parameters - a.parameters)
