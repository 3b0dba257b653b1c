// What the mask preview shows: shares by kind, tokens as pieces of text, trajectories that are left out by reason.
import type { MaskView } from '../../shared/contract/masking.ts'
import type { RunPreview } from '../../shared/contract/routes/runs.ts'
import type { Left, LeftWhy } from '../../shared/contract/training.ts'
import type { TokenKind } from '../../shared/records/example.ts'
import { KINDS } from './recipeFacts.ts'

export type Counts = RunPreview['counts']
export type Segment = { readonly kind: TokenKind; readonly count: number; readonly share: number }

/** Kinds that occur, in the order of the legend, with their share of all. */
export function segmentsOf(counts: Counts): Segment[] {
  const total = KINDS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0)
  return KINDS.flatMap((kind) => {
    const count = counts[kind] ?? 0
    return count === 0 ? [] : [{ kind, count, share: count / total }]
  })
}

type Token = MaskView['tokens'][number]
export type TokenPiece = Token & {
  /** With signs for what cannot be seen: line ends, tabs, broken characters, nothing at all. */
  readonly shown: string
  readonly weight: number
  readonly trained: boolean
}

/** The text with signs for what the eye does not see; a line end is a sign and the line end itself. */
export const visibleText = (text: string): string => {
  if (text === '') return '∅'
  return text.replaceAll('\r', '␍').replaceAll('\t', '⇥').replaceAll('\n', '⏎\n')
}

export const piecesOf = (tokens: readonly Token[]): TokenPiece[] =>
  tokens.map((token) => {
    const weight = Math.max(token.ce, token.kl)
    return { ...token, shown: visibleText(token.text), weight, trained: weight > 0 }
  })

export const trainedIn = (tokens: readonly Token[]): number => tokens.filter(({ ce, kl }) => ce > 0 || kl > 0).length

/** The task is known to a preview alone. */
export type LeftItem = Left & { readonly task?: string }
export type LeftGroup = {
  readonly id: string
  /** One of the words of `text.train.leftWhy`. */
  readonly why: LeftWhy | 'part' | 'other'
  /** Of runs that say no more: with … where the trajectories' own reasons have different numbers. */
  readonly reason: string
  /** All say the same. */
  readonly same: boolean
  /** None of them twice. */
  readonly trajectories: readonly LeftItem[]
}

/** Order in which the groups are shown. */
const WHYS: readonly LeftGroup['why'][] = ['rejected', 'too-long', 'no-example', 'refused', 'other', 'shortened', 'part']

const whyOf = ({ why, part }: LeftItem): LeftGroup['why'] => (why === 'shortened' ? why : part ? 'part' : (why ?? 'other'))

/**
 * By why they are left, each trajectory once and in its first group; where that is not written down by the reason, in
 * which numbers and its own name make no other one.
 */
export function groupLeft(left: readonly LeftItem[]): LeftGroup[] {
  const groups = new Map<string, LeftItem[]>()
  const seen = new Set<string>()
  for (const one of [...left].sort((a, b) => WHYS.indexOf(whyOf(a)) - WHYS.indexOf(whyOf(b)))) {
    if (seen.has(one.trajectoryId)) continue
    seen.add(one.trajectoryId)
    const why = whyOf(one)
    const key = why === 'other' ? `other ${one.reason.replaceAll(one.trajectoryId, '…').replaceAll(/\d+/g, '…')}` : why
    const known = groups.get(key)
    if (known) known.push(one)
    else groups.set(key, [one])
  }
  return [...groups].map(([id, trajectories]): LeftGroup => {
    const same = trajectories.every(({ reason }) => reason === trajectories[0]!.reason)
    return { id, why: whyOf(trajectories[0]!), reason: same ? trajectories[0]!.reason : id.slice('other '.length), same, trajectories }
  })
}

/** How many are on neither side, by why, in the order of the list. */
export function leftOutReasons(left: readonly LeftItem[]): { readonly why: LeftGroup['why']; readonly reason: string; readonly count: number }[] {
  return groupLeft(left).flatMap(({ why, reason, trajectories }) => (why === 'shortened' || why === 'part' ? [] : [{ why, reason, count: trajectories.length }]))
}

/** Trajectories that are on neither side. */
export const leftOutCount = (left: readonly LeftItem[]): number =>
  leftOutReasons(left).reduce((sum, { count }) => sum + count, 0)
