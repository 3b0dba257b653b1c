// Which tasks are taken: places in order, of all families or of some.
import type { TaskPlace } from '../../shared/records/suite.ts'
import type { Problem, Suite } from './suite.ts'

export type Draw = {
  readonly split: TaskPlace['split']
  readonly seed: number
  readonly count: number
  /** The first index that is looked at; 0 when absent. */
  readonly from?: number
  /** Only these families; all when absent. */
  readonly families?: (family: string) => boolean
}

/** How many places are passed over for one that is wanted, at most. */
const MOST_PASSED = 2000

/** Problems in the order of their index. Ends early where a family that is wanted comes up too rarely, or never. */
export function* drawProblems(suite: Suite, { split, seed, count, from = 0, families = () => true }: Draw): Generator<Problem> {
  let taken = 0
  for (let index = from, passed = 0; taken < count && passed < MOST_PASSED; index++) {
    const problem = suite.problem({ split, seed, index })
    if (families(problem.task.family)) {
      taken += 1
      passed = 0
      yield problem
    } else passed += 1
  }
}

/** A draw's families by their names; all when absent. */
export const ofFamilies = (names: readonly string[] | undefined): Pick<Draw, 'families'> =>
  names === undefined ? {} : { families: (family) => names.includes(family) }
