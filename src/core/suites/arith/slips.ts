// Slips that an agent makes with a calculator, and the words in which it mends them.
import type { Random } from '../../random.ts'
import { integer, pick } from '../seeds.ts'

/** `expression`: with the slip; `mended`: the thought of the step that follows. */
export type Slip = { readonly expression: string; readonly mended: string }

/** A slip in this expression; null where none of them fits it. */
export function slipOf(expression: string, random: Random): Slip | null {
  const slip = pick(SLIPS, random)(expression, random)
  return slip && slip.expression !== expression ? slip : null
}

const numbersIn = (expression: string): readonly string[] => expression.match(/\d+/g) ?? []

const SLIPS: readonly ((expression: string, random: Random) => Slip | null)[] = [
  // Two digits change places.
  (expression, random) => {
    const number = pick(numbersIn(expression), random)
    const at = integer(0, number.length - 2, random)
    const wrong = number.slice(0, at) + number[at + 1]! + number[at]! + number.slice(at + 2)
    return copied(expression, { number, wrong, random })
  },
  // A digit is left out.
  (expression, random) => {
    const number = pick(numbersIn(expression), random)
    const at = integer(1, number.length - 1, random)
    return copied(expression, { number, wrong: number.slice(0, at) + number.slice(at + 1), random })
  },
  // An expression that ends too early.
  (expression, random) => ({ expression: expression.replace(/\d+\)?$/, ''), mended: pick(['The expression was not complete. I write it out.', 'I left out the last number, so again.', 'Something was missing at the end. Now the whole expression.'], random) }),
  // A word among the numbers.
  (expression, random) => ({ expression: expression.replace(/\d+/, '$& pieces'), mended: pick(['Only numbers and signs may stand there. I leave out the word.', 'The calculator takes no words. I write the numbers alone.'], random) }),
]

function copied(expression: string, { number, wrong, random }: { number: string; wrong: string; random: Random }): Slip {
  const forms = [
    `I wrote ${wrong}, but the number is ${number}. I compute it again.`,
    `That has ${wrong} in it where ${number} belongs. Once more.`,
    `I copied ${number} as ${wrong}. I mend that.`,
  ]
  return { expression: expression.replace(new RegExp(`(?<!\\d)${number}(?!\\d)`), wrong), mended: pick(forms, random) }
}
