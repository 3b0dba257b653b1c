// The rule that the starter's text keeps: nothing that an agent of a suite writes or is told, and nothing of what students are measured on.
import { createOverlapIndex } from '../../src/core/pipeline/curation/ngrams.ts'
import { drawProblems, SUITES } from '../../src/core/suites/index.ts'

/** What agents write, and what is written to them; a call of a suite's tool with anything in its brackets. */
const AGENTS_WORK: readonly RegExp[] = [
  /^\s*(?:thought|action|act|observation|final answer)\s*\d*\s*:/im,
  /\b(?:calc|calculator|finish|search|lookup|sql|code|final_answer|go|open|close|take|put|clean|heat|cool|use|examine|look|inventory|click|buy)\s*[[(]/i,
  /<\/?think>|```|tool_call/i,
]

/** Tasks of each suite and split whose questions are compared, of each of these seeds; and the words of a run. */
const MEASURED = { seeds: [0, 1, 2, 9], tasks: 100, words: 8 } as const

/** What is wrong with a text, in words; null: it is clear. */
export function createCheck(): (text: string) => string | null {
  const evaluations = SUITES.flatMap((suite) =>
    (['held-out', 'ood'] as const).map((split) => ({
      name: `${suite.name}, ${split}`,
      questions: MEASURED.seeds.flatMap((seed) => [...drawProblems(suite, { split, seed, count: MEASURED.tasks })].map(({ task }) => task.question)),
    })),
  )
  const overlaps = createOverlapIndex(evaluations, { words: MEASURED.words, short: MEASURED.words })
  return (text) => {
    const rule = AGENTS_WORK.find((one) => one.test(text))
    if (rule) return `what agents write: ${rule.source}`
    const found = overlaps.find(text)
    return found && `words of a question of ${found.set}: ${found.words}`
  }
}
