// What is to be bought: constraints that a product of the catalogue meets, how they are asked for, and how a purchase is counted.
import { type Random, shuffled } from '../../random.ts'
import { wordsOf } from '../../words.ts'
import { withArticle } from '../article.ts'
import { hashOf, integer, pick } from '../seeds.ts'
import type { Product } from './catalogue.ts'
import { joined, type Lexicon } from './lexicon.ts'

export type Need = {
  readonly category: string
  readonly make: string | null
  readonly features: readonly string[]
  /** Values that are to be chosen. */
  readonly options: Readonly<Record<string, string>>
  /** Dollars. */
  readonly cap: number | null
}

/** How many constraints of each kind there are: least and most. */
export type NeedShape = { readonly make: boolean; readonly features: readonly [number, number]; readonly options: readonly [number, number]; readonly cap: boolean }

/** One set of constraints of so many is held out. */
const NEEDS_PER_HELD_OUT = 4

/** By so much of its price at most is the cap above what the product costs that the need is made from. */
const SLACK = 0.15

/** Constraints without the price decide: no set of them is asked for in training and held out, too. */
export const sideOf = ({ category, make, features, options }: Need): 'train' | 'held-out' =>
  hashOf(JSON.stringify([category, make, features.toSorted(), Object.entries(options).toSorted()])) % NEEDS_PER_HELD_OUT === 0 ? 'held-out' : 'train'

export type NeedWish = {
  readonly catalogue: readonly Product[]
  readonly shape: NeedShape
  readonly side: 'train' | 'held-out' | null
  readonly random: Random
}

/** Draws until the constraints are of the side that is wished; some product of the catalogue meets them all. */
export function makeNeed({ catalogue, shape, side, random }: NeedWish): Need {
  for (;;) {
    const product = pick(catalogue, random)
    const { category, make, price } = product
    const features = shuffled(product.features, random).slice(0, integer(...shape.features, random))
    const names = shuffled(Object.keys(product.options), random).slice(0, integer(...shape.options, random))
    const options = Object.fromEntries(names.map((name) => [name, pick(product.options[name]!, random)]))
    const need: Need = { category, make: shape.make ? make : null, features, options, cap: shape.cap ? price + integer(0, Math.ceil(price * SLACK), random) : null }
    if (features.length >= shape.features[0] && (side === null || sideOf(need) === side)) return need
  }
}

/** What is asked for, in words; `parts`: the item and the constraints as the question says them, in order. */
export type Order = { readonly question: string; readonly parts: readonly string[] }

/** One pair of so many, of the last word of a part with the first of the next, is held out. */
const JOINTS_PER_HELD_OUT = 3

/**
 * Whether every two words at which two parts meet are of the side. No part has more than seven words, so that any eight in a row hold
 * such a pair: questions for training and held-out ones share no eight words.
 */
export const isOf = (side: 'train' | 'held-out', { parts }: Order): boolean =>
  parts.slice(1).every((part, at) => {
    const [last, first] = [wordsOf(parts[at]!).at(-1), wordsOf(part)[0]]
    return (hashOf(`${last} ${first}`) % JOINTS_PER_HELD_OUT === 0) === (side === 'held-out')
  })

/** The order of the constraints behind the item varies. */
export function orderOf({ category, make, features, options, cap }: Need, { wording }: Lexicon, random: Random): Order {
  const order = pick(wording.orders, random).replace('{item}', withArticle(make === null ? category : `${make} ${category}`))
  const rest = shuffled(
    [
      ...(features.length === 0 ? [] : [pick(wording.features, random).replace('{list}', joined(features))]),
      ...Object.entries(options).map(([name, value]) => pick(wording.options, random).replace('{name}', name).replace('{value}', value)),
      ...(cap === null ? [] : [pick(wording.caps, random).replace('{cap}', String(cap))]),
    ],
    random,
  )
  const question = pick(wording.questions, random).replace('{order}', () => order).replace('{rest}', () => rest.join(', '))
  return { question: `${question[0]!.toUpperCase()}${question.slice(1)}`, parts: [order, ...rest] }
}

/** What has been bought: a product, and what was chosen. */
export type Purchase = { readonly product: Product; readonly chosen: Readonly<Record<string, string>> }

/** Each constraint, and whether the purchase meets it. */
export function constraintsMet({ category, make, features, options, cap }: Need, { product, chosen }: Purchase): { readonly constraint: string; readonly met: boolean }[] {
  return [
    { constraint: category, met: product.category === category },
    ...(make === null ? [] : [{ constraint: make, met: product.make === make }]),
    ...features.map((feature) => ({ constraint: feature, met: product.features.includes(feature) })),
    ...Object.entries(options).map(([name, value]) => ({ constraint: `${name} ${value}`, met: chosen[name] === value })),
    ...(cap === null ? [] : [{ constraint: `at most $${cap}`, met: product.price <= cap }]),
  ]
}
