// The shop's expert: searches, opens what may be right, rejects with a reason, chooses and buys.
import { expertRandom, pick, shownSettings } from '../seeds.ts'
import type { Expert, ExpertMove, ExpertOptions } from '../suite.ts'
import { learn, NOTHING_SEEN } from './belief.ts'
import type { Need } from './need.ts'
import { type Move, rightMove, type SlipName, SLIPS } from './policy.ts'
import { thoughtOf } from './thoughts.ts'

export type ExpertWish = {
  /** The task's id: with the seed it varies the words. */
  readonly task: string
  readonly need: Need
  readonly seed: number
  readonly options: ExpertOptions
}

export function shopExpert({ task, need, seed, options }: ExpertWish): Expert {
  const { restate, recovery } = shownSettings(task, seed, options)
  const own = pick(Object.keys(SLIPS) as SlipName[], expertRandom(task, seed, 'slip'))
  return {
    next(steps) {
      let belief = NOTHING_SEEN
      let fired = !recovery
      for (let step = 0; ; step++) {
        const right = rightMove(need, belief)
        // Options are always to be chosen: whose own slip has not come about by then is early.
        const wrong = fired ? null : (SLIPS[own](need, belief, right) ?? (right.why === 'choose' ? SLIPS.early(need, belief, right) : null))
        if (step === steps.length) {
          const move = wrong ?? right
          const observed = steps.at(-1)?.observations.join(' ') ?? ''
          const thought = thoughtOf({ need, belief, move, mistake: wrong !== null, restate, observed, random: expertRandom(task, seed, `words ${step}`) })
          return { thought, calls: [callOf(move)], ...(wrong ? { mistake: true } : {}) }
        }
        if (wrong) fired = true
        for (const observation of steps[step]!.observations) belief = learn(belief, observation)
      }
    },
  }
}

function callOf(move: Move): Extract<ExpertMove, { calls: unknown }>['calls'][number] {
  const call = (name: string, given: object) => ({ name, arguments: JSON.stringify(given) })
  switch (move.why) {
    case 'search':
      return call('search', { words: move.words })
    case 'open':
      return call('open', { product: move.id })
    case 'choose':
      return call('choose', { option: move.option, value: move.value })
    case 'next':
    case 'buy':
      return call(move.why, {})
  }
}
