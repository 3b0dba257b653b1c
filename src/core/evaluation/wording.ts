// Whether a task is worded like one that students are asked: eight words in a row, whatever the numbers.
import { wordsOf } from '../pipeline/curation/index.ts'

/** Words in a row. */
const RUN = 8
const NUMBER = /^\d+$/

/** A question of fewer words is one run. */
function runsOf(question: string): string[] {
  const words = wordsOf(question).map((word) => (NUMBER.test(word) ? '#' : word))
  return Array.from({ length: Math.max(1, words.length - RUN + 1) }, (_, at) => words.slice(at, at + RUN).join(' '))
}

/** Keeps training away from the wordings that are asked. */
export function createWordingCheck(asked: readonly string[]): (question: string) => boolean {
  const known = new Set(asked.flatMap(runsOf))
  return (question) => runsOf(question).some((run) => known.has(run))
}
