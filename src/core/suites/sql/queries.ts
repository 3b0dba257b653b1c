// A plan as SQL, in one of several ways.
import type { EntityNames, Names } from './database.ts'
import { type Filter, otherSide, type Plan } from './plan.ts'

/** `nested`: subqueries rather than joins; `lower`: keywords in small letters. */
export type Manner = { readonly nested: boolean; readonly lower: boolean }

/** `id`: of the thing that the plan names, where that is known already. `quote`: around texts. */
export type Writing = { readonly manner: Manner; readonly id?: string; readonly quote?: string }

export const LOOKS: readonly string[] = [
  'SELECT sql FROM sqlite_master',
  "SELECT sql FROM sqlite_master WHERE type = 'table'",
  'SELECT name, sql FROM sqlite_master',
  "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name",
]

/** The id of the thing that the plan names. */
export const idQuery = (name: string, { table, label }: EntityNames, manner: Manner): string => cased(`SELECT id FROM ${table} WHERE ${label} = '${name}'`, manner)

export const queryOf = (plan: Plan, names: Names, writing: Writing): string => cased(written(plan, names, writing), writing.manner)

function written(plan: Plan, names: Names, { manner: { nested }, id, quote = "'" }: Writing): string {
  const { table, label, number } = names[plan.of]
  const { table: events, number: eventNumber } = names.event
  const key = names.event[plan.of]
  const text = (value: string): string => `${quote}${value}${quote}`
  const where = (prefix: string): string => ('filters' in plan ? plan.filters.map((filter) => condition(filter, names[plan.of], { prefix, text })).join(' AND ') : '')
  switch (plan.kind) {
    case 'count':
      return `SELECT COUNT(*) FROM ${table} WHERE ${where('')}`
    case 'list':
      return `SELECT ${label} FROM ${table} WHERE ${where('')}`
    case 'fold':
      return `SELECT ${plan.by}(${number}) FROM ${table} WHERE ${where('')}`
    case 'extreme':
      return nested && plan.most === 1
        ? `SELECT ${label} FROM ${table} WHERE ${where('')} AND ${number} = (SELECT ${plan.order === 'DESC' ? 'MAX' : 'MIN'}(${number}) FROM ${table} WHERE ${where('')})`
        : `SELECT ${label} FROM ${table} WHERE ${where('')} ORDER BY ${number}${plan.order === 'DESC' ? ' DESC' : ''} LIMIT ${plan.most}`
    case 'events': {
      const what = plan.by === 'COUNT' ? 'COUNT(*)' : `SUM(${nested || id !== undefined ? '' : `${events}.`}${eventNumber})`
      if (id !== undefined) return `SELECT ${what} FROM ${events} WHERE ${key} = ${id}`
      return nested
        ? `SELECT ${what} FROM ${events} WHERE ${key} = (SELECT id FROM ${table} WHERE ${label} = ${text(plan.name)})`
        : `SELECT ${what} FROM ${events} JOIN ${table} ON ${table}.id = ${events}.${key} WHERE ${table}.${label} = ${text(plan.name)}`
    }
    case 'busiest':
      return nested
        ? `SELECT ${label} FROM ${table} WHERE ${where('')} ORDER BY (SELECT COUNT(*) FROM ${events} WHERE ${key} = ${table}.id) DESC LIMIT 1`
        : `SELECT ${table}.${label} FROM ${table} JOIN ${events} ON ${events}.${key} = ${table}.id WHERE ${where(`${table}.`)} GROUP BY ${table}.id ORDER BY COUNT(*) DESC LIMIT 1`
    case 'idle':
      return nested
        ? `SELECT ${label} FROM ${table} WHERE ${where('')} AND id NOT IN (SELECT ${key} FROM ${events})`
        : `SELECT ${table}.${label} FROM ${table} LEFT JOIN ${events} ON ${events}.${key} = ${table}.id WHERE ${where(`${table}.`)} AND ${events}.id IS NULL`
    case 'across': {
      const other = names[otherSide(plan.of)]
      const otherKey = names.event[otherSide(plan.of)]
      if (id !== undefined) return `SELECT ${other.label} FROM ${other.table} WHERE id IN (SELECT ${otherKey} FROM ${events} WHERE ${key} = ${id})`
      return nested
        ? `SELECT ${other.label} FROM ${other.table} WHERE id IN (SELECT ${otherKey} FROM ${events} WHERE ${key} = (SELECT id FROM ${table} WHERE ${label} = ${text(plan.name)}))`
        : `SELECT DISTINCT ${other.table}.${other.label} FROM ${events} JOIN ${other.table} ON ${other.table}.id = ${events}.${otherKey} JOIN ${table} ON ${table}.id = ${events}.${key} WHERE ${table}.${label} = ${text(plan.name)}`
    }
  }
}

const condition = (filter: Filter, { text: column, number }: EntityNames, { prefix, text }: { prefix: string; text: (value: string) => string }): string =>
  filter.on === 'text' ? `${prefix}${column} = ${text(filter.value)}` : `${prefix}${number} ${filter.sign} ${filter.value}`

const KEYWORDS = /\b(?:SELECT|FROM|WHERE|AND|JOIN|LEFT|ON|GROUP|ORDER|BY|DESC|LIMIT|COUNT|SUM|AVG|MAX|MIN|NOT|IN|IS|NULL|DISTINCT)\b/g

/** What stands in quotes stays as it is. */
export const cased = (sql: string, { lower }: Manner): string =>
  lower ? sql.split("'").map((part, at) => (at % 2 === 0 ? part.replace(KEYWORDS, (word) => word.toLowerCase()) : part)).join("'") : sql
