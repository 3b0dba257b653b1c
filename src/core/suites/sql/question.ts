// A question on a database, drawn for a place: what it asks, in words, and the answer.
import type { TaskPlace, TaskSplit } from '../../../shared/records/suite.ts'
import type { Random } from '../../random.ts'
import { wordsOf } from '../../words.ts'
import { expertRandom, integer, pick, taskId, taskRandom } from '../seeds.ts'
import { type Database, drawDatabase, ownerOf, SIDES } from './database.ts'
import { type Answer, answerOf, type Filter, type Plan, type PlanKind } from './plan.ts'
import { type Entity, type Schema, SCHEMAS } from './schemas.ts'

export type Question = { readonly schema: Schema; readonly database: Database; readonly plan: Plan; readonly question: string; readonly answer: Answer }

/** Words without a value between them, at most: any eight in a row hold a value, and values are a split's own. */
const MOST_WORDS = 7
/** Around a value while a question is put together. */
const MARK = '\u0001'

export const KINDS: readonly PlanKind[] = ['count', 'fold', 'list', 'extreme', 'events', 'busiest', 'idle', 'across']

export const familyOf = ({ name }: Schema, kind: PlanKind): string => `${name}-${kind}`

export function questionAt(place: TaskPlace): Question {
  const random = taskRandom('sql', place)
  const { split } = place
  const schema = pick(SCHEMAS.filter(({ seen }) => seen === (split !== 'ood')), random)
  const kind = pick(KINDS, random)
  for (;;) {
    const database = drawDatabase(schema, split, random)
    const plan = drawPlan(kind, { database, split, schema }, random)
    const answer = answerOf(plan, database)
    if (answer === null) continue
    const forms = wordings(plan, schema, random).filter(isTight)
    if (forms.length > 0) return { schema, database, plan, question: `${titleOf(place)}: ${unmarked(pick(forms, random))}`, answer }
  }
}

/** Of which database: without it one question would stand for several tasks, with different answers. */
function titleOf(place: TaskPlace): string {
  const random = expertRandom(taskId('sql', place), 0, 'owner')
  return `Database ${integer(100, 9999, random)} of ${ownerOf(place.split, random)}`
}

function drawPlan(kind: PlanKind, { database, split, schema }: { database: Database; split: TaskSplit; schema: Schema }, random: Random): Plan {
  const of = pick(SIDES, random)
  const name = pick(database[of], random).label
  const [least, most] = schema[of].number.range
  const drawn = Math.round(least + (most - least) * (0.25 + random.next() / 2))
  // Numbers of training are even, all others odd.
  const value = drawn - (drawn % 2) + (split === 'train' ? 0 : 1)
  const number: Filter = { on: 'number', sign: pick(['>', '<'] as const, random), value }
  const text: Filter = { on: 'text', value: pick(database[of], random).text }
  switch (kind) {
    case 'count':
    case 'list':
      return { kind, of, filters: pick([[text], [number], [text, number]], random) }
    case 'fold':
      return { kind, of, filters: [text], by: pick(['SUM', 'AVG', 'MAX', 'MIN'] as const, random) }
    case 'extreme':
      return { kind, of, filters: [text], order: pick(['DESC', 'ASC'] as const, random), most: random.next() < 0.3 ? 3 : 1 }
    case 'events':
      return { kind, of, name, by: pick(['COUNT', 'SUM'] as const, random) }
    case 'busiest':
    case 'idle':
      return { kind, of, filters: [text] }
    case 'across':
      return { kind, of, name }
  }
}

export const unmarked = (text: string): string => text.replaceAll(MARK, '').replaceAll('’', "'")
const marked = (value: string | number): string => `${MARK}${value}${MARK}`

/** Behind the plural of the thing, with a marked value. */
function phrase(filter: Filter, { text, number }: Entity, random: Random): string {
  const forms = filter.on === 'text' ? text.where : filter.sign === '>' ? number.above : number.below
  return pick(forms, random).replace('{v}', marked(filter.value))
}

/** Which of the things, in words. */
export const narrowing = (plan: Plan, entity: Entity, random: Random): string => ('filters' in plan ? plan.filters.map((filter) => phrase(filter, entity, random)).join(' ') : '')

/** All ways to ask for it. */
function wordings(plan: Plan, schema: Schema, random: Random): string[] {
  const entity = schema[plan.of]
  const [many, one] = entity.names[0]!
  const { says } = entity.number
  const link = schema.words[plan.of]
  const which = narrowing(plan, entity, random)
  const named = (forms: readonly string[], name: string): string[] => forms.map((form) => form.replace('{x}', marked(name)))
  switch (plan.kind) {
    case 'count':
      return [`How many ${many} ${which} are there?`, `Count the ${many} ${which}.`, `Give the number of ${many} ${which}.`, `There are how many ${many} ${which}?`]
    case 'list':
      return [`List the ${many} ${which}.`, `Which are the ${many} ${which}?`, `Name all ${many} ${which}.`, `Give the names of ${many} ${which}.`]
    case 'fold': {
      const word = plan.by === 'SUM' ? pick(['total', 'summed'], random) : plan.by === 'AVG' ? pick(['average', 'mean'], random) : plan.by === 'MAX' ? pick(['highest', 'greatest'], random) : pick(['lowest', 'smallest'], random)
      return [`What is the ${word} ${says} of ${many} ${which}?`, `Give the ${word} ${says} of ${many} ${which}.`, `For ${many} ${which}, what is the ${word} ${says}?`, `Take the ${many} ${which}: what is their ${word} ${says}?`]
    }
    case 'extreme': {
      const word = plan.order === 'DESC' ? pick(['highest', 'greatest'], random) : pick(['lowest', 'smallest'], random)
      if (plan.most > 1) return [`Of the ${many} ${which}, which ${plan.most} have the ${word} ${says}, in order?`, `In order, the ${plan.most} ${many} ${which} of ${word} ${says}.`]
      return [`Which ${one} ${which} has the ${word} ${says}?`, `Of the ${many} ${which}, which has the ${word} ${says}?`, `Among ${many} ${which}, who or what has the ${word} ${says}?`]
    }
    case 'events':
      return named(plan.by === 'COUNT' ? link.count : link.sum, plan.name)
    case 'across':
      return named(link.across, plan.name)
    case 'busiest':
      return narrowed(link.most, one, which)
    case 'idle':
      return narrowed(link.none, many, which)
  }
}

/** Of some of the things only; forms that do not name them cannot say it. */
const narrowed = (forms: readonly string[], noun: string, which: string): string[] =>
  forms.filter((form) => form.includes(noun)).map((form) => form.replace(noun, `${noun} ${which}`))

/** No stretch without a value is longer than may be. */
const isTight = (form: string): boolean =>
  form.split(MARK).every((part, at) => at % 2 === 1 || wordsOf(part).length <= MOST_WORDS)
