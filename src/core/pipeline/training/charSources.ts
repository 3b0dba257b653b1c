// Where the characters of a rendered conversation come from: the words for it, and their table.
import type { Turn } from '../../../shared/records/trajectory.ts'
import type { ParsedMarks } from './marks.ts'
import type { Region } from './turnText.ts'

/**
 * What a character is. `template`: written by the template around turns. Of a turn: `content` a character of its text;
 * `markup`, `name`, `argument` of a structured call as the template writes it; `opening` template text within an agent
 * turn, which the student must write itself; `closing` the template text that ends an agent turn, up to its
 * end-of-generation token.
 */
export const CHAR_ROLES = ['template', 'content', 'markup', 'name', 'argument', 'opening', 'closing'] as const
export type CharRole = (typeof CHAR_ROLES)[number]

/** Parallel to the rendered text, one entry per UTF-16 unit. */
export type CharSources = {
  readonly role: CharRole[]
  /** Turn index; -1 for template text. */
  readonly turn: Int32Array
  /** Offset in the turn's text; for call roles and `opening` the offset of the span they count to; -1 for template text. */
  readonly offset: Int32Array
}

/** An agent turn in the rendered text: `[start, end)` is what the student writes, end-of-turn token included. */
export type AgentBody =
  | { readonly turn: number; readonly state: 'whole'; readonly start: number; readonly end: number }
  /** The template rewrote, dropped or did not close the turn here; nothing of it may be trained in this rendering. */
  | { readonly turn: number; readonly state: 'rewritten'; readonly reason: string }

/** A marked piece where it stands in the rendered text. */
export type Hit = { region: Region; start: number; end: number }

/** Writes down what `[from, to)` of the rendered text is; `step` 1: offsets go on with the characters. */
export type Put = (from: number, to: number, source: { role: CharRole; turn: number; offset: number; step: 0 | 1 }) => void

/** What placing turns needs of a rendered conversation. */
export type Place = {
  readonly turns: readonly Turn[]
  readonly parsed: ParsedMarks
  readonly regions: readonly Region[]
  readonly endOfGeneration: ReadonlySet<number>
  readonly sources: CharSources
  readonly put: Put
  /** Starts of the control tokens and of all hits, ascending. */
  readonly controlStarts: readonly number[]
  readonly hitStarts: readonly number[]
  readonly regionsOf: ReadonlyMap<number, readonly Region[]>
  readonly hitsOf: ReadonlyMap<number, readonly Hit[]>
}

/** Before anything is placed. */
export const templateOnly = (length: number): CharSources => ({
  role: new Array<CharRole>(length).fill('template'),
  turn: new Int32Array(length).fill(-1),
  offset: new Int32Array(length).fill(-1),
})

/** Writes into them. */
export const writerOf =
  (sources: CharSources): Put =>
  (from, to, source) => {
    for (let i = from; i < to; i++) {
      sources.role[i] = source.role
      sources.turn[i] = source.turn
      sources.offset[i] = source.offset + (i - from) * source.step
    }
  }
