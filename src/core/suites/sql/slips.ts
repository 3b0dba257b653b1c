// Slips that a writer of SQL makes and mends: a table guessed, a column misremembered, quotes or a join forgotten.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import type { EntityNames, Names } from './database.ts'
import type { Plan } from './plan.ts'
import { cased, type Manner, queryOf } from './queries.ts'
import type { Schema } from './schemas.ts'

export type Slip = { readonly query: string; readonly thought: string; readonly mended: string }

/** Before the schema is seen. `names`: those of the database; the guess has none of its tables. */
export function guessed(plan: Plan, { schema, names, manner }: { schema: Schema; names: Names; manner: Manner }, random: Random): Slip {
  const entity = (side: 'a' | 'b'): EntityNames & { one: string } => {
    const { names: tables, label, text, number } = schema[side]
    const [table, one] = pick(tables.filter(([many]) => many !== names[side].table), random)
    return { table, one, label: pick(label.names, random), text: pick(text.names, random), number: pick(number.names, random) }
  }
  const [a, b] = [entity('a'), entity('b')]
  const event = { table: pick(schema.event.names.filter((name) => name !== names.event.table), random), number: pick(schema.event.number.names, random), a: `${a.one}_id`, b: `${b.one}_id` }
  return {
    query: queryOf(plan, { a, b, event }, { manner }),
    thought: pick(['I can ask for it at once.', 'I try a query right away.', 'That should be one query.'], random),
    mended: pick(['There is no such table. I have to see the schema first.', 'I guessed the names wrong, so I look at the tables.', 'Before I guess again I look what tables there are.'], random),
  }
}

/** After the schema was seen. null: none of these can be made with this plan. */
export function misremembered(plan: Plan, { schema, names, manner }: { schema: Schema; names: Names; manner: Manner }, random: Random): Slip | null {
  const slips = [wrongColumn(plan, { schema, names, manner }, random), withoutQuotes(plan, { names, manner }, random), withoutJoin(plan, { names, manner }, random)].filter((slip) => slip !== null)
  return slips.length === 0 ? null : pick(slips, random)
}

/** Which columns of its own table a plan needs. */
function columnsOf(plan: Plan): ('label' | 'text' | 'number')[] {
  const filters = 'filters' in plan ? plan.filters.map(({ on }) => on) : []
  return [...filters, ...(plan.kind === 'fold' || plan.kind === 'extreme' ? ['number' as const] : []), ...('name' in plan ? ['label' as const] : [])]
}

function wrongColumn(plan: Plan, { schema, names, manner }: { schema: Schema; names: Names; manner: Manner }, random: Random): Slip {
  const own = names[plan.of]
  const which = pick(columnsOf(plan), random)
  const right = own[which]
  const taken: readonly string[] = [own.label, own.text, own.number, 'id']
  const wrong = pick(schema[plan.of][which].names.filter((name) => !taken.includes(name)), random)
  return {
    query: queryOf(plan, { ...names, [plan.of]: { ...own, [which]: wrong } }, { manner }),
    thought: pick([`I ask ${own.table} by ${wrong}.`, `The column is ${wrong}.`, `${own.table} has it under ${wrong}.`], random),
    mended: pick([`There is no column ${wrong} in ${own.table}, it is called ${right}.`, `The schema says ${right}, not ${wrong}.`, `I took ${wrong} for ${right}. Again with ${right}.`], random),
  }
}

function withoutQuotes(plan: Plan, { names, manner }: { names: Names; manner: Manner }, random: Random): Slip | null {
  const value = 'name' in plan ? plan.name : plan.filters.find(({ on }) => on === 'text')?.value
  if (value === undefined) return null
  return {
    query: queryOf(plan, names, { manner, quote: '' }),
    thought: pick([`I look for ${value} in ${names[plan.of].table}.`, `I need the rows with ${value}.`], random),
    mended: pick([`Text needs quotes: '${value}'.`, `I forgot the quotes around ${value}.`, `SQL takes ${value} for a column. I put it in quotes.`], random),
  }
}

function withoutJoin(plan: Plan, { names, manner }: { names: Names; manner: Manner }, random: Random): Slip | null {
  if (plan.kind !== 'events') return null
  const { table, label } = names[plan.of]
  const { table: events, number } = names.event
  return {
    query: cased(`SELECT ${plan.by === 'COUNT' ? 'COUNT(*)' : `SUM(${number})`} FROM ${events} WHERE ${label} = '${plan.name}'`, manner),
    thought: pick([`I ask ${events} for ${plan.name}.`, `All of it should be in ${events}.`], random),
    mended: pick([`${events} has no names, only ids. The names are in ${table}.`, `${label} belongs to ${table}, so I need both tables.`, `I have to go through ${table} to get from the name to its rows in ${events}.`], random),
  }
}
