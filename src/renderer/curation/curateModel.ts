// Curation as the screen shows it: the filters in their order, the fields of their settings, the funnel as bars.
import type { CurateJob, CurationView } from '../../shared/contract/curating.ts'
import { curationSettingsSchema, secretKindSchema, type CurationFilterName, type CurationSettings, type FunnelRow } from '../../shared/records/curation.ts'

export const DEFAULTS: CurationSettings = curationSettingsSchema.parse({})

/** A rule as number boxes take it; `optional`: it may be left open. */
type NumberField = { readonly type: 'number'; readonly whole: boolean; readonly min: number; readonly max: number; readonly optional?: true }
export type Field = { readonly name: string } & (
  | NumberField
  | { readonly type: 'switch' }
  | { readonly type: 'choice'; readonly choices: readonly string[] }
  | { readonly type: 'set'; readonly choices: readonly string[] }
  | { readonly type: 'shares' }
)

const MOST = 1e9
const whole = (name: string, min: number, max = MOST): Field => ({ name, type: 'number', whole: true, min, max })
const maybe = (name: string, field: { whole?: boolean; min?: number } = {}): Field => ({ name, type: 'number', whole: field.whole ?? true, min: field.min ?? 1, max: MOST, optional: true })
const share = (name: string, min = 0): Field => ({ name, type: 'number', whole: false, min, max: 1 })
const onOff = (name: string): Field => ({ name, type: 'switch' })
const choice = (name: string, choices: readonly string[]): Field => ({ name, type: 'choice', choices })
const kinds = (name: string): Field => ({ name, type: 'set', choices: secretKindSchema.options })

export const FIELDS: Readonly<Record<CurationFilterName, readonly Field[]>> = {
  schema: [onOff('answer')],
  rejects: [onOff('parse'), onOff('limit'), maybe('steps')],
  outcome: [choice('unknown', ['keep', 'reject', 'judge']), maybe('reward', { whole: false, min: -MOST })],
  critic: [choice('mistakes', ['allow', 'recovered', 'reject']), share('unnecessary'), onOff('ask')],
  loops: [whole('window', 1), whole('repeats', 1)],
  length: [maybe('context')],
  duplicates: [share('similarity', 0.5), whole('words', 1, 20)],
  capacity: [whole('keep', 1), choice('per', ['task', 'method']), maybe('most', { whole: false, min: 0.001 })],
  judge: [whole('least', 1, 5), onOff('calibrate')],
  contamination: [whole('words', 4, 50), whole('short', 4, 50), choice('scope', ['own', 'all']), whole('suiteTasks', 0, 10_000)],
  secrets: [kinds('reject'), kinds('flag')],
  mixture: [maybe('perTask'), maybe('most'), { name: 'methods', type: 'shares' }, { name: 'sources', type: 'shares' }, whole('seed', 0)],
}

export const valueOf = (settings: CurationSettings, filter: CurationFilterName, name: string): unknown =>
  (settings[filter] as Readonly<Record<string, unknown>>)[name]

/** With one value replaced; what the schema refuses changes nothing. */
export function withValue(settings: CurationSettings, filter: CurationFilterName, change: { readonly name: string; readonly value: unknown }): CurationSettings {
  const next = curationSettingsSchema.safeParse({ ...settings, [filter]: { ...settings[filter], [change.name]: change.value } })
  return next.success ? next.data : settings
}

export type Listed = { readonly filter: CurationFilterName; readonly on: boolean }

/** Those that run in their order, then those that are off in the usual one. */
export const listOf = ({ order }: CurationSettings): Listed[] => [
  ...order.map((filter) => ({ filter, on: true })),
  ...DEFAULTS.order.filter((filter) => !order.includes(filter)).map((filter) => ({ filter, on: false })),
]

/** On: where the usual order has it, after the last of those before it. */
export function switched(settings: CurationSettings, filter: CurationFilterName, on: boolean): CurationSettings {
  const others = settings.order.filter((one) => one !== filter)
  if (!on) return { ...settings, order: others }
  const before = DEFAULTS.order.slice(0, DEFAULTS.order.indexOf(filter))
  const place = others.findLastIndex((one) => before.includes(one)) + 1
  return { ...settings, order: others.toSpliced(place, 0, filter) }
}

/** One place earlier (-1) or later (1); at the ends nothing moves. */
export function moved(settings: CurationSettings, filter: CurationFilterName, by: -1 | 1): CurationSettings {
  const from = settings.order.indexOf(filter)
  const to = from + by
  if (from < 0 || to < 0 || to >= settings.order.length) return settings
  const order = settings.order.toSpliced(from, 1).toSpliced(to, 0, filter)
  return { ...settings, order }
}

/** `react=0.5 cot=0.5`, also with commas or lines between; null: it cannot be read. */
export function readShares(text: string): Record<string, number> | null {
  const pairs = text.split(/[\s,;]+/).filter((part) => part !== '')
  const shares: Record<string, number> = {}
  for (const pair of pairs) {
    const [, name, written] = /^(.+)=([\d.]+)$/.exec(pair) ?? []
    const value = Number(written)
    if (name === undefined || !(value >= 0 && value <= 1)) return null
    shares[name] = value
  }
  return pairs.length > 0 && Object.values(shares).every((value) => value === 0) ? null : shares
}

export const sharesText = (shares: Readonly<Record<string, number>>): string => Object.entries(shares).map(([name, value]) => `${name}=${value}`).join(' ')

export type Bar = { readonly row: FunnelRow; /** Shares of all that came in at the top. */ readonly kept: number; readonly rejected: number }

/** Each filter's bar, as a share of what the first one was given. */
export function barsOf(rows: readonly FunnelRow[]): Bar[] {
  const all = Math.max(1, rows[0]?.in ?? 0)
  return rows.map((row) => ({ row, kept: row.out / all, rejected: (row.in - row.out) / all }))
}

/** What is shown: of a curation that runs its rows so far, else the newest one's. */
export const rowsShown = (job: CurateJob | null, latest: CurationView | null): readonly FunnelRow[] =>
  job?.state.type === 'running' ? (job.state.progress?.rows ?? []) : (latest?.rows ?? [])

/** What a list shows: of a filter, what it rejected or noted, for a reason or any. */
export type Chosen = { readonly filter: CurationFilterName; readonly list: 'rejected' | 'flagged'; readonly reason: string | null; readonly count: number }
