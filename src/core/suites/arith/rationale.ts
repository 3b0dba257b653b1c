// A worked solution in words, without a tool: for chain-of-thought distillation.
import { expertRandom, pick } from '../seeds.ts'
import { resultsOf, type Sign, type Story, type Term } from './story.ts'

const DOING: Readonly<Record<Sign, (a: string, b: string) => string>> = {
  '+': (a, b) => `adding ${a} and ${b}`,
  '-': (a, b) => `taking ${b} from ${a}`,
  '*': (a, b) => `multiplying ${a} by ${b}`,
  '/': (a, b) => `dividing ${a} by ${b}`,
}

const LINKS = [['First,', 'Then', 'After that,', 'Finally,'], ['To begin with,', 'Next,', 'Then', 'At last']] as const

/** One sentence a move, then `Answer: N`. */
export function arithRationale(task: string, { moves, numbers }: Story, seed: number): string {
  const values = resultsOf(moves, numbers)
  const word = (term: Term): string => String('number' in term ? numbers[term.number] : values[term.result])
  const links = pick(LINKS, expertRandom(task, seed, 'rationale'))
  const sentences = moves.map(({ left, sign, right }, index) => `${links[index] ?? 'Then'} ${DOING[sign](word(left), word(right))} gives ${values[index]}.`)
  return `${sentences.join(' ')}\nAnswer: ${values.at(-1)}`
}
