// The expert: looks at the schema, writes the query in one of several ways, mends what it got wrong, and reads the result.
import { expertRandom, pick, shownSettings } from '../seeds.ts'
import type { Expert, ExpertMove, ExpertOptions, PastStep } from '../suite.ts'
import type { Names } from './database.ts'
import { idQuery, LOOKS, type Manner, queryOf } from './queries.ts'
import type { Question } from './question.ts'
import { asked, namesIn, resultOf } from './reading.ts'
import { guessed, misremembered, type Slip } from './slips.ts'
import { asking, ends, knownId, looking, restated, seekingId } from './thoughts.ts'

/** Share of the slips that are made before the schema is seen. */
const GUESSES = 0.4

export function sqlExpert(task: string, { schema, database, plan }: Question, { seed, options = {} }: { seed: number; options?: ExpertOptions | undefined }): Expert {
  const shown = shownSettings(task, seed, options)
  const stream = (purpose: string): ReturnType<typeof expertRandom> => expertRandom(task, seed, purpose)
  const drawn = stream('manner')
  const manner: Manner = { nested: drawn.next() < 0.4, lower: drawn.next() < 0.3 }
  const guess = shown.recovery && stream('when').next() < GUESSES ? guessed(plan, { schema, names: database.names, manner }, stream('slip')) : null
  return { next }

  function next(steps: readonly PastStep[]): ExpertMove {
    const random = stream(`step ${steps.length}`)
    const names = namesIn(steps, schema)
    if (names === null) return look(steps, random)
    const slip = shown.recovery && guess === null ? misremembered(plan, { schema, names, manner }, stream('slip')) : null
    const mended = slip ? mendingOf(slip, steps) : []
    if (slip && !steps.some((step) => asked(step, slip.query))) return { thought: slip.thought, calls: [sql(slip.query)], mistake: true }
    const id = idOf(names, steps)
    if (id !== null && 'query' in id) return { thought: [...mended, seekingId(id.name, names[plan.of].table, random)].join(' '), calls: [sql(id.query)] }
    const query = queryOf(plan, names, { manner, ...(id === null ? {} : { id: id.value }) })
    const values = resultOf(steps, query)
    if (values !== null) {
      const answer = values.map((value) => value.replace(/\.0$/, '')).join(', ')
      return { thought: ends(answer, random), answer }
    }
    // Once it has been asked without rows coming back there is nothing to find.
    if (steps.some((step) => asked(step, query))) return { thought: 'The database does not hold it.', answer: 'none' }
    const thought = id !== null ? knownId(id.name, id.value, random) : mended.length > 0 ? '' : asking(plan, { schema, names, restate: shown.restate }, random)
    return { thought: [...mended, thought].filter((part) => part !== '').join(' '), calls: [sql(query)] }
  }

  function look(steps: readonly PastStep[], random: ReturnType<typeof expertRandom>): ExpertMove {
    const goal = shown.restate && steps.length === 0 ? [restated(plan, schema, random)] : []
    if (guess && !steps.some((step) => asked(step, guess.query))) return { thought: [...goal, guess.thought].join(' '), calls: [sql(guess.query)], mistake: true }
    const mended = guess ? mendingOf(guess, steps) : []
    return { thought: mended[0] ?? [...goal, looking(random)].join(' '), calls: [sql(pick(LOOKS, stream('look')))] }
  }

  /** Where it goes one step at a time: the id of the thing that is named, or how to find it. */
  function idOf(names: Names, steps: readonly PastStep[]): { name: string; value: string } | { name: string; query: string } | null {
    if (!shown.stepwise || !('name' in plan)) return null
    const query = idQuery(plan.name, names[plan.of], manner)
    const value = resultOf(steps, query)?.[0]
    return value === undefined ? { name: plan.name, query } : { name: plan.name, value }
  }
}

/** What is said right after the slip. */
const mendingOf = (slip: Slip, steps: readonly PastStep[]): string[] => {
  const last = steps.at(-1)
  return last && asked(last, slip.query) ? [slip.mended] : []
}

const sql = (query: string): { name: string; arguments: string } => ({ name: 'sql', arguments: JSON.stringify({ query }) })
