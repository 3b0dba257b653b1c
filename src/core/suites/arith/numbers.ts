// Numbers of word problems: which sizes go with which role, so that products, shares and what is left come out sensible.
import type { Random } from '../../random.ts'
import { hashOf } from '../seeds.ts'

export type NumberKind =
  /** Crates, people, days. */
  | 'groups'
  /** In each of them; a price. */
  | 'each'
  /** What comes or goes. */
  | 'change'
  /** What is there at first. */
  | 'stock'
  /** What is divided, or has much taken from it. */
  | 'much'
  /** That something began. */
  | 'year'

const SIZES: Readonly<Record<NumberKind, readonly [number, number]>> = {
  groups: [102, 989],
  each: [103, 9890],
  change: [107, 98_700],
  stock: [11_000, 2_000_000],
  much: [120_000, 9_800_000],
  year: [1702, 1998],
}

/** By the number of digits evenly: as many short ones as long ones. */
function drawNumber(kind: NumberKind, random: Random): number {
  const [least, most] = SIZES[kind]
  return Math.floor(least * (most / least) ** random.next())
}

/** Questions show numbers of 3 to 7 digits. */
export const isShown = (kind: NumberKind, value: number): boolean => value >= Math.min(SIZES[kind][0], 1000) && value < 10_000_000

/** One number of so many stands in held-out problems alone, and there no other: words with a number in them are of one of the two. */
const NUMBERS_PER_HELD_OUT = 16

export const sideOf = (value: number): 'train' | 'held-out' => (hashOf(`number ${value}`) % NUMBERS_PER_HELD_OUT === 0 ? 'held-out' : 'train')

/** Where a problem's numbers come from. */
export type NumberSource = {
  draw(kind: NumberKind): number
  allows(value: number): boolean
  /** Draws of all numbers of a problem before it is given up: where few are allowed, more. */
  readonly tries: number
}

const TRIES = 60

/** `side`: null for any numbers. */
export function numberSource(random: Random, side: 'train' | 'held-out' | null): NumberSource {
  const allows = (value: number): boolean => side === null || sideOf(value) === side
  return {
    allows,
    tries: side === 'held-out' ? TRIES * NUMBERS_PER_HELD_OUT : TRIES,
    draw(kind) {
      for (;;) {
        const value = drawNumber(kind, random)
        if (allows(value)) return value
      }
    },
  }
}
