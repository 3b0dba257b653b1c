// A task's database: names of tables and columns, rows, and the script that makes it.
import type { TaskSplit } from '../../../shared/records/suite.ts'
import { type Random, shuffled } from '../../random.ts'
import { integer, pick } from '../seeds.ts'
import { type Entity, PEOPLE, type Pool, type Schema } from './schemas.ts'

export type Side = 'a' | 'b'
export const SIDES: readonly Side[] = ['a', 'b']

/** How a task's tables and columns are called. */
export type EntityNames = { readonly table: string; readonly label: string; readonly text: string; readonly number: string }
export type Names = {
  readonly a: EntityNames
  readonly b: EntityNames
  /** `a`, `b`: the columns that point to the things. */
  readonly event: { readonly table: string; readonly number: string; readonly a: string; readonly b: string }
}

export type Row = { readonly id: number; readonly label: string; readonly text: string; readonly number: number }
export type EventRow = { readonly id: number; readonly a: number; readonly b: number; readonly number: number }
export type Database = { readonly names: Names; readonly a: readonly Row[]; readonly b: readonly Row[]; readonly events: readonly EventRow[] }

/** Rows of the tables of things, and of what happens between them. */
const THINGS = [10, 22] as const
const EVENTS = [25, 70] as const

/** The part of a pool that is training's own, or the rest. */
const partOf = (pool: Pool, split: TaskSplit): string[] => pool.filter((_, at) => (at % 2 === 0) === (split === 'train'))

/** Whose database it is: a name of the split's own. */
export const ownerOf = (split: TaskSplit, random: Random): string => PEOPLE.map((pool) => pick(partOf(pool, split), random)).join(' ')

export function drawDatabase(schema: Schema, split: TaskSplit, random: Random): Database {
  const [a, b] = [drawNames(schema.a, random), drawNames(schema.b, random)]
  const event = { table: pick(schema.event.names, random), number: pick(schema.event.number.names, random), a: `${a.one}_id`, b: `${b.one}_id` }
  const things = { a: drawRows(schema.a, split, random), b: drawRows(schema.b, split, random) }
  // One thing of each table is left out, and some are met more often than others.
  const drawn = (rows: readonly Row[]): number => rows[Math.floor(random.next() ** 1.5 * (rows.length - 1))]!.id
  const [least, most] = schema.event.number.range
  const events = Array.from({ length: integer(...EVENTS, random) }, (_, at) => ({ id: at + 1, a: drawn(things.a), b: drawn(things.b), number: integer(least, most, random) }))
  return { names: { a: a.names, b: b.names, event }, ...things, events }
}

function drawNames({ names, label, text, number }: Entity, random: Random): { readonly names: EntityNames; readonly one: string } {
  const [table, one] = pick(names, random)
  return { names: { table, label: pick(label.names, random), text: pick(text.names, random), number: pick(number.names, random) }, one }
}

function drawRows({ label, text, number }: Entity, split: TaskSplit, random: Random): Row[] {
  const [firsts, seconds] = label.pools.map((pool) => partOf(pool, split)) as [string[], string[]]
  const labels = shuffled(firsts.flatMap((first) => seconds.map((second) => `${first} ${second}`)), random)
  const values = shuffled(partOf(text.pool, split), random).slice(0, 4)
  return Array.from({ length: integer(...THINGS, random) }, (_, at) => ({ id: at + 1, label: labels[at]!, text: pick(values, random), number: integer(...number.range, random) }))
}

/** SQL that makes the database. */
export function scriptOf({ names, a, b, events }: Database): string {
  const quoted = (text: string): string => `'${text}'`
  const entity = ({ table, label, text, number }: EntityNames, rows: readonly Row[]): string[] => [
    `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, ${label} TEXT, ${text} TEXT, ${number} INTEGER);`,
    `INSERT INTO ${table} VALUES ${rows.map((row) => `(${row.id}, ${quoted(row.label)}, ${quoted(row.text)}, ${row.number})`).join(', ')};`,
  ]
  const { event } = names
  return [
    ...entity(names.a, a),
    ...entity(names.b, b),
    `CREATE TABLE ${event.table} (id INTEGER PRIMARY KEY, ${event.a} INTEGER REFERENCES ${names.a.table}(id), ${event.b} INTEGER REFERENCES ${names.b.table}(id), ${event.number} INTEGER);`,
    `INSERT INTO ${event.table} VALUES ${events.map((row) => `(${row.id}, ${row.a}, ${row.b}, ${row.number})`).join(', ')};`,
  ].join('\n')
}
