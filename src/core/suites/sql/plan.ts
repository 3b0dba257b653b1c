// What a question asks of a database, and the answer worked out from the rows themselves.
import type { Database, Row, Side } from './database.ts'

export type Filter = { readonly on: 'text'; readonly value: string } | { readonly on: 'number'; readonly sign: '>' | '<'; readonly value: number }

export type Plan =
  | { readonly kind: 'count'; readonly of: Side; readonly filters: readonly Filter[] }
  | { readonly kind: 'fold'; readonly of: Side; readonly filters: readonly Filter[]; readonly by: 'SUM' | 'AVG' | 'MAX' | 'MIN' }
  | { readonly kind: 'list'; readonly of: Side; readonly filters: readonly Filter[] }
  | { readonly kind: 'extreme'; readonly of: Side; readonly filters: readonly Filter[]; readonly order: 'DESC' | 'ASC'; readonly most: number }
  /** What happened to the thing of that name: how often, or its numbers added. */
  | { readonly kind: 'events'; readonly of: Side; readonly name: string; readonly by: 'COUNT' | 'SUM' }
  /** With which the most happened, and with which nothing. */
  | { readonly kind: 'busiest' | 'idle'; readonly of: Side; readonly filters: readonly Filter[] }
  /** Things of the other side that had to do with the one of that name. */
  | { readonly kind: 'across'; readonly of: Side; readonly name: string }
export type PlanKind = Plan['kind']

/** `ordered`: the order of the values counts. */
export type Answer = { readonly values: readonly string[]; readonly ordered: boolean }

export const otherSide = (side: Side): Side => (side === 'a' ? 'b' : 'a')

const matches = (row: Row, filter: Filter): boolean =>
  filter.on === 'text' ? row.text === filter.value : filter.sign === '>' ? row.number > filter.value : row.number < filter.value

/** null: the answer would be ambiguous, empty, long, or a fraction that does not end soon. */
export function answerOf(plan: Plan, database: Database): Answer | null {
  const rows = database[plan.of]
  const one = (value: string | number): Answer => ({ values: [String(value)], ordered: false })
  const some = (labels: readonly string[]): Answer | null => (labels.length === 0 || labels.length > MOST_NAMES ? null : { values: [...new Set(labels)], ordered: false })
  const filtered = 'filters' in plan ? rows.filter((row) => plan.filters.every((filter) => matches(row, filter))) : rows
  const times = (row: Row): number => database.events.filter((event) => event[plan.of] === row.id).length
  switch (plan.kind) {
    case 'count':
      return filtered.length === 0 ? null : one(filtered.length)
    case 'fold': {
      if (filtered.length < 2) return null
      const numbers = filtered.map(({ number }) => number)
      const value = FOLDS[plan.by](numbers)
      return Number.isInteger(Math.round(value * 1e6) / 1e4) ? one(value) : null
    }
    case 'list':
      return some(filtered.map(({ label }) => label))
    case 'extreme': {
      const sorted = [...filtered].sort((left, right) => (plan.order === 'DESC' ? right.number - left.number : left.number - right.number))
      const first = sorted.slice(0, plan.most)
      const isClear = first.every(({ number }, at) => number !== sorted[at + 1]?.number)
      return sorted.length > plan.most && isClear ? { values: first.map(({ label }) => label), ordered: true } : null
    }
    case 'events': {
      const row = rows.find(({ label }) => label === plan.name)!
      const numbers = database.events.filter((event) => event[plan.of] === row.id).map(({ number }) => number)
      return numbers.length === 0 ? null : one(plan.by === 'COUNT' ? numbers.length : FOLDS.SUM(numbers))
    }
    case 'busiest': {
      const [first, second] = filtered.map((row) => ({ label: row.label, count: times(row) })).sort((left, right) => right.count - left.count)
      return !first || !second || first.count === second.count ? null : one(first.label)
    }
    case 'idle':
      return some(filtered.filter((row) => times(row) === 0).map(({ label }) => label))
    case 'across': {
      const row = rows.find(({ label }) => label === plan.name)!
      const met = new Set(database.events.filter((event) => event[plan.of] === row.id).map((event) => event[otherSide(plan.of)]))
      return some(database[otherSide(plan.of)].filter(({ id }) => met.has(id)).map(({ label }) => label))
    }
  }
}

/** In an answer. */
const MOST_NAMES = 6

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const FOLDS: Readonly<Record<'SUM' | 'AVG' | 'MAX' | 'MIN', (numbers: readonly number[]) => number>> = {
  SUM: sum,
  AVG: (numbers) => sum(numbers) / numbers.length,
  MAX: (numbers) => Math.max(...numbers),
  MIN: (numbers) => Math.min(...numbers),
}
