// What the demo asks of a student: which tasks, how many of the teacher's episodes it reads, and how it is trained, by how large it is.
import type { SettingsInput } from '../../engine/training/index.ts'
import type { ExpertSettings, SuiteName } from '../../shared/records/suite.ts'

export type Course = {
  /** Only tasks of these families; all when absent. */
  readonly families?: readonly string[]
  /** Tasks of the training split that the teacher works at. */
  readonly episodes: number
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
const LARGER: Course = {
  episodes: 400,
  teacher: { recovery: 0.05 },
  settings: { ...COMMON, rank: 16, alpha: 32, lr: 1e-3, epochs: 1, batchTokens: 850, microTokens: 512, warmupSteps: 5 },
}

type StarterCourse = Partial<Course> & { /** Which families; all when absent. */ readonly takes?: (family: string) => boolean }

/** What so small a student can come to in minutes: kinds of tasks that are worded alike. Of other suites it tries all. */
const STARTER_COURSES: Partial<Record<SuiteName, StarterCourse>> = {
  arith: {
    // Fixed templates, not composed wordings.
    takes: (family) => family.startsWith('t-'),
    teacher: { recovery: 0.03, restate: 0 },
  },
  household: { takes: (family) => family === 'put-small' },
}

/** `families`: of the suite's training. */
export function courseOf(suite: { readonly name: SuiteName; readonly families: readonly string[] }, isStarter: boolean): Course {
  if (!isStarter) return LARGER
  const { takes, ...own } = STARTER_COURSES[suite.name] ?? {}
  return { ...STARTER, ...(takes ? { families: suite.families.filter(takes) } : {}), ...own }
}
