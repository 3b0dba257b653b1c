// Slips that an agent makes with a calculator, and the words in which it mends them. What the calculator answers gives each of them
// away: no whole number, nothing above one, or a refusal. A slip that nothing shows would teach to doubt what is right.
import type { Random } from '../../random.ts'
import { evaluate } from '../../agent/index.ts'
import { pick } from '../seeds.ts'

/** `expression`: with the slip; `mended`: the thought of the step that follows. */
export type Slip = { readonly expression: string; readonly mended: string }

type Kind = { readonly slipped: (expression: string, random: Random) => string | null; readonly mended: readonly string[] }

const KINDS: readonly Kind[] = [
  {
    slipped: (expression) => expression.replace(/[()]/g, ''),
    mended: ['That cannot be, the brackets are missing.', 'I left out the brackets.', 'Without brackets that comes out wrong. Again, with them.'],
  },
  { slipped: swapped, mended: ['The wrong way round. I swap the two sides.', 'That cannot be, the sides have to change places.'] },
  {
    slipped: (expression, random) => divided(expression, random),
    mended: ['No whole number: I have to multiply, not divide.', 'That cannot be. I divided where I have to multiply.'],
  },
  {
    slipped: (expression) => expression.replace(/\d+\)?$/, ''),
    mended: ['The expression was not complete. I write it out.', 'I left out the last number, so again.'],
  },
  { slipped: (expression) => expression.replace(/\d+/, '$& pieces'), mended: ['Only numbers and signs may stand there. I leave out the word.', 'The calculator takes no words.'] },
]

/** A slip in this expression; null where none of a few shows in its result. */
export function slipOf(expression: string, random: Random): Slip | null {
  for (let attempt = 0; attempt < KINDS.length; attempt++) {
    // Brackets are what is left out most often: where there are any, every other slip is that.
    const kind = expression.includes('(') && random.next() < 0.5 ? KINDS[0]! : pick(KINDS, random)
    const made = kind.slipped(expression, random)
    if (made !== null && made !== expression && shows(made)) return { expression: made, mended: pick(kind.mended, random) }
  }
  return null
}

/** All that is computed on the way to an answer is whole and above one (`drawNumbers`), so anything else is wrong. */
function shows(expression: string): boolean {
  const value = evaluate(expression)
  return 'problem' in value || value.d !== 1n || value.n <= 1n
}

/** A division in place of one of the multiplications; null where there are none. */
function divided(expression: string, random: Random): string | null {
  const places = [...expression].flatMap((character, at) => (character === '*' ? [at] : []))
  if (places.length === 0) return null
  const at = pick(places, random)
  return `${expression.slice(0, at)}/${expression.slice(at + 1)}`
}

/** What is subtracted or divided by comes first; null for an expression that does neither last. */
function swapped(expression: string): string | null {
  const at = lastSign(expression, '+-') ?? lastSign(expression, '*/')
  if (at === null || !'-/'.includes(expression[at]!)) return null
  const [left, right] = [expression.slice(0, at), expression.slice(at + 1)]
  return `${right}${expression[at]!}${/^\d+$|^\([^()]*\)$/.test(left) ? left : `(${left})`}`
}

/** Where the last of these signs stands outside all brackets. */
function lastSign(expression: string, signs: string): number | null {
  let depth = 0
  for (let at = expression.length - 1; at >= 0; at--) {
    const character = expression[at]!
    if (character === ')') depth += 1
    if (character === '(') depth -= 1
    if (depth === 0 && signs.includes(character)) return at
  }
  return null
}
