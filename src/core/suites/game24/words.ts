// The expert's words in the game: what is wanted, how it follows from the goal, what a try came to.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import type { Hand } from './pool.ts'
import { leaves, type Tree, treeText, valueText } from './solve.ts'

const and = (numbers: readonly (number | string)[]): string => (numbers.length < 2 ? numbers.join('') : `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)!}`)

export function questionOf({ numbers, target }: Hand, random: Random): string {
  return pick([
    `Make ${target} from ${and(numbers)}.`,
    `Numbers: ${numbers.join(' ')}. Make ${target}.`,
    `Use ${and(numbers)} to reach ${target}.`,
    `How can ${and(numbers)} give ${target}?`,
    `Target: ${target}. Numbers: ${and(numbers)}.`,
  ], random)
}

export const wanted = ({ numbers, target }: Hand, random: Random): string =>
  pick([
    `I need ${target} from ${and(numbers)}, each used once.`,
    `${target} has to come from ${and(numbers)}.`,
    `Goal: ${target}. Numbers: ${numbers.join(' ')}.`,
    `I have ${and(numbers)} and want ${target}.`,
    `The target is ${target}, the numbers are ${and(numbers)}.`,
  ], random)

/** From the goal down to the numbers: what each value is made of. */
export function goalSearch(tree: Tree, random: Random): string[] {
  if (tree.leaf) return []
  const { left, sign, right, value } = tree
  const sum = `${valueText(left.value)} ${sign} ${bracketed(valueText(right.value))}`
  const open = [left, right].filter((part) => !part.leaf)
  const goal = valueText(value)
  const form = pick([`${goal} is ${sum}`, `${goal} = ${sum}`, `I can get ${goal} as ${sum}`, `${sum} makes ${goal}`], random)
  const rest = open.map((part) => `${valueText(part.value)} from ${and(leaves(part))}`)
  const need = open.length === 0 ? '' : pick([`, so I need ${and(rest)}`, `; then I need ${and(rest)}`, `. That leaves ${and(rest)}`], random)
  return [`${form}${need}.`, ...open.flatMap((part) => goalSearch(part, random))]
}

const bracketed = (text: string): string => (/[-/]/.test(text) ? `(${text})` : text)

export const attempted = (text: string, random: Random): string => pick([`So ${text}.`, `I check ${text}.`, `That is ${text}.`, `Together: ${text}.`, `I compute ${text}.`], random)

export const guessed = (text: string, random: Random): string => pick([`I try ${text}.`, `Maybe ${text}.`, `First a guess: ${text}.`, `What about ${text}?`, `${text} could be near.`], random)

export const missed = ({ target }: Hand, found: string, random: Random): string =>
  pick([`${found} is not ${target}.`, `That is ${found}, not ${target}.`, `${found} does not help, I need ${target}.`, `No, ${found}. Back to the goal.`, `That misses ${target}.`], random)

/** One combination: what it makes, and the numbers that are there then. */
export const step = ({ made, text, left }: { readonly made: string; readonly text: string; readonly left: readonly string[] }, random: Random): string => {
  const rest = left.length === 1 ? '' : ` ${pick(['Left:', 'Then I have', 'Now there are', 'Remaining:'], random)} ${left.join(' ')}.`
  return `${pick([`${text} = ${made}.`, `${text} is ${made}.`, `I make ${made} with ${text}.`, `${text} gives ${made}.`], random)}${rest}`
}

export const done = ({ target }: Hand, tree: Tree, random: Random): string =>
  pick([`${treeText(tree)} is ${target}.`, `That is ${target}, with every number used once.`, `It gives ${target}.`, `${target} is reached.`, 'All four numbers are used, and the value is right.'], random)
