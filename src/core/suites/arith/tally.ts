// The expert's terse thoughts: the numbers in the order of the expression, and after each what is done with it. A small student
// copies a number from the question more surely than it decides what to do before it has named it (docs/log.md).
import type { Sign, Story, Term } from './story.ts'
import type { Stage } from './thoughts.ts'

const DONE: Readonly<Record<Sign, string>> = { '+': 'to add', '-': 'to subtract', '*': 'to multiply by', '/': 'to divide by' }

type Phrase = { readonly number: string; readonly done: string }

/** "412 first, 1250 to multiply by, 98317 to subtract", for a call without brackets. */
export function tally({ moves, numbers }: Story, { root }: Stage, known: ReadonlyMap<number, number>): string {
  return `${phrases({ result: root }).map(({ number, done }) => `${number} ${done}`).join(', ')}.`

  function phrases(term: Term): Phrase[] {
    const number = 'number' in term ? numbers[term.number] : known.get(term.result)
    if (number !== undefined) return [{ number: String(number), done: 'first' }]
    const { left, sign, right } = moves[(term as { readonly result: number }).result]!
    const [first, ...others] = phrases(right)
    return [...phrases(left), { number: first!.number, done: DONE[sign] }, ...others]
  }
}
