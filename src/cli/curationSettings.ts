// The settings of a curation from the command line: which filters, and `filter.name=value` pairs, checked by the record's schema.
import { z } from 'zod'
import { curationFilterSchema, curationSettingsSchema, type CurationFilterName, type CurationSettings } from '../shared/records/curation.ts'
import { usageError } from './parse.ts'

type Given = { readonly only: string | undefined; readonly without: string | undefined; readonly set: string | undefined }

/** Throws a usage error for filters and settings that are not there, and for values that do not fit. */
export function curationSettings({ only, without, set }: Given): CurationSettings {
  const usual = curationSettingsSchema.parse({})
  const left = new Set(filtersOf('--without', without))
  const order = (only === undefined ? usual.order : filtersOf('--only', only)).filter((name) => !left.has(name))
  const settings: Record<string, unknown> = { ...usual, order }
  for (const pair of (set ?? '').split(',').map((text) => text.trim()).filter((text) => text !== '')) {
    const [, path, value] = /^([^=]+)=([^]*)$/.exec(pair) ?? []
    if (path === undefined || value === undefined) throw refused(pair, 'filter.name=value')
    put(settings, path.trim(), value.trim())
  }
  const parsed = curationSettingsSchema.safeParse(settings)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]!
  const path = issue.path.map(String)
  // A list is typed as one setting.
  const name = path.filter((part) => !/^\d+$/.test(part)).join('.')
  throw usageError({
    message: 'a setting of a filter cannot be this', where: 'retort curate --set', found: `${name}: ${shown(path.reduce<unknown>(memberOf, settings))}`,
    expected: issue.code === 'custom' ? issue.message : `${name}: ${allowed(ruleAt(path))}`,
  })
}

function filtersOf(option: string, list: string | undefined): CurationFilterName[] {
  const names = (list ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '')
  return names.map((name, index) => {
    const found = curationFilterSchema.safeParse(name)
    if (found.success && names.indexOf(name) < index) throw usageError({ message: 'a filter is named twice', where: `retort curate ${option}`, found: name, expected: 'each filter once' })
    if (found.success) return found.data
    throw usageError({ message: 'there is no such filter', where: `retort curate ${option}`, found: name, expected: curationFilterSchema.options.join(', ') })
  })
}

/** In place. Members of shares may be new; all others must be there. */
function put(settings: Record<string, unknown>, path: string, value: string): void {
  const names = path.split('.')
  const [filter, name, ...rest] = names
  const own = settings[filter ?? '']
  const known = typeof own === 'object' && own !== null && !Array.isArray(own) ? (own as Record<string, unknown>) : null
  if (known === null || name === undefined || !(name in known)) {
    const found = known === null ? [...curationFilterSchema.options] : Object.keys(known).map((one) => `${filter}.${one}`)
    throw refused(path, `one of ${found.join(', ')}`)
  }
  // Files have dots in their names.
  const member = rest.join('.')
  if (member === '') settings[filter!] = { ...known, [name]: valueOf(value, known[name]) }
  else settings[filter!] = { ...known, [name]: { ...(known[name] as object), [member]: valueOf(value, 0) } }
}

/** `none` is null; lists are written with + between. */
function valueOf(text: string, before: unknown): unknown {
  if (Array.isArray(before)) return text === '' || text === 'none' ? [] : text.split('+')
  if (text === 'none') return null
  if (text === 'true' || text === 'yes' || text === 'on') return true
  if (text === 'false' || text === 'no' || text === 'off') return false
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

const memberOf = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined)
const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** What JSON Schema says of a setting; only what settings are made of. */
type Rule = {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly anyOf?: readonly Rule[]
  readonly items?: Rule
  readonly properties?: Readonly<Record<string, Rule>>
  readonly additionalProperties?: Rule
}

const ruleAt = (path: readonly string[]): Rule =>
  path.reduce<Rule>((rule, name) => rule.properties?.[name] ?? rule.items ?? rule.additionalProperties ?? {}, z.toJSONSchema(curationSettingsSchema, { io: 'input' }) as Rule)

/** In words, with the range. */
function allowed(rule: Rule): string {
  const { type, minimum, exclusiveMinimum, maximum } = rule
  if (rule.anyOf) return rule.anyOf.map(allowed).join(' or ')
  if (rule.enum) return `one of ${rule.enum.join(', ')}`
  if (type === 'null') return 'none'
  if (type === 'boolean') return 'yes or no'
  if (type === 'object') return 'shares, each by its name behind a dot'
  if (type !== 'number' && type !== 'integer') return 'another value'
  const from = exclusiveMinimum === undefined ? (minimum === undefined ? [] : [`from ${minimum}`]) : [`above ${exclusiveMinimum}`]
  // What a number can hold at all is no range.
  const to = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? [] : [`to ${maximum}`]
  return [type === 'integer' ? 'a whole number' : 'a number', ...from, ...to].join(' ')
}

const refused = (found: string, expected: string): Error => usageError({ message: 'this is no setting of a filter', where: 'retort curate --set', found, expected })
