// The expert's thoughts: what is wanted, which tables and columns hold it, how the query gets it.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import type { Names } from './database.ts'
import { otherSide, type Plan } from './plan.ts'
import { narrowing, unmarked } from './question.ts'
import type { Schema } from './schemas.ts'

type Form = (...parts: readonly string[]) => string
const say = (forms: readonly Form[], random: Random, ...parts: readonly string[]): string => pick(forms, random)(...parts)

const GOALS: readonly Form[] = [
  (goal) => `I need ${goal}.`,
  (goal) => `The question asks for ${goal}.`,
  (goal) => `Wanted: ${goal}.`,
  (goal) => `I am to find ${goal}.`,
  (goal) => `Goal: ${goal}.`,
]
const LOOK: readonly Form[] = [
  () => 'First I look at the tables.',
  () => 'I have to see the schema.',
  () => 'Which tables are there?',
  () => 'I start with the schema.',
  () => 'Let me see what the tables are called.',
]
const HOLDS: readonly Form[] = [(table, things) => `The ${things} are in ${table}.`, (table, things) => `${table} holds the ${things}.`, (table) => `The table is ${table}.`, (table, things) => `For ${things} there is the table ${table}.`]
const LINKS: readonly Form[] = [(events, key, table) => `${events} points to ${table} by ${key}.`, (events, key, table) => `${key} in ${events} is the id of ${table}.`, (events, key, table) => `${table} and ${events} meet in ${key}.`]
const MUST: readonly Form[] = [(column, value) => `${column} must be ${value}.`, (column, value) => `I want ${column} ${value}.`, (column, value) => `The condition: ${column} ${value}.`]
const ENDS: readonly Form[] = [
  (answer) => `The result is ${answer}.`,
  (answer) => `So the answer is ${answer}.`,
  (answer) => `That gives ${answer}.`,
  (answer) => `The database says ${answer}.`,
  (answer) => `This answers it: ${answer}.`,
]

export const restated = (plan: Plan, schema: Schema, random: Random): string => say(GOALS, random, goalOf(plan, schema, random))
export const looking = (random: Random): string => say(LOOK, random)

function goalOf(plan: Plan, schema: Schema, random: Random): string {
  const entity = schema[plan.of]
  const [many, one] = entity.names[0]!
  const { says } = entity.number
  const events = schema.event.names[0]!
  const which = unmarked(narrowing(plan, entity, random))
  switch (plan.kind) {
    case 'count':
      return `the number of ${many} ${which}`
    case 'list':
      return `the ${many} ${which}`
    case 'fold':
      return `the ${{ SUM: 'total', AVG: 'average', MAX: 'highest', MIN: 'lowest' }[plan.by]} ${says} of the ${many} ${which}`
    case 'extreme':
      return `the ${plan.most === 1 ? one : `${plan.most} ${many}`} ${which} with the ${plan.order === 'DESC' ? 'highest' : 'lowest'} ${says}`
    case 'events':
      return plan.by === 'COUNT' ? `the number of ${events} of ${plan.name}` : `the total ${schema.event.number.says} of ${plan.name}`
    case 'busiest':
      return `the ${one} ${which} with the most ${events}`
    case 'idle':
      return `the ${many} ${which} without ${events}`
    case 'across':
      return `the ${schema[otherSide(plan.of)].names[0]![0]} of ${plan.name}`
  }
}

/** Before the query. */
export function asking(plan: Plan, { schema, names, restate }: { schema: Schema; names: Names; restate: boolean }, random: Random): string {
  const { table, text, number, label } = names[plan.of]
  const many = schema[plan.of].names[0]![0]
  const needsEvents = plan.kind === 'events' || plan.kind === 'busiest' || plan.kind === 'idle' || plan.kind === 'across'
  const conditions = 'filters' in plan ? plan.filters.map((filter) => (filter.on === 'text' ? [text, filter.value] : [number, `${filter.sign === '>' ? 'above' : 'below'} ${filter.value}`])) : [[label, plan.name]]
  const tables = [say(HOLDS, random, table, many), ...(needsEvents ? [say(LINKS, random, names.event.table, names.event[plan.of], table)] : [])]
  const musts = conditions.map(([column, value]) => say(MUST, random, column!, value!))
  return [...(restate ? [...tables, ...musts] : []), pick(work(plan, names), random)].join(' ')
}

/** What the query does. */
function work(plan: Plan, names: Names): readonly string[] {
  const { table, number } = names[plan.of]
  const { table: events, number: eventNumber } = names.event
  switch (plan.kind) {
    case 'count':
      return [`I count the rows.`, `Counting the rows of ${table} gives it.`, `COUNT does that.`]
    case 'list':
      return [`I list the names.`, `I take the names of those rows.`, `A plain query will do.`]
    case 'fold':
      return { SUM: [`I add up ${number}.`, `The sum of ${number} gives it.`], AVG: [`I average ${number}.`, `AVG over ${number} gives it.`], MAX: [`I take the largest ${number}.`, `MAX of ${number} gives it.`], MIN: [`I take the smallest ${number}.`, `MIN of ${number} gives it.`] }[plan.by]
    case 'extreme':
      return plan.order === 'DESC' ? [`The largest ${number} first.`, `I sort by ${number}, downwards.`, `What counts is the greatest ${number}.`] : [`The smallest ${number} first.`, `I sort by ${number}, upwards.`, `What counts is the least ${number}.`]
    case 'events':
      return plan.by === 'COUNT' ? [`I count its rows in ${events}.`, `Then I count in ${events}.`] : [`I add up ${eventNumber} in ${events}.`, `The sum of ${eventNumber} in ${events} gives it.`]
    case 'busiest':
      return [`I count ${events} for each and take the largest count.`, `Whoever has most rows in ${events} comes first.`]
    case 'idle':
      return [`I want those whose id is not in ${events}.`, `What never occurs in ${events} is left.`]
    case 'across':
      return [`From ${events} I get to ${names[otherSide(plan.of)].table}.`, `The rows in ${events} lead to ${names[otherSide(plan.of)].table}.`]
  }
}

const IDS: readonly Form[] = [(name, table) => `First the id of ${name} in ${table}.`, (name) => `I begin with the id of ${name}.`, (name, table) => `${table} gives me the id of ${name}.`]
export const seekingId = (name: string, table: string, random: Random): string => say(IDS, random, name, table)
const KNOWN: readonly Form[] = [(name, id) => `The id of ${name} is ${id}.`, (name, id) => `${name} has the id ${id}.`]
export const knownId = (name: string, id: string, random: Random): string => say(KNOWN, random, name, id)
export const ends = (answer: string, random: Random): string => say(ENDS, random, answer)
