// The expert's thoughts: what is asked, what has been read, what comes next, put together from varied words.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import type { Attribute } from './kinds.ts'
import type { Plan } from './question.ts'

type Form = (...parts: readonly string[]) => string

/** "the author of Amber Road" */
export const phrase = ({ noun }: Attribute, name: string): string => `${noun} of ${name}`

const say = (forms: readonly Form[], random: Random, ...parts: readonly string[]): string => pick(forms, random)(...parts)

const GOALS: readonly Form[] = [
  (goal) => `I need ${goal}.`,
  (goal) => `The question asks for ${goal}.`,
  (goal) => `Wanted: ${goal}.`,
  (goal) => `I am looking for ${goal}.`,
  (goal) => `What is asked is ${goal}.`,
  (goal) => `Goal: ${goal}.`,
]
const BEGINNINGS: readonly Form[] = [
  (part) => `First I find ${part}.`,
  (part) => `That takes ${part} first.`,
  (part) => `The first step is ${part}.`,
  (_, name) => `I begin with ${name}.`,
  (_, name) => `To get there I read about ${name}.`,
]
const PLAIN: readonly Form[] = [
  (name) => `I search for ${name}.`,
  (name) => `Let me read about ${name}.`,
  (name) => `I look up ${name}.`,
  (name) => `First ${name}.`,
  (name) => `I start from ${name}.`,
]
const NEXT: readonly Form[] = [
  (part) => `Now I need ${part}.`,
  (part) => `Next comes ${part}.`,
  (part) => `What remains is ${part}.`,
  (part) => `The next step is ${part}.`,
  (part) => `So I go on to ${part}.`,
]
const READ: readonly Form[] = [(fact) => `${fact}.`, (fact) => `I see: ${fact}.`, (fact) => `The article says: ${fact}.`, (fact) => `Good. ${fact}.`, (fact) => `Here it is: ${fact}.`]
const ELSEWHERE: readonly Form[] = [
  (part, word) => `The beginning does not give ${part}. I look for "${word}".`,
  (part, word) => `I do not see ${part} yet, so I look for the word "${word}".`,
  (part, word) => `${capital(part)} must stand further down. Maybe near "${word}".`,
  (part, word) => `Not there yet. For ${part} I try "${word}".`,
]
const OTHER_WORD: readonly Form[] = [
  (word) => `No luck with that word. I try "${word}".`,
  (word) => `It may be put another way: "${word}".`,
  (word) => `That did not help. Another word: "${word}".`,
]
const OTHER_THING: readonly Form[] = [
  (name, kind) => `This is another ${name}, I mean the ${kind}. I search again.`,
  (name, kind) => `That is not the ${kind} ${name}. I ask for the ${kind}.`,
  (name, kind) => `The name is used twice. I want the ${kind} ${name}.`,
  (name, kind) => `${name} the ${kind} is meant, so I search more exactly.`,
]
const BACK: readonly Form[] = [(name) => `I go back to ${name}.`, (name) => `Back to the article on ${name}.`]
const ENDS: readonly Form[] = [
  (answer) => `So the answer is ${answer}.`,
  (answer) => `The answer is ${answer}.`,
  (answer) => `That answers the question: ${answer}.`,
  (answer) => `${capital(answer)} is what was asked for.`,
  (answer) => `So I answer ${answer}.`,
]

/** Before the first search. `part`: what it is to find. */
export function first(plan: Plan, { restate, part, name, random }: { restate: boolean; part: string; name: string; random: Random }): string {
  if (!restate) return say(PLAIN, random, name)
  return `${say(GOALS, random, goalOf(plan, random))} ${say(BEGINNINGS, random, part, name)}`
}

function goalOf(plan: Plan, random: Random): string {
  if (plan.type === 'bridge') return phrase(plan.ask, phrase(plan.hop, plan.head))
  const [a, b] = plan.names
  const noun = plan.of.noun.replace(/^the /, '')
  if (plan.by === 'same') return pick([`whether ${a} and ${b} have the same ${noun}`, `whether the ${noun} of ${a} is that of ${b}`], random)
  const most = plan.of.value === 'year' ? YEARS[plan.by] : NUMBERS[plan.by]
  return `which of ${a} and ${b} has the ${pick(most, random)} ${noun}`
}

const YEARS = { more: ['later', 'more recent'], less: ['earlier'] } as const
const NUMBERS = { more: ['larger', 'greater', 'higher'], less: ['smaller', 'lower'] } as const

/** A sentence on a thing, with its name: as it was read, where that one holds a subject, else as other articles have it. */
export function fact({ sentences }: Attribute, { name, value, form }: { name: string; value: string; form?: string }, random: Random): string {
  const named = sentences.filter((sentence) => /\{[Ss]\}/.test(sentence))
  const chosen = form !== undefined && named.includes(form) ? form : pick(named, random)
  return chosen.replace(/\{[Ss]\}/, name).replace('{v}', value)
}

export const readFact = (text: string, random: Random): string => say(READ, random, text)
export const next = (part: string, random: Random): string => say(NEXT, random, part)
export const furtherDown = (part: string, word: string, random: Random): string => say(ELSEWHERE, random, part, word)
export const otherWord = (word: string, random: Random): string => say(OTHER_WORD, random, word)
export const otherThing = (name: string, kind: string, random: Random): string => say(OTHER_THING, random, name, kind)
export const back = (name: string, random: Random): string => say(BACK, random, name)
export const ends = (answer: string, random: Random): string => say(ENDS, random, answer)

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)
