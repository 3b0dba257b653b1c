// Templates: a question with slots for words and numbers, and the moves that solve it. A template is a row of a table.
import { RetortError } from '../../../shared/errors.ts'
import type { NumberKind, NumberSource } from './numbers.ts'
import { drawNumbers, readMove, type Story } from './story.ts'

/**
 * `{things}` and the like are filled from the word lists, `{a}` to `{f}` are numbers. Moves: an operation, and the facts that
 * call for it, in words.
 */
export type Template = {
  readonly family: string
  readonly text: string
  /** What is asked: "the {things} that are left". */
  readonly goal: string
  readonly numbers: Readonly<Record<string, NumberKind>>
  readonly moves: readonly (readonly [operation: string, say: string])[]
  /** What of the text does not matter. */
  readonly idle?: string
}

/** `words`: for each slot. */
export function storyOf(template: Template, words: Readonly<Record<string, string>>, source: NumberSource): Story {
  const { family, numbers: kinds } = template
  const worded = (text: string): string => articled(text.replace(/\{(\w{2,})\}/g, (whole, slot: string) => words[slot] ?? whole))
  const moves = template.moves.map(([operation, say]) => readMove(operation, worded(say)))
  const numbers = drawNumbers(moves, kinds, source)
  if (!numbers) throw new RetortError({ code: 'no-numbers', message: 'no numbers fit this template', found: family, expected: 'moves with whole results above 1' })
  const question = numbered(worded(template.text), numbers)
  return { family, question, goal: worded(template.goal), idle: numbered(worded(template.idle ?? ''), numbers), moves, numbers }
}

const VOWEL = /\b([Aa]) (?=hour|(?!eu|one|onc|uni|use)[aeiou])/g

/** `a` before a vowel becomes `an`. */
export const articled = (text: string): string => text.replace(VOWEL, '$1n ')

/** With numbers in the place of their letters. */
export const numbered = (text: string, numbers: Readonly<Record<string, number>>): string =>
  text.replace(/\{([a-z])\}/g, (whole, letter: string) => (letter in numbers ? String(numbers[letter]) : whole))
