// The expert's thoughts: what is asked and given, what is computed and why, in varied words.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import type { Sign, Story } from './story.ts'
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

const RESULTS: readonly ((value: string, goal: string) => string)[] = [
  (value) => `The result is ${value}.`,
  (value) => `That gives ${value}.`,
  (value, goal) => `For ${goal} I get ${value}.`,
  (value) => `The answer is ${value}.`,
  (value) => `${value} is what was asked for.`,
  (value) => `Now I know the answer, ${value}.`,
]

export const concluded = (value: number, { goal }: Story, random: Random): string => pick(RESULTS, random)(String(value), goal)
