// The rules of the household: what an action does to the state of a room, and what is observed. Pure.
import { kindOf, listed, type Treatment } from './lexicon.ts'
import { atPlace } from './question.ts'
import type { Place, Room } from './room.ts'

/** Never changed in place. */
export type State = {
  /** Where the agent is; null: in the middle of the room. */
  readonly at: string | null
  /** What it holds: one thing at most. */
  readonly hand: string | null
  readonly open: readonly string[]
  readonly lit: readonly string[]
  readonly contents: Readonly<Record<string, readonly string[]>>
  /** What has been done to things; cooling undoes heating and the other way round. */
  readonly done: Readonly<Record<string, readonly Treatment[]>>
}

/** `reached`: the goal. */
export type Happening = { readonly status: 'ok' | 'failed'; readonly text: string; readonly state?: State; readonly reached?: true }

export const startOf = ({ contents }: Room): State => ({ at: null, hand: null, open: [], lit: [], contents, done: {} })

/** How a thing is called that was treated. */
export const TREATED: Readonly<Record<Treatment, string>> = { clean: 'clean', heat: 'hot', cool: 'cold' }

type Action = (room: Room, state: State, named: string) => Happening

const failed = (text: string): Happening => ({ status: 'failed', text })
const ok = (text: string, state: State): Happening => ({ status: 'ok', text, state })

/** `the Cabinet1` -> `cabinet 1`; the only thing of a kind may come without its number. */
function resolve(named: string, names: readonly string[]): string {
  const plain = named.trim().toLowerCase().replace(/^(?:the|a|an) /, '').replace(/\s+/g, ' ').replace(/([a-z])(\d)/, '$1 $2')
  const ofKind = names.filter((name) => kindOf(name) === plain)
  return ofKind.length === 1 ? ofKind[0]! : plain
}

const placeAt = ({ places }: Room, name: string | null): Place | undefined => places.find((place) => place.name === name)
const isShut = (state: State, place: Place): boolean => place.opens && !state.open.includes(place.name)
const heldAt = ({ contents }: State, place: Place): readonly string[] => contents[place.name] ?? []

/** What is to be seen at a place. */
function view(state: State, place: Place): string {
  if (place.does === 'light') return `${place.name} is ${state.lit.includes(place.name) ? 'lit' : 'unlit'}.`
  if (isShut(state, place)) return `${place.name} is closed.`
  return `${place.at === 'on' ? 'On' : 'In'} ${place.name}: ${listed(heldAt(state, place))}.`
}

const hand = ({ hand: held }: State): string => `You hold ${held ?? 'nothing'}.`

/** An action on a place that is named, which is to be where the agent is. */
const here =
  (then: (state: State, place: Place) => Happening): Action =>
  (room, state, named) => {
    const place = placeAt(room, resolve(named, room.places.map(({ name }) => name)))
    if (!place) return failed(`There is no ${named}. Places: ${listed(room.places.map(({ name }) => name))}.`)
    return state.at === place.name ? then(state, place) : failed(`You are not at ${place.name}. Go there first.`)
  }

/** Runs `then` with the thing that is named, if it is in the hand. */
function held(state: State, named: string, then: (thing: string) => Happening): Happening {
  const thing = state.hand
  if (thing === null) return failed('You hold nothing. Take it first.')
  return resolve(named, [thing]) === thing ? then(thing) : failed(`You do not hold ${named}. ${hand(state)}`)
}

function treat(does: Treatment): Action {
  return (room, state, named) =>
    held(state, named, (thing) => {
      const devices = room.places.filter((place) => place.does === does)
      const device = devices.find(({ name }) => name === state.at)
      if (!device) return failed(devices.length === 0 ? `Nothing here can ${does}.` : `You cannot ${does} here. Go to ${devices.map(({ name }) => name).join(' or ')}.`)
      const undone = does === 'heat' ? 'cool' : does === 'cool' ? 'heat' : null
      const before = (state.done[thing] ?? []).filter((other) => other !== does && other !== undone)
      return ok(`You ${does} ${thing} at ${device.name}.`, { ...state, done: { ...state.done, [thing]: [...before, does] } })
    })
}

