// Names with commas between, as options of commands take them.
import type { OptionRow } from './command.ts'
import { usageError } from './parse.ts'

/** In their order, each once. */
export const namesOf = (text: string): string[] => [...new Set(text.split(',').map((name) => name.trim()).filter((name) => name !== ''))]

/** The row of every command that works at a suite's tasks. */
export const FAMILIES = { kind: 'text', value: 'NAMES', help: 'only tasks of these families, with commas between (default: all)' } as const satisfies OptionRow

/** What `--families` says; without it all are meant. Throws the usage error for one that names none. */
export function familiesOf(text: string | undefined, command: string): { families?: string[] } {
  if (text === undefined) return {}
  const families = namesOf(text)
  if (families.length > 0) return { families }
  throw usageError({ message: 'no family is named', where: `retort ${command} --families`, found: JSON.stringify(text), expected: 'names with commas between, or all without the option' })
}
