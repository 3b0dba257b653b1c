// Reads a command's arguments by its option table; what does not fit is a usage error that names what was expected.
import { parseArgs } from 'node:util'
import { RetortError } from '../shared/errors.ts'
import type { Command, OptionRow, OptionTable, Values } from './command.ts'
import { togetherProblem } from './together.ts'

/** Options that every command takes. */
export const COMMON_OPTIONS = {
  project: { kind: 'text', value: 'DIR', help: 'project folder (default: $RETORT_PROJECT, else the current folder)' },
  json: { kind: 'flag', help: 'print one JSON document on stdout; progress and notes stay on stderr' },
  quiet: { kind: 'flag', help: 'no progress and no notes on stderr' },
  help: { kind: 'flag', help: 'show this help' },
} as const satisfies OptionTable

export const USAGE = 'usage'

export const usageError = (parts: { message: string; found?: string; expected: string; where?: string }): RetortError =>
  new RetortError({ code: USAGE, ...parts })

export type Parsed = {
  readonly common: Values<typeof COMMON_OPTIONS>
  readonly options: Values<OptionTable>
  readonly args: readonly string[]
}

/** Parses everything after the command's name. Throws a RetortError with code `usage`. */
export function parseCommand(command: Command, argv: readonly string[]): Parsed {
  const table: OptionTable = { ...command.options, ...COMMON_OPTIONS }
  const { given, args } = collect(command, table, argv)
  if (given.has('help')) return { common: { project: undefined, json: false, quiet: false, help: true }, options: {}, args }

  const values = Object.fromEntries(
    Object.entries(table).map(([name, row]) => [name, valueOf(row, `retort ${command.name} --${name}`, given.get(name))]),
  )
  checkPositionals(command, args)
  const problem = command.together && togetherProblem(command.together, [...given.keys()], command.options)
  if (problem) throw usageError({ ...problem, where: `retort ${command.name}` })
  return { common: values as Parsed['common'], options: values, args }
}

function collect(command: Command, table: OptionTable, argv: readonly string[]) {
  const known = Object.entries(table).map(([name, row]) => [name, { type: row.kind === 'flag' ? 'boolean' : 'string' }] as const)
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(known),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<string, string | true | readonly string[]>()
  const args: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind !== 'option') continue
    const where = `retort ${command.name}`
    const row = Object.hasOwn(table, token.name) && token.rawName.startsWith('--') ? table[token.name] : undefined
    if (!row)
      throw usageError({
        message: `unknown option ${token.rawName}`,
        where,
        expected: `one of ${Object.keys(table).map((name) => `--${name}`).join(', ')}`,
      })
    if (given.has(token.name) && row.kind !== 'texts') throw usageError({ message: `${token.rawName} is given twice`, where, expected: 'it once' })
    if (row.kind === 'flag') {
      if (token.value !== undefined)
        throw usageError({ message: `${token.rawName} takes no value`, where, found: token.value, expected: token.rawName })
      given.set(token.name, true)
      continue
    }
    // `--out --json`: the next option is not a value; a negative number is.
    const missing = token.value === undefined || (!token.inlineValue && /^-(?![\d.])./.test(token.value))
    if (missing)
      throw usageError({ message: `${token.rawName} lacks its value`, where, expected: `${token.rawName} ${row.value}` })
    given.set(token.name, row.kind === 'texts' ? [...((given.get(token.name) ?? []) as readonly string[]), token.value ?? ''] : token.value)
  }
  return { given, args }
}

function valueOf(row: OptionRow, where: string, given: string | true | readonly string[] | undefined): string | number | boolean | undefined | readonly string[] {
  if (row.kind === 'flag') return given === true
  if (row.kind === 'texts') return given ?? []
  if (typeof given !== 'string') {
    if (row.required) throw usageError({ message: 'a required option is missing', where, expected: `a ${row.value}: ${row.help}` })
    return row.default
  }
  switch (row.kind) {
    case 'text':
      if (row.choices && !row.choices.includes(given))
        throw usageError({ message: 'unknown value', where, found: given, expected: `one of ${row.choices.join(', ')}` })
      return given
    case 'int':
    case 'number':
      return numberOf(row, where, given)
  }
}

function numberOf(row: Extract<OptionRow, { kind: 'int' | 'number' }>, where: string, given: string): number {
  const value = given.trim() === '' ? NaN : Number(given)
  const [min, max] = [row.min ?? -Infinity, row.max ?? Infinity]
  const right = row.kind === 'int' ? Number.isSafeInteger(value) : Number.isFinite(value)
  if (right && value >= min && value <= max) return value
  const range = [min > -Infinity ? `at least ${min}` : '', max < Infinity ? `at most ${max}` : ''].filter(Boolean).join(', ')
  const expected = `${row.kind === 'int' ? 'a whole number' : 'a number'}${range && `, ${range}`}`
  throw usageError({ message: 'not a usable number', where, found: given, expected })
}

function checkPositionals(command: Command, args: readonly string[]): void {
  const { min, max, names } = command.positionals ?? { min: 0, max: 0, names: '' }
  if (args.length >= min && args.length <= max) return
  throw usageError({
    message: args.length < min ? 'arguments are missing' : 'too many arguments',
    where: `retort ${command.name}`,
    found: args.length === 0 ? 'none' : args.join(' '),
    // Where each has a name, the first that is missing.
    expected: max === 0 ? 'none' : args.length > 0 && args.length < min ? `${names.split(' ')[args.length] ?? names} behind it, as in ${names}` : names,
  })
}
