// What the demo asks of a student: which tasks, how many of the teacher's episodes it reads, and how it is trained, by how large it is.
import type { SettingsInput } from '../../engine/training/index.ts'
import type { ExpertSettings, SuiteName } from '../../shared/records/suite.ts'

export type Course = {
  /** Only tasks of these families; all when absent. */
  readonly families?: readonly string[]
  /** Tasks of the training split that the teacher works at. */
  readonly episodes: number
  /** Tokens of a turn when it is measured; the suite's own when absent. */
  readonly turnTokens?: number
  /** What the teacher shows beside the plain solution. */
  readonly teacher: Partial<ExpertSettings>
  readonly settings: SettingsInput
}

/** Tasks on which it is measured, before and after; and the first place of the one that is watched, which is none of them. */
export const MEASURED = { seed: 1, tasks: 40, watched: 2000 } as const

const COMMON = { recipe: 'sft', schedule: 'linear', heldout: 0, checkpointEvery: 100 } as const

/** The student that comes along: small and quick, it reads many short examples in many small steps (docs/log.md). */
const STARTER: Omit<Course, 'families'> = {
  episodes: 2000,
  teacher: { recovery: 0, restate: 0 },
  settings: { ...COMMON, rank: 64, alpha: 128, lr: 2.5e-3, epochs: 2, maxSteps: 1400, batchTokens: 800, microTokens: 800, warmupSteps: 20 },
}

/** One such as SmolLM2-135M: it needs fewer, and takes longer over each (docs/log.md). */
const LARGER: Omit<Course, 'families'> = {
  episodes: 600,
  teacher: { recovery: 0, restate: 0 },
  settings: { ...COMMON, rank: 16, alpha: 32, lr: 2.5e-3, epochs: 1, batchTokens: 256, microTokens: 512, warmupSteps: 5 },
}

type OwnCourse = Partial<Course> & { /** Which families; all when absent. */ readonly takes?: (family: string) => boolean }

/** Fixed templates of arith, not composed wordings. */
const worded = (family: string): boolean => family.startsWith('t-')

/** What a student can come to in minutes: kinds of tasks that are worded alike. Of suites that are not here it tries all. */
const STARTER_COURSES: Partial<Record<SuiteName, OwnCourse>> = {
  arith: { takes: worded, teacher: { recovery: 0.03, restate: 0 } },
  household: { takes: (family) => family === 'put-small' },
}
const LARGER_COURSES: Partial<Record<SuiteName, OwnCourse>> = {
  // Before it is trained it goes on and on; the expert's turns have some 30 tokens.
  arith: { takes: worded, turnTokens: 96 },
  household: { takes: (family) => family === 'put-small' },
}

/** `families`: of the suite's training. */
export function courseOf(suite: { readonly name: SuiteName; readonly families: readonly string[] }, isStarter: boolean): Course {
  const [standard, courses] = isStarter ? [STARTER, STARTER_COURSES] : [LARGER, LARGER_COURSES]
  const { takes, ...own } = courses[suite.name] ?? {}
  return { ...standard, ...(takes ? { families: suite.families.filter(takes) } : {}), ...own }
}
