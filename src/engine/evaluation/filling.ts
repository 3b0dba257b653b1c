// What a rung may take: trajectories in their order up to its tokens, none that is too long.
import type { ArmData, LadderSpec, Taught } from '../../shared/records/ladder.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'
import type { FindTeacher } from '../teaching/index.ts'

export type RungDataInput = {
  readonly spec: LadderSpec
  readonly data: ArmData
  readonly seed: number
  /** Folder of the ladder. */
  readonly folder: string
  /** How a teacher that is a model is had, with its key. */
  readonly findTeacher: FindTeacher
  /** What that teacher has done, as it goes on. */
  readonly onTaught: (taught: Taught) => void
  readonly onProgress: (tokens: number, of: number) => void
  readonly signal: AbortSignal
}

/** Seeds of training tasks begin here, far from those that people give to evaluations. */
export const FIRST_SEED = 1000

type Budget = {
  /** Whether there is room for it: `full` ends the taking, `too-long` passes it over. */
  weigh(turns: readonly Turn[], tools: readonly Tool[]): 'fits' | 'full' | 'too-long'
  /** What was weighed last is kept. */
  take(): void
  counts(): { readonly tokens: number; readonly tooLong: number }
  readonly most: number
}

export type Filling = Budget & {
  /** Whether a task is worded like one that is asked; counted. */
  passOver(question: string): boolean
}

type Limits = {
  readonly most: number
  /** Of one trajectory: the run would leave it out. */
  readonly longest: number
  readonly count: (turns: readonly Turn[], tools: readonly Tool[]) => number
  readonly onTaken: (taken: number) => void
}

/** Trajectories are taken in their order until one does not fit any more. */
export function createBudget({ most, longest, count, onTaken }: Limits): Budget {
  let [taken, weighed, tooLong] = [0, 0, 0]
  return {
    weigh(turns, tools) {
      weighed = count(turns, tools)
      if (weighed > longest) tooLong += 1
      return weighed > longest ? 'too-long' : taken + weighed > most ? 'full' : 'fits'
    },
    take() {
      taken += weighed
      onTaken(taken)
    },
    counts: () => ({ tokens: taken, tooLong }),
    most,
  }
}
