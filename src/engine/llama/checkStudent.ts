// Looks through a student's file before llama.cpp does, which ends the process on some of what a malformed file can say.
import { FormatError } from '../../core/formats/formatError.ts'
import { implausibleModel, MetadataError, readGguf } from '../../core/formats/gguf/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { openByteSource, systemError } from '../files/index.ts'

/** Throws RetortError `student-not-loaded` for what is no GGUF, or cannot be a whole language model. */
export function checkStudent(path: string): void {
  const problem = problemOf(path)
  if (problem === null) return
  throw new RetortError({
    code: 'student-not-loaded',
    message: 'The student cannot be loaded',
    where: path,
    advice: 'take the file from its source again, or another student',
    ...problem,
  })
}

type Problem = { readonly found: string; readonly expected: string; readonly cause?: unknown }

function problemOf(path: string): Problem | null {
  try {
    const source = openByteSource(path)
    try {
      return implausibleModel(readGguf(source))
    } finally {
      source.close()
    }
  } catch (error) {
    if (!(error instanceof RetortError)) throw systemError(error, path) ?? error
    const { found = error.message, expected = 'a GGUF file of a language model' } = error
    const at = error instanceof FormatError ? ` at byte ${error.offset}` : ''
    const key = error instanceof MetadataError ? `metadata "${error.key}": ` : ''
    return { found: `${key}${found}${at}`, expected, cause: error }
  }
}
