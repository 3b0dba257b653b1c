// Steps that change nothing: the same call, and the same seen after it. A student that takes the likeliest token never leaves them.
import type { Turn } from '../../shared/records/trajectory.ts'
import type { Episode } from './episode.ts'

/** Whether each of the last `times` steps called the same and saw the same, whatever was thought; turns without a call are alike where all they say is. */
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

function called({ text }: Turn, spans: Episode['spans'][number]): string[] {
  const acts = spans.filter(({ kind }) => kind === 'act').map(({ start, end }) => text.slice(start, end))
  return acts.length > 0 ? acts : [text]
}
