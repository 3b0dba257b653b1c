// Which tasks are taken: places in order, of all families or of some.
import { RetortError } from '../../shared/errors.ts'
import type { AgentStyleName } from '../../shared/records/episode.ts'
import type { TaskPlace } from '../../shared/records/suite.ts'
import type { Problem, Suite } from './suite.ts'

export type Draw = {
  readonly split: TaskPlace['split']
  readonly seed: number
  readonly count: number
  /** The first index that is looked at; 0 when absent. */
  readonly from?: number
  /** So many tasks that are wanted are passed over before the first is taken; 0 when absent. */
  readonly skip?: number
  /** Only these families; all when absent. */
  readonly families?: (family: string) => boolean
}

/** How many places are passed over for one that is wanted, at most. */
const MOST_PASSED = 2000

/**
 * Problems in the order of their index. Ends early behind the split's last task, and where a family that is wanted comes up too rarely. Throws RetortError
 * `bad-draw` at once for a number that counts nothing: a place that is none would give one task again and again.
 */
export function drawProblems(suite: Suite, draw: Draw): Generator<Problem, void, undefined> {
  const { seed, count, from = 0, skip = 0 } = draw
  for (const [name, value] of Object.entries({ seed, count, from, skip })) {
    if (Number.isSafeInteger(value) && value >= 0) continue
    throw new RetortError({ code: 'bad-draw', message: 'tasks cannot be drawn so', where: `${name} of a draw of ${suite.name}`, found: String(value), expected: 'a whole number from 0 on' })
  }
  return drawn(suite, draw)
}

function* drawn(suite: Suite, { split, seed, count, families, ...begin }: Draw): Generator<Problem, void, undefined> {
  // Of all families nothing need be made to be passed over.
  const [from, skip] = families ? [begin.from ?? 0, begin.skip ?? 0] : [(begin.from ?? 0) + (begin.skip ?? 0), 0]
  const end = suite.count?.(split) ?? Infinity
  let wanted = 0
  for (let index = from, passed = 0; index < end && wanted < skip + count && passed < MOST_PASSED; index++) {
    const problem = suite.problem({ split, seed, index })
    if (families && !families(problem.task.family)) {
      passed += 1
      continue
    }
    passed = 0
    wanted += 1
    if (wanted > skip) yield problem
  }
}

/** A draw's families by their names; all when absent. */
export const ofFamilies = (names: readonly string[] | undefined): Pick<Draw, 'families'> =>
  names === undefined ? {} : { families: (family) => names.includes(family) }

/** The kinds of tasks of a split: those of training are held out, too. */
const familiesOf = ({ families }: Pick<Suite, 'families'>, split: TaskPlace['split']): readonly string[] =>
  split === 'ood' ? families.ood : families.train

/** Throws RetortError `no-family` for a name that the split does not have. */
export function requireFamilies(suite: Pick<Suite, 'name' | 'families'>, { split, families = [] }: { readonly split: TaskPlace['split']; readonly families?: readonly string[] | undefined }): void {
  const known = familiesOf(suite, split)
  const unknown = families.filter((family) => !known.includes(family))
  if (unknown.length === 0) return
  throw new RetortError({ code: 'no-family', message: `${suite.name} has no such family of tasks in ${split}`, found: unknown.join(', '), expected: `some of ${known.join(', ')}` })
}

/** Throws RetortError `no-such-style` for a way of calling that the suite's tools do not have; absent: the suite's own. */
export function requireStyle({ name, styles }: Pick<Suite, 'name' | 'styles'>, style: AgentStyleName | undefined): void {
  if (style === undefined || styles.includes(style)) return
  throw new RetortError({ code: 'no-such-style', message: `${name} cannot be worked at in this style`, found: style, expected: `one of ${styles.join(', ')}` })
}

/** Throws RetortError `no-such-task` for more tasks than the split has. */
export function requireTasks(suite: Pick<Suite, 'name' | 'count'>, { split, count }: { readonly split: TaskPlace['split']; readonly count: number }): void {
  const there = suite.count?.(split) ?? Infinity
  if (count <= there) return
  throw new RetortError({ code: 'no-such-task', message: `${suite.name} has fewer tasks in ${split}`, found: String(count), expected: `${there} at most` })
}
