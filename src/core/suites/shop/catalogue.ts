// A catalogue: products of every kind with makes, features, options and prices, and the search by words of their titles.
import { type Random, shuffled } from '../../random.ts'
import { integer, pick } from '../seeds.ts'
import type { Lexicon } from './lexicon.ts'

export type Product = {
  /** `p17` */
  readonly id: string
  readonly category: string
  readonly make: string
  /** Brand, make and kind. */
  readonly title: string
  /** Dollars. */
  readonly price: number
  readonly features: readonly string[]
  /** Values of each option, in the order of the lexicon. */
  readonly options: Readonly<Record<string, readonly string[]>>
}

/** About 240 products in all. */
const PRODUCTS = 240
const FEATURES = [1, 3] as const
const MOST_VALUES = 4

export function makeCatalogue({ categories, brands }: Lexicon, random: Random): Product[] {
  const perCategory = Math.round(PRODUCTS / categories.length)
  const made = categories.flatMap(({ name: category, makes, features, options, price: [least, most] }) =>
    Array.from({ length: perCategory }, (_, index) => {
      // Makes go round, so that each is there as often as the others.
      const make = makes[index % makes.length]!
      const [fewest, many] = FEATURES
      return {
        category,
        make,
        title: `${pick(brands, random)} ${make} ${category}`,
        price: integer(least, most, random),
        features: shuffled(features, random).slice(0, integer(fewest, many, random)),
        options: Object.fromEntries(Object.entries(options).map(([name, values]) => [name, someOf(values, random)])),
      }
    }),
  )
  return shuffled(made, random).map((product, index) => ({ id: `p${index + 1}`, ...product }))
}

/** At least two, in their order. */
function someOf(values: readonly string[], random: Random): string[] {
  const kept = new Set(shuffled(values, random).slice(0, integer(2, Math.min(MOST_VALUES, values.length), random)))
  return values.filter((value) => kept.has(value))
}

/** Found at most, by a search: more than there are of a kind. */
const MOST_FOUND = 30

/** Without case; a plural is as good as its singular. */
const wordsOf = (text: string): string[] => (text.toLowerCase().match(/[\p{L}\p{N}-]+/gu) ?? []).map((word) => word.replace(/(?<=\w{3})s$/, ''))

/** Products with the most words of the query in their titles, those that come first in the catalogue first. */
export function searchCatalogue(catalogue: readonly Product[], query: string): Product[] {
  const words = [...new Set(wordsOf(query))]
  return catalogue
    .map((product) => {
      const title = new Set(wordsOf(product.title))
      return { product, score: words.filter((word) => title.has(word)).length }
    })
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST_FOUND)
    .map(({ product }) => product)
}
