// Claims: the stretches of a turn's text that rules recognised, and their joining into spans that cover it.
import type { Range, Turn } from '../../../shared/records/trajectory.ts'
import type { Span, SpanKind } from '../../../shared/records/span.ts'
import { firstWhere } from '../../sorted.ts'

/** What is known of a turn from its place in the trajectory. */
export interface TurnContext {
  /** The next turn is the environment's: the agent acted here. */
  observed: boolean
  /** The conversation offers tools or holds structured calls, so a turn without a call speaks to the user. */
  structured: boolean
}

/** Name and argument of a parsed command, as ranges of the turn's text. */
export interface CallRanges {
  name: Range
  argument: Range
}

/** A stretch found by a rule. With `runsOn` it reaches to the next claim, and `end` is only the end of its marker. */
export interface Found {
  start: number
  end: number
  kind: SpanKind
  runsOn?: true
  call?: CallRanges
}

export interface Claim extends Found {
  rule: string
}

/** What a rule sees: the turn, its place, and what rules before it have claimed. */
export interface View {
  text: string
  turn: Turn
  context: TurnContext
  taken: readonly Claim[]
}

export interface Rule {
  name: string
  find: (view: View) => Found[]
}

/** Names a stretch between claims by where it starts. */
export type Filler = (start: number) => { kind: SpanKind; rule: string }

export const isCommand = (claim: Found): boolean => claim.kind === 'act' || claim.kind === 'final'

/** White space (ECMAScript's) from a position on; most characters are told by their code alone. */
export function skipSpace(text: string, from: number, limit: number = text.length): number {
  let at = from
  while (at < limit && isSpace(text.charCodeAt(at))) at++
  return at
}

const isSpace = (code: number): boolean =>
  code < 0x80 ? code === 0x20 || (code >= 0x09 && code <= 0x0d) : code >= 0xa0 && /\s/.test(String.fromCharCode(code))

/** Index of the first claim that starts after `position`; claims are in text order. */
export const firstAfter = (claims: readonly Claim[], position: number): number =>
  firstWhere(claims.length, (index) => (claims[index] as Claim).start > position)

/** Runs the rules in order; earlier claims keep what they hold. Claims come back in text order. */
export function claimAll(rules: readonly Rule[], view: Omit<View, 'taken'>): Claim[] {
  const taken: Claim[] = []
  const seen = { ...view, taken }
  for (const rule of rules) {
    for (const { start: from, end: to, kind, runsOn, call } of rule.find(seen)) {
      const start = skipSpace(view.text, from)
      const index = firstAfter(taken, start)
      if (start >= to || (index > 0 && taken[index - 1]!.end > start)) continue
      // What reaches into an earlier claim is cut off there, and its call is no longer whole.
      const end = index < taken.length ? Math.min(to, taken[index]!.start) : to
      const claim: Claim = { start, end, kind, rule: rule.name }
      if (runsOn) claim.runsOn = runsOn
      if (call && end === to) claim.call = call
      if (index === taken.length) taken.push(claim)
      else taken.splice(index, 0, claim)
    }
  }
  return taken
}

/** Spans from claims in text order: stretches between them go to the filler, white space to the span before it. */
export function assemble(text: string, claims: readonly Claim[], fill: Filler): Span[] {
  const pieces: Span[] = []
  let at = 0
  const fillTo = (end: number): void => {
    if (skipSpace(text, at) >= end) return
    pieces.push({ start: at, end, ...fill(at) })
    at = end
  }
  claims.forEach((claim, index) => {
    fillTo(claim.start)
    const end = claim.runsOn ? (claims[index + 1]?.start ?? text.length) : claim.end
    const { kind, rule, call } = claim
    pieces.push({ start: claim.start, end, kind, rule, ...(call ? { call } : {}) })
    at = end
  })
  fillTo(text.length)
  if (pieces.length === 0 && text.length > 0) pieces.push({ start: 0, end: text.length, ...fill(0) })
  pieces.forEach((piece, index) => {
    piece.start = index === 0 ? 0 : skipSpace(text, piece.start)
    if (index > 0) pieces[index - 1]!.end = piece.start
  })
  const last = pieces.at(-1)
  if (last) last.end = text.length
  return pieces
}
