// What the demo asks of a student: how many of the teacher's episodes it reads, and how it is trained, by how large it is.
import type { SettingsInput } from '../../engine/training/index.ts'

export type Course = {
  /** Tasks of the training split that the teacher works at. */
  readonly episodes: number
  readonly settings: SettingsInput
}

/** Tasks on which it is measured, before and after; and the place of the one that is watched, which is none of them. */
export const MEASURED = { seed: 1, tasks: 40, watched: 1000 } as const

const COMMON = { recipe: 'sft', schedule: 'linear', heldout: 0, checkpointEvery: 50 } as const

/** The student that comes along: small and quick, it reads many examples. */
const STARTER: Course = {
  episodes: 1500,
  settings: { ...COMMON, rank: 64, alpha: 64, lr: 2e-3, epochs: 1.5, batchTokens: 2048, microTokens: 1024, warmupSteps: 10 },
}

/** One such as SmolLM2-135M: it needs fewer, and takes longer over each (docs/log.md). */
const LARGER: Course = {
  episodes: 400,
  settings: { ...COMMON, rank: 16, alpha: 32, lr: 1e-3, epochs: 1, batchTokens: 850, microTokens: 512, warmupSteps: 5 },
}

export const courseOf = (isStarter: boolean): Course => (isStarter ? STARTER : LARGER)
