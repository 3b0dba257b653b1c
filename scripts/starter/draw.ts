// What the text's generator draws from its seed: whole numbers, words out of lists, numerals of any length.
import { createRandom, shuffled } from '../../src/core/random.ts'

export type Draw = {
  /** Both ends included. */
  int(from: number, to: number): number
  pick<T>(items: readonly T[]): T
  /** Different ones, in any order. */
  some<T>(items: readonly T[], count: number): T[]
  chance(share: number): boolean
  /** A numeral of one to seven digits, each length as likely as the others between the two. */
  numeral(least?: number, most?: number): string
  shuffle<T>(items: readonly T[]): T[]
}

export function createDraw(seed: number): Draw {
  const random = createRandom(seed)
  const int = (from: number, to: number): number => from + Math.floor(random.next() * (to - from + 1))
  const shuffle = <T>(items: readonly T[]): T[] => shuffled(items, random)
  return {
    int,
    pick: (items) => items[int(0, items.length - 1)] as (typeof items)[number],
    some: (items, count) => shuffle(items).slice(0, count),
    chance: (share) => random.next() < share,
    numeral(least = 2, most = 6) {
      const digits = int(least, most)
      return String(int(digits === 1 ? 1 : 10 ** (digits - 1), 10 ** digits - 1))
    },
    shuffle,
  }
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
export const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
/** "a, b and c" */
export const listed = (items: readonly string[]): string => (items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`)
