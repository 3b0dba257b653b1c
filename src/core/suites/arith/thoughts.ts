// The expert's thoughts: what is asked and given, what is computed and why, in varied words.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import type { Move, Sign, Story, Term } from './story.ts'
import { numbered } from './template.ts'

/** What is computed in one call: the moves it makes, the last of which is `root`. */
export type Stage = { readonly moves: readonly number[]; readonly root: number; readonly expression: string; readonly value: number }

const VERB: Readonly<Record<Sign, string>> = { '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide' }

const cap = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Which operation each fact calls for, in the order of the moves. */
function reasons({ moves, numbers }: Story, stage: Stage, random: Random): string {
  const form = pick(REASONS, random)
  return stage.moves.map((index) => cap(form(numbered(moves[index]!.say, numbers), VERB[moves[index]!.sign]))).join(' ')
}

const REASONS: readonly ((say: string, verb: string) => string)[] = [
  (say, verb) => `${say}: ${verb}.`,
  (say, verb) => `${say}, so ${verb}.`,
  (say, verb) => `${say}, I ${verb}.`,
]

const GOALS: readonly ((goal: string) => string)[] = [
  (goal) => `I need ${goal}.`,
  (goal) => `The question is about ${goal}.`,
  (goal) => `Wanted: ${goal}.`,
  (goal) => `I am looking for ${goal}.`,
  (goal) => `Goal: ${goal}.`,
  (goal) => `I want to know ${goal}.`,
]

export function restated(story: Story, stage: Stage, { first, random }: { first: boolean; random: Random }): string {
  const goal = first ? [pick(GOALS, random)(story.goal)] : []
  const idle = first && story.idle !== '' ? [`${cap(story.idle)} ${pick(['does not matter.', 'plays no part.', 'is not needed.'], random)}`] : []
  return [...goal, ...idle, reasons(story, stage, random)].join(' ')
}

/** "multiply 12 by 3 and subtract 4": the operations alone. */
export function plain({ moves, numbers }: Story, stage: Stage, { known, random }: { known: ReadonlyMap<number, number>; random: Random }): string {
  const word = (term: Term): string => ('number' in term ? String(numbers[term.number]) : known.has(term.result) ? String(known.get(term.result)) : 'that')
  const parts = stage.moves.map((index, place) => phrase(moves[index]!, place > 0 && refersTo(moves[index]!, stage.moves[place - 1]!), word))
  return pick(PLAIN, random)(parts.join(' and '))
}

const PLAIN: readonly ((work: string) => string)[] = [
  (work) => `I ${work}.`,
  (work) => `First I ${work}.`,
  (work) => `I have to ${work}.`,
  (work) => `Let me ${work}.`,
  (work) => `I will ${work}.`,
  (work) => `${cap(work)}.`,
]

const refersTo = ({ left }: Move, before: number): boolean => 'result' in left && left.result === before

/** `goesOn`: the left side is what was just computed. */
function phrase({ left, sign, right }: Move, goesOn: boolean, word: (term: Term) => string): string {
  const [a, b] = [word(left), word(right)]
  switch (sign) {
    case '+':
      return goesOn ? `add ${b}` : `add ${b} to ${a}`
    case '-':
      return goesOn ? `subtract ${b}` : `subtract ${b} from ${a}`
    case '*':
      return goesOn ? `multiply by ${b}` : `multiply ${a} by ${b}`
    case '/':
      return goesOn ? `divide by ${b}` : `divide ${a} by ${b}`
  }
}

const RESULTS: readonly ((value: string, goal: string) => string)[] = [
  (value) => `The result is ${value}.`,
  (value) => `That gives ${value}.`,
  (value, goal) => `For ${goal} I get ${value}.`,
  (value) => `The answer is ${value}.`,
  (value) => `${value} is what was asked for.`,
  (value) => `Now I know the answer, ${value}.`,
]

export const concluded = (value: number, { goal }: Story, random: Random): string => pick(RESULTS, random)(String(value), goal)
