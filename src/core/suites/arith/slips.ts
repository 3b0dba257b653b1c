// Slips that an agent makes with a calculator: a fact read for the wrong operation, sides that changed places, brackets left out, an
// expression cut short. What the calculator answers gives each of them away: a slip that nothing shows would teach to doubt what is right.
import { evaluate } from '../../agent/index.ts'
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import { expression, type Move, type Sign, type Story } from './story.ts'
import type { Stage } from './thoughts.ts'

/** `story`: as it was read, which leads to the slip. `noticed`: what the next step begins with. */
export type Slip = { readonly story: Story; readonly expression: string; readonly noticed: string }

export type Slipping = { readonly story: Story; readonly stage: Stage; readonly known: ReadonlyMap<number, number>; readonly chained: boolean; readonly random: Random }

/** Tries at a slip that shows; most stages have one among the first. */
const TRIES = 12
/** Of the tries. */
const UNFINISHED = 0.05

/** A slip in this call; null where none is found that shows in its result. */
export function slipOf(slipping: Slipping): Slip | null {
  const { stage, random } = slipping
  for (let attempt = 0; attempt < TRIES; attempt++) {
    // Brackets are left out most often, calls are seldom cut short.
    const made = random.next() < UNFINISHED ? unfinished(slipping) : brackets(stage.expression) > 0 && random.next() < 0.5 ? withoutBrackets(slipping) : pick(READINGS, random)(slipping)
    // What needs brackets where the right call needs none cannot be told in a terse thought.
    const noticed = made.expression === stage.expression || brackets(made.expression) > brackets(stage.expression) ? null : noticedIn(made.expression)
    if (noticed) return { ...made, noticed: pick(noticed, random) }
  }
  return null
}

/** With "=", which stands for those at the start. */
const brackets = (text: string): number => text.split(/[(=]/).length - 1

type Made = Omit<Slip, 'noticed'>

const withoutBrackets = ({ story, stage }: Slipping): Made => ({ story, expression: stage.expression.replace(/[()=]/g, '') })

const unfinished = ({ story, stage }: Slipping): Made => ({ story, expression: stage.expression.replace(/\d+\)?$/, '') })

const READINGS: readonly ((slipping: Slipping) => Made)[] = [
  (slipping) => misread(slipping, (move, random) => ({ ...move, sign: pick(SIGNS, random) })),
  (slipping) => misread(slipping, ({ left, right, ...move }) => ({ ...move, left: right, right: left })),
]

const SIGNS: readonly Sign[] = ['+', '-', '*', '/']

/** The story with one of the call's moves changed, and the call that follows from it. */
function misread({ story, stage, known, chained, random }: Slipping, change: (move: Move, random: Random) => Move): Made {
  const index = pick(stage.moves, random)
  const moves = story.moves.map((move, at) => (at === index ? change(move, random) : move))
  return { story: { ...story, moves }, expression: expression(moves, { result: stage.root }, { numbers: story.numbers, known, chained }) }
}

/** Words for what is seen; null: nothing is. All that is computed on the way to an answer is whole and above one (`drawNumbers`). */
function noticedIn(text: string): readonly string[] | null {
  const value = evaluate(text)
  if ('problem' in value) return ['It was not complete.', 'Something was missing at the end.']
  if (value.n <= 0n) return ['Below zero, so I read again.', 'That cannot be below zero.']
  if (value.d !== 1n) return ['No whole number, so I read again.', 'That should be a whole number.']
  return null
}
