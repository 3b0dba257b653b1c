// The buyer's thoughts: what is needed, what is seen, and what follows, in varied words.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import { type Belief, lacksOf, looksRight } from './belief.ts'
import { joined } from './lexicon.ts'
import type { Need } from './need.ts'
import { candidates, type Move } from './policy.ts'

export type ThoughtParts = {
  readonly need: Need
  readonly belief: Belief
  readonly move: Move
  /** The move is a slip: the thought does not know better. */
  readonly mistake: boolean
  /** The need is said in every thought. */
  readonly restate: boolean
  /** What was observed last; empty at the start. */
  readonly observed: string
  readonly random: Random
}

const NEEDS = ['Need: {need}.', 'I need {need}.', 'I look for {need}.', 'Wanted: {need}.']
const SEARCHES = ['I search for {words}.', 'First I search {words}.', 'A search for {words}.']
const OPENS = ['I open {id}.', 'I look at {id}.', 'Let me open {id}.']
const NEXT = ['None of these, so the next page.', 'Nothing here fits. I turn the page.', 'No fit on this page. Next page.']
const WANTED = ['I choose {option} {value}.', '{option} must be {value}.', 'Now {option} {value}.']
const FREE = ['{option} is free, I take {value}.', 'Any {option} will do: {value}.', 'For {option} I take {value}.']
const BUYS = ['All is chosen. I buy it.', 'I buy {id}.', 'Everything fits, so I buy.']
const FITS = ['{id} fits.', '{id} has all I need.', '{id} is right.']
const SEEN = ['{ids} may fit.', 'Right title and price: {ids}.', 'To look at: {ids}.']

/** What is said first when something went wrong, by the observation. */
const OOPS: readonly { readonly when: RegExp; readonly says: readonly string[] }[] = [
  { when: /^Choose .* first/, says: ['I must choose first.', 'The options come first.'] },
  { when: /^No product has/, says: ['I misspelt it.', 'That found nothing.'] },
  { when: /not among the results/, says: ['That is not in the results.', 'I can open only what is listed.'] },
  { when: /^There is no (?!are)/, says: ['That cannot be chosen.', 'There is no such choice.'] },
  { when: /^(?:No product is open|There are no)/, says: ['That was too early.', 'First things first.'] },
  { when: /^(?:Not understood|Bad arguments)/, says: ['I must write the action right.', 'One action in the right form.'] },
]

/** `cotton shirt, striped, size large, at most $40` */
export const needText = ({ category, make, features, options, cap }: Need): string =>
  [
    make === null ? category : `${make} ${category}`,
    ...features,
    ...Object.entries(options).map(([name, value]) => `${name} ${value}`),
    ...(cap === null ? [] : [`at most $${cap}`]),
  ].join(', ')

export function thoughtOf({ need, belief, move, mistake, restate, observed, random }: ThoughtParts): string {
  const oops = OOPS.find(({ when }) => when.test(observed))
  const wrongValue = /^[a-z]+ is /.test(observed) && move.why === 'choose' && move.wanted && belief.chosen[move.option] !== undefined
  return [
    ...(oops ? [pick(oops.says, random)] : []),
    ...(wrongValue ? [pick(['That was the wrong value.', 'I chose wrong.'], random)] : []),
    ...(restate ? [pick(NEEDS, random).replace('{need}', () => needText(need))] : []),
    ...(mistake ? [] : seen(need, belief, observed, random)),
    moveText(move, belief, random),
  ].join(' ')
}

/** What the last observation says about the need: why a page does not fit, or which of the listed may. */
function seen(need: Need, belief: Belief, ...[observed, random]: [string, Random]): string[] {
  if (/^p\d+: /.test(observed) && belief.open !== null) {
    const id = belief.open
    const listed = belief.listed.find((product) => product.id === id)
    const lacks = [...(listed && !looksRight(need, listed) ? [misfit(need, listed)] : []), ...lacksOf(need, belief.pages[id]!)]
    return [lacks.length === 0 ? pick(FITS, random).replace('{id}', id) : `${id} ${joined(lacks)}.`]
  }
  const ids = observed.startsWith('Results') ? candidates(need, belief, belief.shown).map(({ id }) => id) : []
  return ids.length === 0 ? [] : [pick(SEEN, random).replace('{ids}', joined(ids))]
}

const misfit = ({ cap }: Need, { price }: { readonly price: number }): string => (cap !== null && price > cap ? `costs $${price}, too much` : 'is something else')

function moveText(move: Move, { open }: Belief, random: Random): string {
  switch (move.why) {
    case 'search':
      return pick(SEARCHES, random).replace('{words}', move.words)
    case 'next':
      return pick(NEXT, random)
    case 'open':
      return pick(OPENS, random).replace('{id}', move.id)
    case 'choose':
      return pick(move.wanted ? WANTED : FREE, random).replace('{option}', move.option).replace('{value}', move.value)
    case 'buy':
      return pick(BUYS, random).replace('{id}', open ?? 'it')
  }
}
