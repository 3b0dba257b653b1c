// A word problem as data: numbers, the moves that lead to its answer, and what each of them means in words.
import { RetortError } from '../../../shared/errors.ts'
import { isShown, type NumberKind, type NumberSource } from './numbers.ts'

export type Sign = '+' | '-' | '*' | '/'

/** A number of the question by its letter, or the result of an earlier move by its place. */
export type Term = { readonly number: string } | { readonly result: number }

/** `say`: the facts that call for it, short. Its numbers stand as `{letter}`. */
export type Move = { readonly left: Term; readonly sign: Sign; readonly right: Term; readonly say: string }

/** Numbers by letter. */
export type Numbers = Readonly<Record<string, number>>

export type Story = {
  readonly family: string
  readonly question: string
  /** What is asked, without a verb: "the lamps that are left". */
  readonly goal: string
  /** Facts that do not matter, in words; empty for none. */
  readonly idle: string
  readonly moves: readonly Move[]
  readonly numbers: Numbers
}

const MOVE = /^([a-z]|\d)([-+*/])([a-z]|\d)$/

/** `a/b`, `1+c`: letters are numbers of the question, digits results of moves, counted from 1. */
export function readMove(text: string, say: string): Move {
  const [, left, sign, right] = MOVE.exec(text) ?? []
  if (left === undefined || right === undefined) throw new RetortError({ code: 'bad-move', message: 'this is no move', found: text, expected: 'for example a*b or 1-c' })
  return { left: readTerm(left), sign: sign as Sign, right: readTerm(right), say }
}

const readTerm = (text: string): Term => (/\d/.test(text) ? { result: Number(text) - 1 } : { number: text })

const APPLY: Readonly<Record<Sign, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
}

/** Results of the moves in order. */
export function resultsOf(moves: readonly Move[], numbers: Numbers): number[] {
  const results: number[] = []
  const value = (term: Term): number => ('number' in term ? numbers[term.number]! : results[term.result]!)
  for (const { left, sign, right } of moves) results.push(APPLY[sign](value(left), value(right)))
  return results
}

/** Answers and what leads to them stay far below what floating point holds exactly. */
const LARGEST = 1e13

/** Numbers of these kinds with which every move gives a whole number above 1, all of them different; null where none are found. */
export function drawNumbers(moves: readonly Move[], kinds: Readonly<Record<string, NumberKind>>, source: NumberSource): Numbers | null {
  for (let attempt = 0; attempt < source.tries; attempt++) {
    const numbers: Record<string, number> = {}
    for (const [letter, kind] of Object.entries(kinds)) numbers[letter] = source.draw(kind)
    divideEvenly(moves, numbers)
    const shown = Object.values(numbers)
    const fit = Object.entries(kinds).every(([letter, kind]) => isShown(kind, numbers[letter]!) && source.allows(numbers[letter]!)) && new Set(shown).size === shown.length
    const whole = resultsOf(moves, numbers).every((value) => Number.isInteger(value) && value > 1 && value < LARGEST)
    if (fit && whole) return numbers
  }
  return null
}

/** Changes a number in each dividend so that the division comes out even; what cannot be mended so is drawn again. */
function divideEvenly(moves: readonly Move[], numbers: Record<string, number>): void {
  for (const { left, sign, right } of moves) {
    if (sign !== '/') continue
    const results = resultsOf(moves, numbers)
    const value = (term: Term): number => ('number' in term ? numbers[term.number]! : results[term.result]!)
    const divisor = value(right)
    if (Number.isInteger(divisor)) lessen(left, value(left) % divisor, divisor)
  }
  /** Makes a term smaller by `rest`, or, where it is a product, one of its numbers a multiple of the divisor. */
  function lessen(term: Term, rest: number, divisor: number): void {
    if ('number' in term) {
      numbers[term.number]! -= rest
      return
    }
    const { left, sign, right } = moves[term.result]!
    if (sign === '+') lessen('number' in right ? right : left, rest, divisor)
    if (sign === '-') lessen('number' in right ? right : left, 'number' in right ? -rest : rest, divisor)
    if (sign === '*') {
      const factor = [left, right].find((one) => 'number' in one && numbers[one.number]! > divisor)
      if (factor && 'number' in factor) numbers[factor.number]! -= numbers[factor.number]! % divisor
    }
  }
}

/** How tightly a sign binds. */
export const PRECEDENCE: Readonly<Record<Sign, number>> = { '+': 1, '-': 1, '*': 2, '/': 2 }

export type Writing = {
  readonly numbers: Numbers
  /** Results that are written as their value. */
  readonly known: ReadonlyMap<number, number>
  /** `2+3=*4` as on a pocket calculator, not `(2+3)*4`: what a bracket at the very start is for is said where it ends. */
  readonly chained: boolean
}

export function expression(moves: readonly Move[], term: Term, values: Writing): string {
  return written(term, true).text

  function written(at: Term, leftmost: boolean): { text: string; precedence: number } {
    if ('number' in at) return { text: String(values.numbers[at.number]), precedence: 3 }
    const known = values.known.get(at.result)
    if (known !== undefined) return { text: String(known), precedence: 3 }
    const { left, sign, right } = moves[at.result]!
    const precedence = PRECEDENCE[sign]
    const [a, b] = [written(left, leftmost), written(right, false)]
    const strict = sign === '-' || sign === '/'
    const wrap = ({ text, precedence: inner }: { text: string; precedence: number }, least: number, chained = false): string => (inner >= least ? text : chained ? `${text}=` : `(${text})`)
    return { text: `${wrap(a, precedence, values.chained && leftmost)}${sign}${wrap(b, strict ? precedence + 1 : precedence)}`, precedence }
  }
}
