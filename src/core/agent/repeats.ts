// Steps that change nothing: the same call, and the same seen after it. A student that takes the likeliest token never leaves them.
import { type AgentLimits, USUAL_REPEATS } from '../../shared/records/episode.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import type { Episode } from './episode.ts'

/** The limit as a part of others; `wanted` 0: none. */
export const repeatsLimit = (wanted: number | undefined): Pick<AgentLimits, 'repeats'> => (wanted === 0 ? {} : { repeats: wanted ?? USUAL_REPEATS })

/** Whether each of the last `times` steps called the same and saw the same, whatever was thought or said; those without a call all call the same. */
export function onlyRepeats({ turns, spans }: Pick<Episode, 'turns' | 'spans'>, times: number): boolean {
  let seen: string[] = []
  let last: string | null = null
  let alike = 0
  for (let at = turns.length - 1; at >= 0 && alike < times; at--) {
    const turn = turns[at]!
    if (turn.role === 'environment') {
      seen.unshift(turn.text)
      continue
    }
    if (turn.role !== 'agent' || seen.length === 0) return false
    const step = JSON.stringify([called(turn, spans[at]!), seen])
    if (last !== null && step !== last) return false
    last = step
    alike += 1
    seen = []
  }
  return alike >= times
}

const called = ({ text }: Turn, spans: Episode['spans'][number]): string[] => spans.filter(({ kind }) => kind === 'act').map(({ start, end }) => text.slice(start, end))