/** What is said of the goal behind a `put`; null: it has nothing to do with the goal. */
function progress({ goal }: Room, { done, contents }: State, thing: string): { text: string; reached: boolean } | null {
  if (goal.kind === 'light' || kindOf(thing) !== goal.thing) return null
  const { treatment, count, target } = goal
  const isReady = (name: string): boolean => kindOf(name) === goal.thing && (treatment === null || (done[name] ?? []).includes(treatment))
  if (!isReady(thing)) return { text: ` It is not ${TREATED[treatment!]}.`, reached: false }
  const missing = count - contents[target.name]!.filter(isReady).length
  return missing > 0 ? { text: ` ${missing} more ${missing === 1 ? goal.thing : goal.plural} to go.`, reached: false } : { text: ' Goal reached.', reached: true }
}

export const ACTIONS = {
  go: (room, state, named) => {
    const place = placeAt(room, resolve(named, room.places.map(({ name }) => name)))
    if (!place) return failed(`There is no ${named}. Places: ${listed(room.places.map(({ name }) => name))}.`)
    return ok(view(state, place), { ...state, at: place.name })
  },
  open: here((state, place) => {
    if (!place.opens) return failed(`${place.name} cannot be opened. ${view(state, place)}`)
    if (!isShut(state, place)) return failed(`${place.name} is open already. ${view(state, place)}`)
    const next = { ...state, open: [...state.open, place.name] }
    return ok(`${place.name} is open. ${view(next, place)}`, next)
  }),
  close: here((state, place) => {
    if (!place.opens) return failed(`${place.name} cannot be closed.`)
    if (isShut(state, place)) return failed(`${place.name} is closed already.`)
    return ok(`${place.name} is closed.`, { ...state, open: state.open.filter((name) => name !== place.name) })
  }),
  take: (room, state, named) => {
    const place = placeAt(room, state.at)
    if (!place) return failed('You are at no place. Go to one first.')
    if (isShut(state, place)) return failed(`${place.name} is closed. Open it first.`)
    const thing = resolve(named, heldAt(state, place))
    if (state.hand !== null) return failed(`${hand(state)} Put it down first.`)
    if (!heldAt(state, place).includes(thing)) return failed(`There is no ${named} here. ${view(state, place)}`)
    const rest = heldAt(state, place).filter((name) => name !== thing)
    return ok(`You take ${thing} from ${place.name}.`, { ...state, hand: thing, contents: { ...state.contents, [place.name]: rest } })
  },
  put: (room, state, named) =>
    held(state, named, (thing) => {
      const place = placeAt(room, state.at)
      if (!place) return failed('You are at no place. Go to one first.')
      if (place.does === 'light') return failed(`Nothing can be put on ${place.name}.`)
      if (isShut(state, place)) return failed(`${place.name} is closed. Open it first.`)
      const next = { ...state, hand: null, contents: { ...state.contents, [place.name]: [...heldAt(state, place), thing] } }
      const note = place.name === room.goal.target.name ? progress(room, next, thing) : null
      return { ...ok(`You put ${thing} ${atPlace(place)}.${note?.text ?? ''}`, next), ...(note?.reached ? { reached: true } : {}) }
    }),
  clean: treat('clean'),
  heat: treat('heat'),
  cool: treat('cool'),
  use: here((state, place) => {
    if (place.does !== 'light') return failed(`${place.name} gives no light.`)
    return ok(`${place.name} is lit.`, { ...state, lit: [...state.lit.filter((name) => name !== place.name), place.name] })
  }),
  examine: (room, state, named) =>
    held(state, named, (thing) => {
      const { goal } = room
      const place = placeAt(room, state.at)
      if (place?.does === 'light' && state.lit.includes(place.name)) {
        const reached = goal.kind === 'light' && goal.target.name === place.name && kindOf(thing) === goal.thing
        return { ...ok(`You examine ${thing} under ${place.name}.${reached ? ' Goal reached.' : ''}`, state), ...(reached ? { reached: true } : {}) }
      }
      const made = (state.done[thing] ?? []).map((treatment) => TREATED[treatment])
      return ok(`${thing} is ${made.length === 0 ? 'as it was found' : made.join(' and ')}. There is no light here.`, state)
    }),
  look: (room, state) => {
    const place = placeAt(room, state.at)
    return ok(place ? view(state, place) : `You are in the middle of the room. Places: ${listed(room.places.map(({ name }) => name))}.`, state)
  },
  inventory: (_, state) => ok(hand(state), state),
} satisfies Readonly<Record<string, Action>>

export type ActionName = keyof typeof ACTIONS
