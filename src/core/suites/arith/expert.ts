// The expert: plans its calls, makes a slip now and then if it is told to, and mends what came out wrong.
import { expertRandom, integer, pick, shownSettings } from '../seeds.ts'
import type { Expert, ExpertMove, ExpertOptions, PastStep } from '../suite.ts'
import { type Slip, slipOf } from './slips.ts'
import { expression, type Move, resultsOf, type Story, type Term } from './story.ts'
import { tally } from './tally.ts'
import { concluded, restated, type Stage } from './thoughts.ts'

/** Moves of one call at most, where it may do several. */
const MOVES_AT_ONCE = 3

/** The moves that a move's result is made of, itself among them. */
function made(moves: readonly Move[], index: number): number[] {
  const before = (term: Term): number[] => ('result' in term ? made(moves, term.result) : [])
  const { left, right } = moves[index]!
  return [...new Set([...before(left), ...before(right), index])].sort((a, b) => a - b)
}

export type Calling = {
  readonly stepwise: boolean
  /** With the calculator's "=". */
  readonly chained: boolean
}

/** Which moves each call makes: every one by itself, or all together, or in two calls where they are many. */
export function stagesOf({ moves, numbers }: Story, { stepwise, chained }: Calling): Stage[] {
  const values = resultsOf(moves, numbers)
  const last = moves.length - 1
  const known = new Map<number, number>()
  const stage = (index: number): Stage => {
    const work = made(moves, index).filter((move) => !covered.has(move))
    for (const move of work) covered.add(move)
    const text = expression(moves, { result: index }, { numbers, known, chained })
    known.set(index, values[index]!)
    return { moves: work, root: index, expression: text, value: values[index]! }
  }
  const covered = new Set<number>()
  if (stepwise) return moves.map((_, index) => stage(index))
  if (moves.length > MOVES_AT_ONCE) {
    const half = moves.map((_, index) => index).slice(0, last).sort((a, b) => Math.abs(made(moves, a).length - moves.length / 2) - Math.abs(made(moves, b).length - moves.length / 2))[0]!
    return [stage(half), stage(last)]
  }
  return [stage(last)]
}

export function arithExpert(task: string, story: Story, { seed, options = {} }: { seed: number; options?: ExpertOptions | undefined }): Expert {
  const shown = shownSettings(task, seed, options)
  const stream = (purpose: string): ReturnType<typeof expertRandom> => expertRandom(task, seed, purpose)
  const chained = options.style !== 'code'
  const stages = stagesOf(story, { ...shown, chained })
  const slip = shown.recovery ? planSlip() : null
  const answer = stages.at(-1)!.value
  const values = new Set(stages.map(({ value }) => String(value)))
  return { next }

  function planSlip(): (Slip & { stage: number }) | null {
    const random = stream('slip')
    const at = integer(0, stages.length - 1, random)
    const made = slipOf({ story, stage: stages[at]!, known: before(at), chained, random })
    return made && { stage: at, ...made }
  }

  /** What the calls before this one came to. */
  function before(at: number): ReadonlyMap<number, number> {
    return new Map(stages.slice(0, at).map(({ root, value }) => [root, value]))
  }

  function thought(read: Story, at: number): string {
    return shown.restate ? restated(read, stages[at]!, { first: at === 0, random: stream(`stage ${at}`) }) : tally(read, stages[at]!, before(at))
  }

  function next(steps: readonly PastStep[]): ExpertMove {
    const seen = new Set(steps.flatMap(({ observations }) => observations.map((text) => text.trim())))
    const at = seen.has(String(answer)) ? -1 : stages.findIndex(({ value }) => !seen.has(String(value)))
    if (at < 0) return { thought: concluded(answer, story, stream('end')), answer: String(answer) }
    if (slip?.stage === at && !steps.some((step) => wrote(step, slip.expression))) return { thought: thought(slip.story, at), calls: [calculation(slip.expression)], mistake: true }
    const last = steps.at(-1)
    const wrong = last && !last.observations.some((text) => values.has(text.trim())) ? last : null
    const noticed = wrong && (slip && wrote(wrong, slip.expression) ? slip.noticed : pick(WRONG, stream(`mend ${steps.length}`)))
    return { thought: [...(noticed ? [noticed] : []), thought(story, at)].join(' '), calls: [calculation(stages[at]!.expression)] }
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
