// What to do next in the shop by what is known, and the slips that the expert makes on purpose.
import { type Belief, lacksOf, type Listed, looksRight } from './belief.ts'
import type { Need } from './need.ts'

export type Move =
  | { readonly why: 'search'; readonly words: string }
  | { readonly why: 'next' }
  | { readonly why: 'open'; readonly id: string }
  /** `wanted`: the need names the value; else any will do. */
  | { readonly why: 'choose'; readonly option: string; readonly value: string; readonly wanted: boolean }
  | { readonly why: 'buy' }

/** Products of the results that may be right, those first that were listed first. */
export const candidates = (need: Need, { pages }: Belief, among: readonly Listed[]): Listed[] =>
  among.filter((product) => looksRight(need, product) && (!pages[product.id] || lacksOf(need, pages[product.id]!).length === 0))

/** From the words that are narrowest to those that are widest. */
const queries = ({ category, make }: Need): string[] => (make === null ? [category] : [`${make} ${category}`, category])

export function rightMove(need: Need, belief: Belief): Move {
  const { listed, open, pages, chosen, hasMore, searches } = belief
  const fits = candidates(need, belief, listed)
  if (open !== null && fits.some(({ id }) => id === open)) {
    const options = Object.entries(pages[open]!.options)
    const wrong = options.find(([name]) => need.options[name] !== undefined && chosen[name] !== need.options[name])
    if (wrong) return { why: 'choose', option: wrong[0], value: need.options[wrong[0]]!, wanted: true }
    const missing = options.find(([name]) => chosen[name] === undefined)
    return missing ? { why: 'choose', option: missing[0], value: missing[1][0]!, wanted: false } : { why: 'buy' }
  }
  if (fits.length > 0) return { why: 'open', id: fits[0]!.id }
  if (listed.length > 0 && hasMore) return { why: 'next' }
  const words = queries(need)
  return { why: 'search', words: words[searches % words.length]! }
}

/** Gives the wrong move where the slip fits the situation. */
type Slip = (need: Need, belief: Belief, right: Move) => Move | null

export const SLIPS = {
  /** Opens what costs too much or is something else. */
  careless: (need, { shown, pages }, right) => {
    const other = right.why === 'open' || right.why === 'next' ? shown.find((product) => !looksRight(need, product) && !pages[product.id]) : undefined
    return other ? { why: 'open', id: other.id } : null
  },
  /** Buys before all is chosen. */
  early: (_, __, right) => (right.why === 'choose' ? { why: 'buy' } : null),
  /** Chooses another value than the one that is wanted. */
  value: (need, { open, pages }, right) => {
    if (right.why !== 'choose' || !right.wanted) return null
    const other = pages[open!]!.options[right.option]!.find((value) => value !== need.options[right.option])
    return other === undefined ? null : { why: 'choose', option: right.option, value: other, wanted: true }
  },
  /** Leaves letters out of what it searches for. */
  misspelt: (_, __, right) => (right.why === 'search' ? { why: 'search', words: right.words.replace(/(?<=\b\w)\w/g, '') } : null),
} satisfies Readonly<Record<string, Slip>>

export type SlipName = keyof typeof SLIPS
