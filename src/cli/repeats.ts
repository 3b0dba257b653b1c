// `--repeats`: when an episode that goes in a circle ends, of every command that has episodes worked at.
import { USUAL_REPEATS, wantedRepeatsSchema } from '../shared/records/episode.ts'
import type { OptionRow } from './command.ts'
import { usageError } from './parse.ts'

export const REPEATS = { kind: 'int', value: 'N', help: `an episode ends when it made the same call and saw the same in N steps in a row; 0 is off (default: ${USUAL_REPEATS})`, min: 0, max: 1000 } as const satisfies OptionRow

/** Throws the usage error for 1: every step is like itself. */
export function repeatsOf(given: number | undefined, command: string): number | undefined {
  if (given === undefined || wantedRepeatsSchema.safeParse(given).success) return given
  throw usageError({ message: 'one step repeats nothing', where: `retort ${command} --repeats`, found: String(given), expected: '0 for no limit, or from 2 on' })
}

/** The same as a part of a wish. */
export function wantedRepeats(given: number | undefined, command: string): { repeats?: number } {
  const repeats = repeatsOf(given, command)
  return repeats === undefined ? {} : { repeats }
}
