// Whether the thoughts of a rung's student lead to its actions, weighed behind its evaluations.
import { STYLES } from '../../core/agent/index.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { Ladder, LadderArm, LadderSpec, Rung } from '../../shared/records/ladder.ts'
import { asRetortError } from '../files/index.ts'
import type { RungOptions, Standing } from './rung.ts'
import { standingOf } from './standing.ts'
import { measureThoughts } from './thoughts.ts'

/** Tasks of a file have no expert, and structured calls stand behind no thought in the text. */
const canWeigh = ({ tasks: [first], style }: LadderSpec): boolean => first?.choice.from === 'suite' && !STYLES[style].structured

/** Of agents that are trained, with the first seed: it asks as much as a whole set of tasks. */
export const thoughtsLeft = ({ spec, rationale }: Pick<Ladder, 'spec' | 'rationale'>, { arm, seed }: Rung, { train, prompting }: LadderArm): boolean =>
  canWeigh(spec) && train !== null && prompting === 'agent' && seed === spec.seeds[0] && !rationale.some((row) => row.arm === arm && row.seed === seed)

/** On the first set of tasks, where it has an expert. What it fails with fails no rung: it is handed back, and a ladder that goes on weighs again. */
export async function weighThoughts(at: Standing, { project, threads, signal }: RungOptions, save: (change: Partial<Ladder>) => void): Promise<RetortErrorParts | null> {
  const { arm, seed, evaluations } = at.rung()
  const known = evaluations.find(({ tasks }) => tasks === at.ladder().spec.tasks[0]!.name)
  const evaluation = known && standingOf(project, known.id)
  if (!evaluation) return null
  try {
    const measured = await measureThoughts({ spec: evaluation.spec, threads, onProgress: (done, total) => at.tell(done, total, { weighing: true }), signal })
    if (measured) save({ rationale: [...at.ladder().rationale, { arm, seed, ...measured }] })
    return null
  } catch (error) {
    if (signal.aborted) throw error
    const { message, found } = asRetortError(error, { code: 'unweighed', message: 'the student could not be asked' })
    return {
      code: 'unweighed', message: `the thoughts of ${arm}, seed ${seed}, could not be weighed`, found: [message, found].filter(Boolean).join(': '),
      advice: 'its tasks are evaluated all the same; go on with the ladder to weigh them again',
    }
  }
}
