// The expert: plans its calls, makes a slip now and then if it is told to, and mends what came out wrong.
import { expertRandom, integer, pick, shownSettings } from '../seeds.ts'
import type { Expert, ExpertMove, ExpertOptions, PastStep } from '../suite.ts'
import { slipOf } from './slips.ts'
import { expression, resultsOf, type Story } from './story.ts'
import { concluded, plain, restated, type Stage } from './thoughts.ts'

/** Moves of one call at most, where it may do several. */
const MOVES_AT_ONCE = 3

/** Which moves each call makes: all at once, or one after the other, or divided somewhere where there are many. */
export function stagesOf({ moves, numbers }: Story, atOnce: number): Stage[] {
  const values = resultsOf(moves, numbers)
  const stages: Stage[] = []
  const known = new Map<number, number>()
  for (let from = 0; from < moves.length; from += atOnce) {
    const made = moves.map((_, index) => index).slice(from, from + atOnce)
    const last = made.at(-1)!
    // What a later move needs beside the last result is computed by itself.
    const open = made.filter((index) => index !== last && !usedWithin(index, made))
    for (const index of open) stages.push(single(index))
    stages.push(stage(made.filter((index) => !open.includes(index)), last))
  }
  return stages

  function single(index: number): Stage {
    return stage([index], index)
  }
  function stage(indexes: readonly number[], last: number): Stage {
    const text = expression(moves, { result: last }, { numbers, known })
    for (const index of indexes) if (index === last) known.set(index, values[index]!)
    return { moves: indexes, expression: text, value: values[last]! }
  }
  function usedWithin(index: number, made: readonly number[]): boolean {
    return made.some((later) => later > index && [moves[later]!.left, moves[later]!.right].some((term) => 'result' in term && term.result === index))
  }
}

export function arithExpert(task: string, story: Story, { seed, options = {} }: { seed: number; options?: ExpertOptions | undefined }): Expert {
  const shown = shownSettings(task, seed, options)
  const stream = (purpose: string): ReturnType<typeof expertRandom> => expertRandom(task, seed, purpose)
  const stages = stagesOf(story, shown.stepwise ? 1 : MOVES_AT_ONCE)
  const slip = shown.recovery ? planSlip() : null
  const answer = stages.at(-1)!.value
  return { next }

  function planSlip(): { stage: number; expression: string; mended: string } | null {
    const random = stream('slip')
    const stage = integer(0, stages.length - 1, random)
    const made = slipOf(stages[stage]!.expression, random)
    return made && { stage, ...made }
  }

  function next(steps: readonly PastStep[]): ExpertMove {
    const seen = new Set(steps.flatMap(({ observations }) => observations.map((text) => text.trim())))
    const at = stages.findIndex(({ value }) => !seen.has(String(value)))
    if (at < 0) return { thought: concluded(answer, story, stream('end')), answer: String(answer) }
    const stage = stages[at]!
    const random = stream(`stage ${at}`)
    const thought = shown.restate
      ? restated(story, stage, { first: at === 0, random })
      : plain(story, stage, { known: new Map(stages.slice(0, at).map(({ moves, value }) => [moves.at(-1)!, value])), random })
    const wrong = steps.at(-1)
    if (slip?.stage === at && !steps.some((step) => wrote(step, slip.expression))) return { thought, calls: [calculation(slip.expression)], mistake: true }
    const mending = slip && wrong && wrote(wrong, slip.expression) ? slip.mended : steps.length > at ? pick(WRONG, stream(`mend ${steps.length}`)) : null
    return { thought: mending ?? thought, calls: [calculation(stage.expression)] }
  }

  function calculation(text: string): { name: string; arguments: string } {
    return options.style === 'code'
      ? { name: 'javascript', arguments: JSON.stringify({ code: `console.log(${text})` }) }
      : { name: 'calc', arguments: JSON.stringify({ expression: text }) }
  }
}

const wrote = ({ calls }: PastStep, text: string): boolean => calls.some(({ argument }) => argument.includes(text))

const WRONG: readonly string[] = [
  'That is not what I need. I compute it again.',
  'This does not help, so I go back to the numbers of the question.',
  'That went wrong. Again, with the numbers as they are given.',
]
