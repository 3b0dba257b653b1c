// A question that a person answers with y or n, on the terminal; nobody there is no yes.
import { createInterface } from 'node:readline/promises'
import { usageError } from './parse.ts'

/**
 * Asks on stderr and reads stdin; anything but y or yes is a no. Throws a usage error where there is no terminal to ask at:
 * `otherwise` says what to do then. Rejects when the signal aborts.
 */
export async function confirm(options: { question: string; otherwise: string; signal: AbortSignal }): Promise<boolean> {
  const { question, otherwise, signal } = options
  if (!process.stdin.isTTY) throw usageError({ message: 'there is nobody to ask', where: question, found: 'no terminal on stdin', expected: otherwise })
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^\s*y(?:es)?\s*$/i.test(await lines.question(`${question} [y/N] `, { signal }))
  } finally {
    lines.close()
  }
}
