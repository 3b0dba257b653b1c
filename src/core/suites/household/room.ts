// A room of the household: its places, what lies where, and the goal, made from a random stream.
import { type Random, shuffled } from '../../random.ts'
import { hashOf, integer, pick } from '../seeds.ts'
import type { GoalKind, Lexicon, RoomKind, ThingKind, Treatment } from './lexicon.ts'

export type Place = {
  /** Kind and number: `cabinet 2`. */
  readonly name: string
  readonly kind: string
  readonly at: 'on' | 'in'
  readonly opens: boolean
  readonly does: Treatment | 'light' | null
}

export type Goal = {
  readonly kind: GoalKind
  /** Kind of the thing that is wanted, and how many. */
  readonly thing: string
  readonly plural: string
  readonly count: number
  /** Where it is to be in the end; the light by which it is to be examined. */
  readonly target: Place
  readonly treatment: Treatment | null
}

export type Room = {
  readonly kind: string
  readonly places: readonly Place[]
  readonly goal: Goal
  /** By the name of the place; a light holds nothing. */
  readonly contents: Readonly<Record<string, readonly string[]>>
}

export type RoomSize = 'small' | 'full'

/** How much there is: places beside the devices, things beside those that are wanted. */
const SIZES: Readonly<Record<RoomSize, { readonly places: readonly [number, number]; readonly others: readonly [number, number] }>> = {
  small: { places: [3, 4], others: [2, 3] },
  full: { places: [4, 6], others: [4, 6] },
}

const MOST_AT_ONE_PLACE = 4
/** Share of the things that lie where things of their kind mostly are. */
const USUAL = 0.8
/** Share of full rooms with one thing more of the wanted kind than is needed. */
const SPARE = 0.3
/** One layout of so many is held out. */
const LAYOUTS_PER_HELD_OUT = 4

export type RoomWish = {
  readonly lexicon: Lexicon
  readonly goal: GoalKind
  readonly size: RoomSize
  /** Layouts of `train` and `held-out` are never the same; null: any. */
  readonly side: 'train' | 'held-out' | null
  readonly random: Random
}

/** Draws layouts until one is of the side that is wished. */
export function makeRoom(wish: RoomWish): Room {
  for (;;) {
    const room = drawRoom(wish)
    if (wish.side === null || sideOf(room) === wish.side) return room
  }
}

/** The layout decides: the kind of room with its places, whatever lies there. */
export const sideOf = ({ kind, places }: Room): 'train' | 'held-out' =>
  hashOf(`${kind}: ${places.map(({ name }) => name).join(', ')}`) % LAYOUTS_PER_HELD_OUT === 0 ? 'held-out' : 'train'

const TREATMENTS: Readonly<Record<GoalKind, Treatment | 'light' | null>> = { put: null, two: null, clean: 'clean', heat: 'heat', cool: 'cool', light: 'light' }

function drawRoom({ lexicon, goal: kind, size, random }: RoomWish): Room {
  const needs = TREATMENTS[kind]
  const fits = (room: RoomKind): boolean => needs === null || (deviceSet(room, needs, lexicon) !== undefined && wanted(room, needs, lexicon).length > 0)
  const room = pick(lexicon.rooms.filter(fits), random)
  const places = drawPlaces({ room, needs, size, lexicon, random })
  const thing = pick(wanted(room, needs, lexicon), random)
  const light = places.find(({ does }) => does === 'light')
  const target = kind === 'light' ? light! : pick(places.filter(({ does }) => does !== 'light' && (does === null || does !== needs)), random)
  const count = kind === 'two' ? 2 : 1
  const goal: Goal = { kind, thing: thing.name, plural: thing.plural, count, target, treatment: needs === 'light' ? null : needs }
  return { kind: room.name, places, goal, contents: fill({ room, thing, goal, places, size, lexicon, random }) }
}

const rowOf = <Row extends { readonly name: string }>(rows: readonly Row[], name: string): Row => rows.find((row) => row.name === name)!

const deviceSet = (room: RoomKind, does: Treatment | 'light', lexicon: Lexicon): readonly string[] | undefined =>
  room.devices.find((names) => names.every((name) => rowOf(lexicon.places, name).does === does))

const wanted = (room: RoomKind, needs: Treatment | 'light' | null, lexicon: Lexicon): ThingKind[] =>
  room.things.map((name) => rowOf(lexicon.things, name)).filter(({ can }) => needs === null || can.includes(needs))

type PlacesWish = { readonly room: RoomKind; readonly needs: Treatment | 'light' | null; readonly size: RoomSize; readonly lexicon: Lexicon; readonly random: Random }

/** In the order of the kinds, devices last; a small room has only the device that is needed. */
function drawPlaces({ room, needs, size, lexicon, random }: PlacesWish): Place[] {
  const [least, most] = SIZES[size].places
  const all = Object.entries(room.places).flatMap(([name, many]) => Array.from({ length: many }, () => name))
  const chosen = shuffled(all, random).slice(0, integer(least, most, random))
  const devices = room.devices.map((names) => pick(names, random)).filter((name) => size === 'full' || rowOf(lexicon.places, name).does === needs)
  return [...Object.keys(room.places), ...devices].flatMap((name) => {
    const { at, opens = false, does = null } = rowOf(lexicon.places, name)
    const many = devices.includes(name) ? 1 : chosen.filter((other) => other === name).length
    return Array.from({ length: many }, (_, index) => ({ name: `${name} ${index + 1}`, kind: name, at, opens, does }))
  })
}

type FillWish = Omit<PlacesWish, 'needs'> & { readonly thing: ThingKind; readonly goal: Goal; readonly places: readonly Place[] }

/** What is wanted never lies where it is to be put, unless something is to be done to it first. */
function fill({ room, thing, goal, places, size, lexicon, random }: FillWish): Record<string, string[]> {
  const holders = places.filter(({ does }) => does !== 'light')
  const contents: Record<string, string[]> = Object.fromEntries(holders.map(({ name }) => [name, []]))
  const lay = (name: string, { usual }: ThingKind, allowed: readonly Place[]): void => {
    const free = allowed.filter((place) => contents[place.name]!.length < MOST_AT_ONE_PLACE)
    const likely = free.filter(({ kind }) => usual.includes(kind))
    contents[pick(likely.length > 0 && random.next() < USUAL ? likely : free, random).name]!.push(name)
  }
  const spare = size === 'full' && random.next() < SPARE ? 1 : 0
  const elsewhere = goal.treatment === null ? holders.filter((place) => place !== goal.target) : holders
  for (let number = 1; number <= goal.count + spare; number++) lay(`${thing.name} ${number}`, thing, elsewhere)
  const counts = new Map<string, number>()
  const others = room.things.filter((name) => name !== thing.name)
  const [least, most] = SIZES[size].others
  for (let left = integer(least, most, random); left > 0; left--) {
    const row = rowOf(lexicon.things, pick(others, random))
    const number = (counts.get(row.name) ?? 0) + 1
    counts.set(row.name, number)
    lay(`${row.name} ${number}`, row, holders)
  }
  return Object.fromEntries(Object.entries(contents).map(([name, held]) => [name, shuffled(held, random)]))
}
