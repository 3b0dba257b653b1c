// A piece of a composed problem: a frame that something begins with, an event that changes it, or what is asked of it at the end.
import type { NumberKind } from '../numbers.ts'
import type { Domain, Subject } from './scene.ts'

/**
 * `S` in a move is what there is so far, `x`, `y`, `z` and `w` the numbers of the piece, digits its own moves. Texts: `(a|b)` are
 * alternatives; `{S}`, `{O}`, `{owner}` who acts, whom, whose; `{x}` a number; `<sell>` a verb that agrees with who acts, `<be:p>` with
 * several, `<be:s>` with one, `<sell:pp>` its participle, `<V>` the verb that was drawn for the piece.
 */
export type Piece = {
  readonly name: string
  /** All when absent. */
  readonly domains?: readonly Domain[]
  readonly subjects?: readonly Subject['kind'][]
  readonly numbers: Readonly<Record<string, NumberKind>>
  readonly moves: readonly (readonly [operation: string, say: string])[]
  readonly verbs?: readonly string[]
  /** Clauses: no capital in front, no full stop behind. */
  readonly forms: readonly string[]
}

export type Frame = Piece & {
  /** How much there is afterwards: `small` where losses must be small, too. */
  readonly size: 'small' | 'large'
  /** Of whom the rest is told, where it is not of who acts: each of the sharers, or the two others that the frame names. */
  readonly passesTo?: 'each' | 'both'
}

export type Event = Piece & { readonly effect: 'more' | 'less' }

/** `forms`: facts that the question needs, none where there are none. */
export type Closing = Piece & {
  /** A form that begins with `!` asks for something and is no question. */
  readonly questions: readonly string[]
  readonly goal: string
  /** The facts may come before all others. */
  readonly early?: true
  /** Only behind events, or frames, with this effect. */
  readonly after?: Event['effect']
}
