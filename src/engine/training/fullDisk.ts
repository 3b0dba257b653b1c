// The error of a run that cannot write for want of room: nothing is lost, and what to do is said.
import { RetortError } from '../../shared/errors.ts'
import { knownError } from '../files/index.ts'

/** null: it is about something else. `goOn`: the command that goes on with the run. */
export function fullDisk(error: unknown, goOn: string): RetortError | null {
  const known = knownError(error)
  if (known?.code !== 'disk-full') return null
  return new RetortError({
    code: known.code,
    message: known.message,
    ...(known.found !== undefined && { found: known.found }),
    ...(known.where !== undefined && { where: known.where }),
    advice: `nothing is damaged: make room, then go on with the run from its newest checkpoint (${goOn})`,
    cause: error,
  })
}
