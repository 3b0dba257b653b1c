// Why a record was not imported: where, what was found, what was expected.
import type { z } from 'zod'

export type Problem = {
  /** Path inside the record (`messages[2].content`); empty for the record itself. */
  where: string
  found: string
  expected: string
}

export type Rejection = {
  /** 0-based index of the record in its file. */
  index: number
  /** Line or element of the file, and path inside the record. */
  where: string
  found: string
  expected: string
  /** One sentence made of the three. */
  reason: string
}

export function rejection(index: number, place: string, problem: Problem): Rejection {
  const separator = place.startsWith('[') ? '.' : ', '
  const where = clipped([place, problem.where].filter((part) => part !== '').join(separator) || 'the record')
  const found = clipped(problem.found)
  const { expected } = problem
  return { index, where, found, expected, reason: `${where}: found ${found}, expected ${expected}` }
}

/** Of what a file brings into a reason: keys, names, roles. */
const PART_LIMIT = 300

const clipped = (text: string): string =>
  text.length <= PART_LIMIT ? text : `${text.slice(0, PART_LIMIT)}... (${text.length} characters)`

/** The problem of a part, as its document has it: `samples[1]` and `messages[0].role` are `samples[1].messages[0].role`. */
export function inside(place: string, problem: Problem): Problem {
  if (place === '' || problem.where === '') return { ...problem, where: place + problem.where }
  return { ...problem, where: `${place}${problem.where.startsWith('[') ? '' : '.'}${problem.where}` }
}

const QUOTE_LIMIT = 60
const KEY_LIMIT = 8

/** At most 60 characters of a text, in JSON quotes, with "..." where more follows. */
export function quote(text: string): string {
  return text.length <= QUOTE_LIMIT ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, QUOTE_LIMIT))}...`
}

/** A JSON value in a few words. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return value === '' ? 'an empty string' : `string ${quote(value)}`
  if (typeof value === 'number') return `number ${value}`
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `array of ${value.length}`
  return `object with ${describeKeys(value)}`
}

/** `keys "a", "b" and 3 more`, or `no keys`. */
export const describeKeys = (value: object): string => describeNames(Object.keys(value), 'key')

/** At most 8 names in quotes, and how many more there are. */
export function describeNames(names: readonly string[], noun: string): string {
  if (names.length === 0) return `no ${noun}s`
  const more = names.length > KEY_LIMIT ? ` and ${names.length - KEY_LIMIT} more` : ''
  return `${noun}${names.length === 1 ? '' : 's'} ${names.slice(0, KEY_LIMIT).map(quote).join(', ')}${more}`
}

/** The first problem that a schema has with a value. Messages of custom checks must say what is expected. */
export function schemaProblem(value: unknown, error: z.ZodError): Problem {
  const { path, expected } = firstComplaint(error.issues[0]!)
  return { where: pathText(path), found: describeValue(valueAt(value, path)), expected }
}

type Complaint = { path: PropertyKey[]; expected: string }

function firstComplaint(issue: z.core.$ZodIssue): Complaint {
  switch (issue.code) {
    case 'invalid_type':
      return { path: issue.path, expected: withArticle(issue.expected) }
    case 'invalid_value':
      return { path: issue.path, expected: issue.values.map((item) => JSON.stringify(item)).join(' or ') }
    case 'too_small':
      return { path: issue.path, expected: `at least ${counted(issue.minimum, issue.origin)}` }
    case 'too_big':
      // Schemas that allow none say why.
      return { path: issue.path, expected: issue.message.startsWith('Too big') ? `at most ${counted(issue.maximum, issue.origin)}` : issue.message }
    case 'unrecognized_keys':
      return { path: issue.path, expected: `no ${describeNames(issue.keys, 'key')}` }
    case 'invalid_union':
      return unionComplaint(issue.path, issue.errors)
    default:
      return { path: issue.path, expected: issue.message }
  }
}

/** Of the branches of a union those that got inside the value, at the first place; where none did, all of them. */
function unionComplaint(path: PropertyKey[], branches: z.core.$ZodIssue[][]): Complaint {
  const complaints = branches.map((issues) => firstComplaint(issues[0]!))
  const place = complaints.find((complaint) => complaint.path.length > 0)?.path ?? []
  const same = complaints.filter((complaint) => complaint.path.join('/') === place.join('/'))
  return { path: [...path, ...place], expected: [...new Set(same.map((complaint) => complaint.expected))].join(' or ') }
}

/** What has a size, by what zod calls it; numbers have none. */
const NOUNS: Readonly<Record<string, string>> = { string: 'character', array: 'element', set: 'element', map: 'element', file: 'byte' }

const counted = (count: number | bigint, origin: string): string => {
  const noun = NOUNS[origin]
  return noun === undefined ? String(count) : `${count} ${noun}${Number(count) === 1 ? '' : 's'}`
}

/** Names of types as JSON has them. */
function withArticle(type: string): string {
  if (type === 'null') return type
  const name = type === 'record' ? 'object' : type
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('').replace(/^\./, '')

const member = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown => path.reduce(member, value)
