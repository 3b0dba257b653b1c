// The one error of all format readers: which file, where, what was found, what was expected.
import { RetortError } from '../../shared/errors.ts'

/** A name from a file for a message: quoted, escaped, shortened when it is longer than any real one. */
export const quoted = (name: string): string =>
  JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}... (${name.length} characters)` : name)

export class FormatError extends RetortError {
  override readonly name = 'FormatError'
  /** Name of the file, as its byte source gives it. */
  readonly file: string
  /** Byte offset from the start of the file. */
  readonly offset: number

  constructor(problem: { file: string; offset: number; found: string; expected: string }) {
    const { file, offset, found, expected } = problem
    const message = `${file}: at byte ${offset}: found ${found}; expected ${expected}`
    super({ code: 'malformed-file', message, where: file, found, expected })
    this.file = problem.file
    this.offset = problem.offset
  }
}
