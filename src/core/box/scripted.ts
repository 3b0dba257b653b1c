// A scripted maker of tools for the Game of 24: no model. It writes what a teacher might, good and bad, so that the way of a box
// can be run and measured without one. What is measured then is the way, not a teacher.
import type { Turn } from '../../shared/records/trajectory.ts'
import type { ChatModel } from '../agent/index.ts'

const GOAL = 24
/** For choosing a way of writing by the question's letters (FNV-1a's prime). */
const PRIME = 0x01000193

type Writing = { readonly share: number; write(numbers: readonly number[]): string }

const PERMUTED = `  const orders = (items) => (items.length < 2 ? [items] : items.flatMap((item, at) => orders(items.filter((_, other) => other !== at)).map((rest) => [item, ...rest])))
  const apply = { '+': (x, y) => x + y, '-': (x, y) => x - y, '*': (x, y) => x * y, '/': (x, y) => (y === 0 ? NaN : x / y) }
  const signs = Object.keys(apply)`

const recursive = (name: string, signs: string): ((numbers: readonly number[]) => string) => (numbers) => `// Finds an expression that makes ${GOAL}: combines two of the numbers until one is left.
const numbers = [${numbers.join(', ')}]
function ${name}(numbers) {
  const search = (items) => {
    if (items.length === 1) return Math.abs(items[0].value - ${GOAL}) < 1e-9 ? items[0].text : null
    for (const one of items) for (const two of items) {
      if (one === two) continue
      const rest = items.filter((item) => item !== one && item !== two)
      for (const sign of ${signs}) {
        if (sign === '/' && two.value === 0) continue
        const value = sign === '+' ? one.value + two.value : sign === '-' ? one.value - two.value : sign === '*' ? one.value * two.value : one.value / two.value
        const found = search([...rest, { value, text: '(' + one.text + sign + two.text + ')' }])
        if (found !== null) return found
      }
    }
    return null
  }
  return search(numbers.map((number) => ({ value: number, text: String(number) })))
}
final_answer(${name}(numbers))`

const WRITINGS: readonly Writing[] = [
  { share: 3, write: recursive('makeTwentyFour', `['+', '-', '*', '/']`) },
  // Right wherever no division is needed.
  { share: 2, write: recursive('makeWithoutDivision', `['+', '-', '*']`) },
  {
    share: 2,
    // From left to right alone.
    write: (numbers) => `// Tries all orders of the numbers and all signs from left to right to reach ${GOAL}.
const hand = [${numbers.join(', ')}]
function fromLeftToRight(hand) {
${PERMUTED}
  for (const [a, b, c, d] of orders(hand)) for (const f of signs) for (const g of signs) for (const h of signs) {
    if (Math.abs(apply[h](apply[g](apply[f](a, b), c), d) - ${GOAL}) < 1e-9) return '((' + a + f + b + ')' + g + c + ')' + h + d
  }
  return null
}
final_answer(fromLeftToRight(hand))`,
  },
  {
    share: 2,
    // Two pairs alone; the numbers are constants of their own.
    write: ([a, b, c, d]) => `// Makes ${GOAL} from two pairs of the numbers.
const a = ${a}, b = ${b}, c = ${c}, d = ${d}
function fromTwoPairs(list) {
${PERMUTED}
  for (const [p, q, r, s] of orders(list)) for (const f of signs) for (const g of signs) for (const h of signs) {
    if (Math.abs(apply[g](apply[f](p, q), apply[h](r, s)) - ${GOAL}) < 1e-9) return '(' + p + f + q + ')' + g + '(' + r + h + s + ')'
  }
  return null
}
final_answer(fromTwoPairs([a, b, c, d]))`,
  },
  // Worked out beforehand: right, and no tool.
  { share: 1, write: (numbers) => `// The answer.\nfinal_answer(${JSON.stringify(solved(numbers.map((number) => ({ value: number, text: String(number) }))) ?? 'none')})` },
]

export const scriptedToolmaker = (): ChatModel => ({
  name: 'scripted toolmaker',
  async *complete(turns) {
    const question = turns.findLast(({ role }: Turn) => role === 'user')?.text ?? ''
    const all = (question.match(/\d+/g) ?? []).map(Number)
    const goal = all[0] === GOAL ? 0 : all.lastIndexOf(GOAL)
    const numbers = all.filter((_, at) => at !== goal)
    yield { type: 'text', text: `Thought: A tool can search for it.\nCode:\n\`\`\`javascript\n${writingFor(question).write(numbers)}\n\`\`\`` }
    yield { type: 'end', reason: 'stop', tokens: null, promptTokens: null }
  },
})

function writingFor(question: string): Writing {
  let hash = 0
  for (const character of question) hash = Math.imul(hash ^ character.codePointAt(0)!, PRIME)
  const total = WRITINGS.reduce((sum, { share }) => sum + share, 0)
  let place = ((hash ^ (hash >>> 15)) >>> 0) % total
  return WRITINGS.find(({ share }) => (place -= share) < 0)!
}

type Item = { readonly value: number; readonly text: string }

function solved(items: readonly Item[]): string | null {
  if (items.length === 1) return Math.abs(items[0]!.value - GOAL) < 1e-9 ? items[0]!.text : null
  for (const one of items) {
    for (const two of items) {
      if (one === two) continue
      const rest = items.filter((item) => item !== one && item !== two)
      const ways: Item[] = [
        { value: one.value + two.value, text: `(${one.text}+${two.text})` },
        { value: one.value - two.value, text: `(${one.text}-${two.text})` },
        { value: one.value * two.value, text: `(${one.text}*${two.text})` },
        ...(two.value === 0 ? [] : [{ value: one.value / two.value, text: `(${one.text}/${two.text})` }]),
      ]
      for (const way of ways) {
        const found = solved([...rest, way])
        if (found !== null) return found
      }
    }
  }
  return null
}
