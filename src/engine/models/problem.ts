// What is wrong with a file that should be a GGUF, in words that name key, byte and expectation.
import { FormatError } from '../../core/formats/formatError.ts'
import { MetadataError } from '../../core/formats/gguf/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { knownError, systemError } from '../files/index.ts'

export type Problem = { readonly found: string; readonly expected: string; readonly cause?: unknown }

/** The error of a reader as a problem. Throws what the system says about the file, and what is no refusal at all. */
export function problemOf(error: unknown, { path, expected: wanted }: { path: string; expected: string }): Problem {
  if (!(error instanceof RetortError)) throw systemError(error, path) ?? error
  return refusalAsProblem(error, wanted)
}

/** Likewise, with what the system says as a problem too. */
export function anyProblemOf(error: unknown, { path, expected }: { path: string; expected: string }): Problem {
  const known = knownError(error, path)
  if (known === null) throw error
  return known === error ? refusalAsProblem(known, expected) : { found: known.message, expected, cause: error }
}

function refusalAsProblem(error: RetortError, wanted: string): Problem {
  const { found = error.message, expected = wanted } = error
  const at = error instanceof FormatError ? ` at byte ${error.offset}` : ''
  const key = error instanceof MetadataError ? `metadata "${error.key}": ` : ''
  return { found: `${key}${found}${at}`, expected, cause: error }
}

/** In one sentence. */
export const problemText = ({ found, expected }: Problem): string => `found ${found}; expected ${expected}`
