// Slips that the expert makes on purpose, one an episode, to show how they are mended.
import { isReady } from './belief.ts'
import { kindOf } from './lexicon.ts'
import type { Move, Situation } from './policy.ts'

/** `fired`: how many slips the episode has had. Gives the wrong move, null where the slip does not fit. */
type Slip = (situation: Situation, right: Move, fired: number) => Move | null

export const SLIPS = {
  /** Brings the thing to where it belongs, and puts it there, before it was cleaned, heated or cooled. */
  early({ known, belief }, right, fired) {
    const target = known.goal.target.name
    if (right.why !== 'to-device' || fired > 1) return null
    if (belief.at === target) return belief.shut[target] ? null : { tool: 'put', name: belief.hand!, why: 'put' }
    return fired === 0 ? { tool: 'go', name: target, why: 'to-target' } : null
  },
  /** Acts where it stands instead of going there first. */
  hasty({ known, belief }, right, fired) {
    if (fired > 0) return null
    if (right.why === 'to-light') return { tool: 'use', name: right.name, why: 'use' }
    if (right.why === 'to-device') return { tool: known.goal.treatment!, name: belief.hand!, why: 'treat' }
    return right.why === 'to-target' ? { tool: 'put', name: belief.hand!, why: 'put' } : null
  },
  /** Closes a place before it has taken out what it needs. */
  shut({ belief }, right, fired) {
    return fired === 0 && right.why === 'take' && belief.shut[belief.at!] === false ? { tool: 'close', name: belief.at!, why: 'close' } : null
  },
  /** Forgets that a place is closed. */
  closed({ belief }, right, fired) {
    if (fired > 0) return null
    if (right.why === 'open-to-put') return { tool: 'put', name: belief.hand!, why: 'put' }
    return null
  },
  /** Takes what lies beside the thing that is wanted. */
  grab({ known, belief }, right, fired) {
    const beside = right.why === 'take' ? belief.contents[belief.at!]!.find((thing) => kindOf(thing) !== known.goal.thing) : undefined
    return fired === 0 && beside !== undefined ? { tool: 'take', name: beside, why: 'grab' } : null
  },
  /** Looks again where it has looked before. */
  again({ belief, order }, right, fired) {
    const before = right.why === 'search' ? order.find((name) => name !== belief.at && belief.contents[name]) : undefined
    return fired === 0 && before !== undefined ? { tool: 'go', name: before, why: 'search' } : null
  },
} satisfies Readonly<Record<string, Slip>>

export type SlipName = keyof typeof SLIPS

/** The last chance of an episode whose own slip did not come about. */
export const isLastCarry = ({ known, belief }: Situation, { why }: Move): boolean =>
  why === 'to-light' || (why === 'to-target' && isReady(known, belief, belief.hand!))
