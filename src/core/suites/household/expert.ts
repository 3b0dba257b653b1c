// The household's expert: it remembers what the observations said, searches likely places first, and words what it thinks.
import { pick, expertRandom, shownSettings } from '../seeds.ts'
import type { Expert, ExpertMove, ExpertOptions, PastStep } from '../suite.ts'
import { type Known, learn, NOTHING_SEEN } from './belief.ts'
import type { Lexicon } from './lexicon.ts'
import { type Move, rightMove, searchOrder, type Situation } from './policy.ts'
import { isLastCarry, type SlipName, SLIPS } from './slips.ts'
import { thoughtOf } from './thoughts.ts'

export type ExpertWish = {
  /** The task's id: with the seed it varies the words. */
  readonly task: string
  readonly known: Known
  readonly lexicon: Lexicon
  readonly seed: number
  readonly options: ExpertOptions
}

export function householdExpert({ task, known, lexicon, seed, options }: ExpertWish): Expert {
  const { restate, recovery } = shownSettings(task, seed, options)
  const order = searchOrder(known, lexicon)
  const slip = recovery ? slipOf(known, task, seed) : null
  return {
    next(steps) {
      let belief = NOTHING_SEEN
      let fired = 0
      for (let step = 0; ; step++) {
        const situation: Situation = { known, belief, order }
        const right = rightMove(situation)
        const wrong = slip && (SLIPS[slip](situation, right, fired) ?? (isLastCarry(situation, right) ? SLIPS.hasty(situation, right, fired) : null))
        if (step === steps.length) {
          const move = wrong ?? right
          const thought = thoughtOf({ situation, move, mistake: wrong !== null, restate, ...lastOf(steps), random: expertRandom(task, seed, `words ${step}`) })
          return decision(thought, move, wrong !== null)
        }
        if (wrong) fired += 1
        for (const observation of steps[step]!.observations) belief = learn(belief, observation)
      }
    },
  }
}

/** The slip of this episode, of those that its goal allows. */
function slipOf({ goal }: Known, task: string, seed: number): SlipName {
  const names = (Object.keys(SLIPS) as SlipName[]).filter((name) => name !== 'early' || goal.treatment !== null)
  return pick(names, expertRandom(task, seed, 'slip'))
}

function lastOf(steps: readonly PastStep[]): { observed: string; called: string[] } {
  const last = steps.at(-1)
  return { observed: last?.observations.join(' ') ?? '', called: last?.calls.map(({ name }) => name) ?? [] }
}

const PLACES: ReadonlySet<string> = new Set(['go', 'open', 'close', 'use'])

function decision(thought: string, { tool, name }: Move, mistake: boolean): ExpertMove {
  const given = tool === 'look' || tool === 'inventory' ? {} : PLACES.has(tool) ? { place: name } : { thing: name }
  return { thought, calls: [{ name: tool, arguments: JSON.stringify(given) }], ...(mistake ? { mistake: true } : {}) }
}
