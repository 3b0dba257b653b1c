// What a household is made of, as a lexicon: kinds of places, things and rooms, and how goals are worded.

/** What is done to a thing at a device. */
export type Treatment = 'clean' | 'heat' | 'cool'

export type PlaceKind = {
  readonly name: string
  readonly at: 'on' | 'in'
  /** It begins closed. */
  readonly opens?: true
  /** A device; a light holds no things. */
  readonly does?: Treatment | 'light'
}

export type ThingKind = {
  readonly name: string
  readonly plural: string
  /** Kinds of places where it mostly is, likeliest first. */
  readonly usual: readonly string[]
  readonly can: readonly (Treatment | 'light')[]
}

export type RoomKind = {
  readonly name: string
  /** Kinds of places and how many there may be. */
  readonly places: Readonly<Record<string, number>>
  /** Of each row, whose kinds do the same, a full room has one. */
  readonly devices: readonly (readonly string[])[]
  readonly things: readonly string[]
}

/** The six task types of ALFWorld (arXiv 2010.03768): pick and place, examine in light, clean, heat, cool, pick two. */
export type GoalKind = 'put' | 'light' | 'clean' | 'heat' | 'cool' | 'two'

/**
 * Words of a question. `{a}` a thing with its article (`{a:clean}` with an adjective), `{things}` its plural, `{place}` the place
 * with its preposition, `{lamp}` the light.
 */
export type Wording = {
  readonly goals: Readonly<Record<GoalKind, readonly string[]>>
  /** `{room}` with its article, `{places}`, `{devices}`, `{goal}`. */
  readonly questions: readonly string[]
  /** One device: `{device}` and what it is for. */
  readonly devices: Readonly<Record<Treatment | 'light', readonly string[]>>
}

export type Lexicon = {
  readonly places: readonly PlaceKind[]
  readonly things: readonly ThingKind[]
  readonly rooms: readonly RoomKind[]
  readonly wording: Wording
}

/** `mug 1` -> `mug` */
export const kindOf = (name: string): string => name.replace(/ \d+$/, '')

/** `a, b, c`; nothing where there is nothing. */
export const listed = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '))

/** Kinds of things by a name: one row for things that lie in the same places and take the same treatment. */
export function things(names: string, parts: Pick<ThingKind, 'usual' | 'can'>): ThingKind[] {
  return names.split(' ').map((word) => {
    const [name = '', plural = `${word}s`] = word.split('/')
    return { name, plural, ...parts }
  })
}
