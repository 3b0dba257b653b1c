// Does the thought lead to the action? The measures of Structured Agent Distillation (arXiv 2505.13820), as they are taken here:
//
// - The student is put behind each step of an expert's episode that it was not trained on, and writes its turn greedily.
// - ACT accuracy, own thought: the share of steps whose calls, or answer, are the expert's (tools and canonical arguments).
// - ACT accuracy, swapped thought: the same where the turn is made to begin with the thought that the student had at a step of
//   another task. Where thoughts lead to actions it is much lower; where they are only said, it is as high. Steps for which no other
//   task has a thought in words are left out of it, and counted. Steps that leave no room in the context are left out of all.
// - Own against swapped: the difference of both, paired, over the steps that have both.
// - Reasoning length: tokens of the thought, the student's and the expert's.
// - CoT match rate: how far the student's thought is worded as the expert's, as the mean of ROUGE-L over words (C.-Y. Lin, 2004).
//   The paper does not say how it counts a match; this choice is ours.
//
// Several steps are of one task, and intervals draw tasks (clustered.ts): as if each step stood alone they would be too narrow.
import type { Rationale } from '../../shared/records/ladder.ts'
import { wordsOf } from '../words.ts'
import { clusteredDifference, clusteredMean } from './clustered.ts'
import { mean } from './statistics.ts'

export type AskedStep = {
  /** Id of its task. */
  readonly task: string
  readonly thought: string
  readonly expertThought: string
  /** Whether the action is the expert's, behind the student's own thought, and behind another one; null: there is no other one. */
  readonly own: boolean
  readonly swapped: boolean | null
  readonly tokens: { readonly student: number; readonly expert: number }
}

/** The same intervals each time. */
const DRAWN = { seed: 0 }

/** null of no steps. `tooLong`: steps that could not be asked. */
export function rationaleOf(steps: readonly AskedStep[], tooLong = 0): Omit<Rationale, 'arm' | 'seed'> | null {
  const { length } = steps
  if (length === 0) return null
  const both = steps.flatMap(({ task, own, swapped }) => (swapped === null ? [] : [{ task, first: Number(swapped), second: Number(own) }]))
  return {
    steps: length,
    tooLong,
    unswapped: length - both.length,
    tasks: new Set(steps.map(({ task }) => task)).size,
    actAccuracy: {
      own: clusteredMean(steps.map(({ task, own }) => ({ task, value: Number(own) })), DRAWN)!,
      swapped: clusteredMean(both.map(({ task, first }) => ({ task, value: first })), DRAWN),
      difference: clusteredDifference(both, DRAWN),
    },
    thoughtTokens: { student: mean(steps.map(({ tokens }) => tokens.student)), expert: mean(steps.map(({ tokens }) => tokens.expert)) },
    matchRate: clusteredMean(steps.map(({ task, thought, expertThought }) => ({ task, value: rougeL(thought, expertThought) })), DRAWN)!,
  }
}

/** F of the longest common subsequence of words, in [0, 1]; case and signs between words do not count. */
export function rougeL(first: string, second: string): number {
  const [a, b] = [wordsOf(first), wordsOf(second)]
  if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0
  let row = new Array<number>(b.length + 1).fill(0)
  for (const word of a) {
    const next = [0]
    for (const [j, other] of b.entries()) next.push(word === other ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!))
    row = next
  }
  return (2 * row[b.length]!) / (a.length + b.length)
}
