// What an agent can know of a room: the question, and what the observations said. Nothing else is remembered, nothing is guessed.
import { kindOf, type Treatment } from './lexicon.ts'
import type { Goal, Room } from './room.ts'

/** What the question says. */
export type Known = {
  readonly room: string
  readonly places: readonly { readonly name: string; readonly kind: string; readonly does: Treatment | 'light' | null }[]
  readonly goal: Pick<Goal, 'kind' | 'thing' | 'plural' | 'count' | 'treatment'> & { readonly target: { readonly name: string; readonly at: 'on' | 'in' } }
}

export type Belief = {
  readonly at: string | null
  readonly hand: string | null
  /** As last seen; absent: it has not been seen whether it can be closed. */
  readonly shut: Readonly<Record<string, boolean>>
  readonly lit: readonly string[]
  /** What lies where; absent: not seen yet. */
  readonly contents: Readonly<Record<string, readonly string[]>>
  readonly done: Readonly<Record<string, readonly Treatment[]>>
}

export const knownOf = ({ kind, places, goal: { kind: goalKind, thing, plural, count, treatment, target } }: Room): Known => ({
  room: kind,
  places: places.map(({ name, kind: placeKind, does }) => ({ name, kind: placeKind, does })),
  goal: { kind: goalKind, thing, plural, count, treatment, target: { name: target.name, at: target.at } },
})

export const NOTHING_SEEN: Belief = { at: null, hand: null, shut: {}, lit: [], contents: {}, done: {} }

const NAME = String.raw`([a-z]+ \d+)`

type Rule = { readonly says: RegExp; readonly learn: (belief: Belief, names: readonly string[]) => Belief }

const without = (names: readonly string[] | undefined, name: string): string[] => (names ?? []).filter((other) => other !== name)

/** Of a place whose contents have never been seen, one thing more or less tells nothing. */
const changed = ({ contents }: Belief, place: string, change: (names: readonly string[]) => string[]): Belief['contents'] =>
  contents[place] ? { ...contents, [place]: change(contents[place]) } : contents

/** The facts that an observation can state. */
const RULES: readonly Rule[] = [
  {
    says: new RegExp(`^(?:On|In) ${NAME}: (.+)\\.$`),
    learn: (belief, [place = '', names = '']) => ({
      ...belief,
      at: place,
      contents: { ...belief.contents, [place]: names === 'nothing' ? [] : names.split(', ') },
    }),
  },
  { says: new RegExp(`^${NAME} is closed(?: already)?\\.$`), learn: (belief, [place = '']) => ({ ...belief, at: place, shut: { ...belief.shut, [place]: true } }) },
  { says: new RegExp(`^${NAME} is open(?: already)?\\.$`), learn: (belief, [place = '']) => ({ ...belief, at: place, shut: { ...belief.shut, [place]: false } }) },
  {
    says: new RegExp(`^You take ${NAME} from ${NAME}\\.$`),
    learn: (belief, [thing = '', place = '']) => ({ ...belief, hand: thing, contents: changed(belief, place, (names) => without(names, thing)) }),
  },
  {
    says: new RegExp(`^You put ${NAME} (?:on|in) ${NAME}\\.$`),
    learn: (belief, [thing = '', place = '']) => ({ ...belief, hand: null, contents: changed(belief, place, (names) => [...names, thing]) }),
  },
  {
    says: new RegExp(`^You (clean|heat|cool) ${NAME} at ${NAME}\\.$`),
    learn: (belief, [how = '', thing = '']) => {
      const undone = how === 'heat' ? 'cool' : how === 'cool' ? 'heat' : null
      const before = (belief.done[thing] ?? []).filter((other) => other !== how && other !== undone)
      return { ...belief, done: { ...belief.done, [thing]: [...before, how as Treatment] } }
    },
  },
  { says: new RegExp(`^${NAME} is lit\\.$`), learn: (belief, [place = '']) => ({ ...belief, at: place, lit: [...without(belief.lit, place), place] }) },
  { says: new RegExp(`^${NAME} is unlit\\.$`), learn: (belief, [place = '']) => ({ ...belief, at: place, lit: without(belief.lit, place) }) },
  { says: new RegExp(`^You hold (?:nothing|${NAME})\\.$`), learn: (belief, [thing]) => ({ ...belief, hand: thing ?? null }) },
]

/** After one more observation; sentences that state no fact change nothing. */
export function learn(belief: Belief, observation: string): Belief {
  let next = belief
  for (const sentence of observation.trim().split(/(?<=\.)\s+/)) {
    for (const { says, learn: apply } of RULES) {
      const found = says.exec(sentence)
      if (found) next = apply(next, found.slice(1))
    }
  }
  return next
}

/** The thing is as the goal wants it. */
export const isReady = ({ goal }: Known, { done }: Belief, thing: string): boolean =>
  kindOf(thing) === goal.thing && (goal.treatment === null || (done[thing] ?? []).includes(goal.treatment))

/** Things that are wanted, seen, and not yet where they are to be, each with its place. */
export function seenWanted(known: Known, belief: Belief): { readonly thing: string; readonly place: string }[] {
  const { goal } = known
  return Object.entries(belief.contents).flatMap(([place, names]) =>
    names
      .filter((thing) => kindOf(thing) === goal.thing && !(place === goal.target.name && isReady(known, belief, thing)))
      .map((thing) => ({ thing, place })),
  )
}
