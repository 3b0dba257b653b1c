// The one error of all format readers: which file, where, what was found, what was expected.

export class FormatError extends Error {
  readonly code = 'malformed-file'
  /** Name of the file, as its byte source gives it. */
  readonly file: string
  /** Byte offset from the start of the file. */
  readonly offset: number

  constructor(problem: { file: string; offset: number; found: string; expected: string }) {
    super(`${problem.file}: at byte ${problem.offset}: found ${problem.found}; expected ${problem.expected}`)
    this.name = 'FormatError'
    this.file = problem.file
    this.offset = problem.offset
  }
}
