// The hands of the game: every solvable set of four numbers once, divided between the splits by its hash.
import { RetortError } from '../../../shared/errors.ts'
import type { TaskPlace } from '../../../shared/records/suite.ts'
import { hashOf, integer, pick, taskRandom } from '../seeds.ts'
import { createRandom, shuffled } from '../../random.ts'
import { isSolvable } from './solve.ts'

/** `numbers` in the order in which they are told. */
export type Hand = { readonly family: Family; readonly numbers: readonly number[]; readonly target: number }

export type Family = 'twenty-four' | 'larger-numbers' | 'other-target'

const TARGET = 24
/** Cards from the ace to the king; `larger-numbers` has one beyond. */
const LARGEST = 13
const LARGEST_OOD = 20
/** Of ten hands, how many are held out. */
const HELD_OUT = 3

const whole = (n: number): { n: number; d: number } => ({ n, d: 1 })

/** Held out or for training: one set of numbers never is both, in whatever order. */
export const splitOf = (numbers: readonly number[]): 'train' | 'held-out' =>
  hashOf([...numbers].sort((a, b) => a - b).join(' ')) % 10 < HELD_OUT ? 'held-out' : 'train'

let enumerated: Readonly<Record<'train' | 'held-out', readonly (readonly number[])[]>> | null = null

/** All solvable sets for 24, sorted; made when first asked for. */
export function solvableHands(): NonNullable<typeof enumerated> {
  if (enumerated) return enumerated
  const hands: Record<'train' | 'held-out', number[][]> = { train: [], 'held-out': [] }
  for (let a = 1; a <= LARGEST; a++) {
    for (let b = a; b <= LARGEST; b++) {
      for (let c = b; c <= LARGEST; c++) {
        for (let d = c; d <= LARGEST; d++) if (isSolvable([a, b, c, d].map(whole), TARGET)) hands[splitOf([a, b, c, d])].push([a, b, c, d])
      }
    }
  }
  enumerated = hands
  return hands
}

/** Orders of the hands by seed: no hand comes again before all have come. */
const orders = new Map<string, readonly (readonly number[])[]>()
const MOST_ORDERS = 16

function orderOf(split: 'train' | 'held-out', seed: number): readonly (readonly number[])[] {
  const key = `${split} ${seed}`
  const known = orders.get(key)
  if (known) return known
  const order = shuffled(solvableHands()[split], createRandom(hashOf(key)))
  if (orders.size >= MOST_ORDERS) orders.clear()
  orders.set(key, order)
  return order
}

/** Throws RetortError `no-such-task` behind the last hand of train and held-out: none comes twice. */
export function handAt(place: TaskPlace): Hand {
  const random = taskRandom('game24', place)
  if (place.split !== 'ood') {
    const order = orderOf(place.split, place.seed)
    const numbers = order[place.index]
    if (!numbers) throw new RetortError({ code: 'no-such-task', message: `game24 has no more tasks in ${place.split}`, found: `number ${place.index}`, expected: `0 to ${order.length - 1}` })
    return { family: 'twenty-four', numbers: shuffled(numbers, random), target: TARGET }
  }
  const family = pick(['larger-numbers', 'other-target'] as const, random)
  for (;;) {
    const most = family === 'larger-numbers' ? LARGEST_OOD : LARGEST
    const numbers = [0, 1, 2, 3].map(() => integer(1, most, random))
    const target = family === 'larger-numbers' ? TARGET : integer(10, 40, random)
    // With another target, too, no set of numbers is one of training.
    const outside = family === 'larger-numbers' ? Math.max(...numbers) > LARGEST : target !== TARGET && splitOf(numbers) === 'held-out'
    if (outside && isSolvable(numbers.map(whole), target)) return { family, numbers, target }
  }
}
