// Which pieces a composed problem is made of, and how its numbers go through them.
import type { Random } from '../../../random.ts'
import { pick } from '../../seeds.ts'
import type { NumberKind } from '../numbers.ts'
import type { Move, Sign, Term } from '../story.ts'
import { CLOSINGS } from './closings.ts'
import { EVENTS } from './events.ts'
import { FRAMES } from './frames.ts'
import type { Closing, Event, Frame, Piece } from './piece.ts'
import { bothOf, eachOf, type Scene, type Subject } from './scene.ts'
import { factOf, type Filling, NAMED } from './wording.ts'

/** A piece in its place: with the letters of its numbers and its verb. */
export type Placed<Of extends Piece> = { readonly piece: Of; readonly filling: Omit<Filling, 'tense'> }

export type Plan = {
  readonly frame: Placed<Frame>
  readonly events: readonly Placed<Event>[]
  readonly closing: Placed<Closing>
  readonly kinds: Readonly<Record<string, NumberKind>>
  readonly moves: readonly Move[]
}

/** Operations of a composed problem: most have two or three, some one or four. */
const LENGTHS: Readonly<Record<number, number>> = { 1: 0.15, 2: 1, 3: 0.8, 4: 0.25 }
const TRIES = 100
const LETTERS = 'abcdefghijklm'

/** What is said of each of several has to name them: else it could be of all. */
const fits = ({ domains, subjects, forms }: Piece, { domain }: Scene, { kind }: Subject): boolean =>
  (domains?.includes(domain) ?? true) && (subjects?.includes(kind) ?? true) && (kind !== 'each' || forms.length === 0 || forms.some((form) => NAMED.test(form)))

const PASSES: Readonly<Record<NonNullable<Frame['passesTo']>, (words: Scene['words']) => Subject>> = {
  each: (words) => eachOf(words['group']!),
  both: (words) => bothOf(words['other']!, words['third']!),
}

const EVENT_COUNTS = [0, 0, 1, 1, 1, 1, 2, 2, 3] as const

/** Pieces that fit the scene and each other. */
export function drawPlan(scene: Scene, random: Random): Plan {
  for (let attempt = 0; ; attempt++) {
    const frame = pick(FRAMES.filter((piece) => fits(piece, scene, scene.subject)), random)
    const subject = frame.passesTo ? PASSES[frame.passesTo](scene.words) : scene.subject
    const events = Array.from({ length: pick(EVENT_COUNTS, random) }, () => pick(EVENTS.filter((piece) => fits(piece, scene, subject)), random))
    const effect = events.at(-1)?.effect ?? (frame.name === 'without' ? 'less' : 'more')
    const closings = CLOSINGS.filter((piece) => fits(piece, scene, subject) && (piece.after === undefined || piece.after === effect))
    // Most problems ask plainly for what there is.
    const closing = random.next() < 0.5 ? pick(closings.filter(({ name }) => name === 'left' || name === 'now'), random) : pick(closings, random)
    const length = [frame, ...events, closing].reduce((sum, { moves }) => sum + moves.length, 0)
    if (random.next() < (LENGTHS[length] ?? 0) || attempt > TRIES) return placed({ frame, events, closing, subject }, scene, random)
  }
}

type Pieces = { readonly frame: Frame; readonly events: readonly Event[]; readonly closing: Closing; readonly subject: Subject }

function placed({ frame, events, closing, subject }: Pieces, scene: Scene, random: Random): Plan {
  const kinds: Record<string, NumberKind> = {}
  const moves: Move[] = []
  let state: Term | null = null
  /** What there is at first is told by no move: the first that changes it says it. */
  let untold = ''
  const place = <Of extends Piece>(piece: Of, of: Subject): Placed<Of> => {
    const letters: Record<string, string> = {}
    for (const [name, kind] of Object.entries(piece.numbers)) {
      const letter = LETTERS[Object.keys(kinds).length]!
      letters[name] = letter
      kinds[letter] = frame.size === 'small' && piece !== (frame as Piece) && kind !== 'each' ? 'groups' : kind
    }
    const filling = { verb: pick(piece.verbs ?? ['have'], random), letters, subject: of }
    const first = moves.length
    for (const [operation, say] of piece.moves) {
      const [left, sign, right] = [operation[0]!, operation[1] as Sign, operation[2]!]
      const term = (name: string): Term => (name === 'S' ? state! : /\d/.test(name) ? { result: first + Number(name) - 1 } : { number: letters[name]! })
      const tells = (left === 'S' || right === 'S') && untold !== ''
      moves.push({ left: term(left), sign, right: term(right), say: `${tells ? untold : ''}${factOf(say, filling, scene.words)}` })
      if (tells) untold = ''
    }
    if (piece.moves.length > 0) state = { result: moves.length - 1 }
    else if (state === null) {
      state = { number: letters['x']! }
      untold = `{${letters['x']!}} ${scene.words['things']!}, `
    }
    return { piece, filling }
  }
  return { frame: place(frame, scene.subject), events: events.map((event) => place(event, subject)), closing: place(closing, subject), kinds, moves }
}
