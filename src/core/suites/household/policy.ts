// What to do next by what is known: the right move in every situation, whoever brought it about.
import { type Belief, isReady, type Known, seenWanted } from './belief.ts'
import { kindOf, type Lexicon } from './lexicon.ts'
import type { ActionName } from './world.ts'

/** Why a move is made: the thought is worded by it. */
export type Why =
  | 'start' | 'search' | 'open-to-see' | 'fetch' | 'open-to-take' | 'take' | 'to-device' | 'treat' | 'to-target' | 'open-to-put' | 'put'
  | 'close' | 'grab' | 'to-light' | 'use' | 'examine' | 'drop' | 'open-to-drop' | 'away' | 'lost'

export type Move = { readonly tool: ActionName; readonly name: string; readonly why: Why }

/** Places in the order in which they are searched: usual ones for the thing that is wanted first, each kind in the order of the question. */
export function searchOrder({ places, goal }: Known, lexicon: Lexicon): string[] {
  const usual = lexicon.things.find(({ name }) => name === goal.thing)?.usual ?? []
  const rank = (kind: string): number => (usual.includes(kind) ? usual.indexOf(kind) : usual.length)
  const skipped = goal.treatment === null ? goal.target.name : null
  return places
    .filter(({ name, does }) => does !== 'light' && name !== skipped)
    .toSorted((a, b) => rank(a.kind) - rank(b.kind))
    .map(({ name }) => name)
}

export type Situation = { readonly known: Known; readonly belief: Belief; readonly order: readonly string[] }

export function rightMove(situation: Situation): Move {
  const { known, belief } = situation
  if (belief.hand === null) return withEmptyHand(situation)
  return kindOf(belief.hand) === known.goal.thing ? withWanted(situation, belief.hand) : rid(situation, belief.hand)
}

/** What is not wanted is put down where the agent is, or at the first place of the order. */
function rid({ known, belief, order }: Situation, thing: string): Move {
  const { at } = belief
  const isLight = known.places.find(({ name }) => name === at)?.does === 'light'
  if (at === null || isLight) return { tool: 'go', name: order[0]!, why: 'away' }
  return belief.shut[at] ? { tool: 'open', name: at, why: 'open-to-drop' } : { tool: 'put', name: thing, why: 'drop' }
}

function withWanted({ known, belief }: Situation, thing: string): Move {
  const { goal, places } = known
  const { at } = belief
  const target = goal.target.name
  if (goal.kind === 'light') {
    if (at !== target) return { tool: 'go', name: target, why: 'to-light' }
    return belief.lit.includes(target) ? { tool: 'examine', name: thing, why: 'examine' } : { tool: 'use', name: target, why: 'use' }
  }
  if (goal.treatment !== null && !isReady(known, belief, thing)) {
    const device = places.find(({ does }) => does === goal.treatment)!.name
    return at === device ? { tool: goal.treatment, name: thing, why: 'treat' } : { tool: 'go', name: device, why: 'to-device' }
  }
  if (at !== target) return { tool: 'go', name: target, why: 'to-target' }
  return belief.shut[target] ? { tool: 'open', name: target, why: 'open-to-put' } : { tool: 'put', name: thing, why: 'put' }
}

function withEmptyHand({ known, belief, order }: Situation): Move {
  const { at } = belief
  const seen = seenWanted(known, belief)
  const wanted = seen.find(({ place }) => place === at) ?? seen[0]
  if (wanted) {
    if (wanted.place !== at) return { tool: 'go', name: wanted.place, why: 'fetch' }
    return belief.shut[at] ? { tool: 'open', name: at, why: 'open-to-take' } : { tool: 'take', name: wanted.thing, why: 'take' }
  }
  const next = order.find((name) => !belief.contents[name])
  if (next === undefined) return { tool: 'look', name: '', why: 'lost' }
  if (next === at && belief.shut[at]) return { tool: 'open', name: at, why: 'open-to-see' }
  return { tool: 'go', name: next, why: at === null && Object.keys(belief.contents).length === 0 ? 'start' : 'search' }
}
