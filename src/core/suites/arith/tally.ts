// The expert's terse thoughts: the numbers in the order of the expression, and after each what is done with it. A small student
// copies a number from the question more surely than it decides what to do before it has named it (docs/log.md).
import { PRECEDENCE, type Sign, type Story, type Term } from './story.ts'
import type { Stage } from './thoughts.ts'

const DONE: Readonly<Record<Sign, readonly [alone: string, all: string]>> = {
  '+': ['to add', 'to add'],
  '-': ['to subtract', 'to subtract'],
  '*': ['to multiply by', 'to multiply all by'],
  '/': ['to divide by', 'to divide all by'],
}

type Phrase = { readonly number: string; readonly done: string }

/** "412 first, 1250 to multiply by, 98317 to subtract": with `all`, what was said so far is one operand. */
export function tally({ moves, numbers }: Story, { root }: Stage, known: ReadonlyMap<number, number>): string {
  return `${said({ result: root })}.`

  function said(term: Term): string {
    return phrases(term).map(({ number, done }) => `${number} ${done}`).join(', ')
  }

  function phrases(term: Term): Phrase[] {
    const number = 'number' in term ? numbers[term.number] : known.get(term.result)
    if (number !== undefined) return [{ number: String(number), done: 'first' }]
    const { left, sign, right } = moves[(term as { readonly result: number }).result]!
    const [first, ...others] = phrases(right)
    const [alone, all] = DONE[sign]
    const done = strength(left) < PRECEDENCE[sign] ? all : alone
    if (others.length === 0) return [...phrases(left), { number: first!.number, done }]
    const unbracketed = strength(right) > PRECEDENCE[sign] || (strength(right) === PRECEDENCE[sign] && (sign === '+' || sign === '*'))
    if (unbracketed && others.every((one) => !one.done.includes(' all '))) return [...phrases(left), { number: first!.number, done }, ...others]
    return [...phrases(left), { number: `what follows ${done}:`, done: said(right) }]
  }

  /** How tightly a term holds together as it is written; a number most of all. */
  function strength(term: Term): number {
    return 'number' in term || known.has(term.result) ? Infinity : PRECEDENCE[moves[term.result]!.sign]
  }
}
