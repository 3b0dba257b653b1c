// Turns that say nothing: no text beside thinking, and no call. A model that spends its limit of tokens on thinking writes no other.
import type { Turn } from '../../shared/records/trajectory.ts'
import type { Episode } from './episode.ts'

export const isBlank = ({ text, reasoning, calls }: Pick<Turn, 'text' | 'reasoning' | 'calls'>): boolean =>
  calls.length === 0 && text.slice(reasoning?.end ?? 0).trim() === ''

/** Whether the agent's last `times` turns were such. */
export function onlyBlanks({ turns }: Pick<Episode, 'turns'>, times: number): boolean {
  const last = turns.filter(({ role }) => role === 'agent').slice(-times)
  return last.length === times && last.every(isBlank)
}
