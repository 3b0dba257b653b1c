// What observations show: the tables and columns of a schema, and the rows of a result.
import type { PastStep } from '../suite.ts'
import type { EntityNames, Names } from './database.ts'
import type { Entity, Schema } from './schemas.ts'

const TABLE = /CREATE TABLE (\w+) \((.*)\)$/gm

/** How the tables and columns are called, by what has been observed; null while the schema has not been seen. */
export function namesIn(steps: readonly PastStep[], { a, b, event }: Schema): Names | null {
  const tables = new Map<string, ReadonlySet<string>>()
  for (const text of steps.flatMap(({ observations }) => observations)) {
    for (const [, table, columns] of text.matchAll(TABLE)) tables.set(table!, new Set(columns!.split(', ').map((column) => column.split(' ')[0]!)))
  }
  const [first, second] = [entityNames(a, tables), entityNames(b, tables)]
  const table = event.names.find((name) => tables.has(name))
  if (!first || !second || table === undefined) return null
  const columns = tables.get(table)!
  const number = event.number.names.find((name) => columns.has(name))
  return number === undefined ? null : { a: first.names, b: second.names, event: { table, number, a: first.key, b: second.key } }
}

function entityNames({ names, label, text, number }: Entity, tables: ReadonlyMap<string, ReadonlySet<string>>): { names: EntityNames; key: string } | null {
  const [table, one] = names.find(([many]) => tables.has(many)) ?? []
  if (table === undefined) return null
  const columns = tables.get(table)!
  const called = (among: readonly string[]): string => among.find((name) => columns.has(name)) ?? among[0]!
  return { names: { table, label: called(label.names), text: called(text.names), number: called(number.names) }, key: `${one}_id` }
}

/** First cells of the rows that answered this very query; null while it has not been answered with rows. */
export function resultOf(steps: readonly PastStep[], query: string): string[] | null {
  for (const { calls, observations } of steps) {
    const at = calls.findIndex(({ argument }) => argument.includes(query))
    const [header, ...rows] = observations[at]?.split('\n') ?? []
    if (at >= 0 && header !== undefined && rows.length > 0) return rows.map((row) => row.split(' | ')[0]!)
  }
  return null
}

export const asked = ({ calls }: PastStep, query: string): boolean => calls.some(({ argument }) => argument.includes(query))
