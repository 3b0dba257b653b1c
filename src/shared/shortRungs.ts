// Rungs that were trained on fewer tokens than they were to be: what they come to is not compared on the same training.
import { type Ladder, titleOfArm } from './records/ladder.ts'

/** `arm`, `seed`: of the rung that was trained. */
export type ShortRung = { readonly arm: string; readonly seed: number; readonly tokens: number; readonly of: number }

/** Less than this share of its tokens is short: trajectories are whole, and the last one seldom fills the rest. */
const FULL = 0.9

type Trained = Pick<Ladder, 'spec' | 'rungs'>

/** In the order of the rungs. */
export const shortRungs = ({ spec, rungs }: Trained): ShortRung[] =>
  rungs.flatMap(({ arm: name, seed, trained }) => {
    const train = spec.arms.find((arm) => arm.name === name)?.train
    const of = train?.data.tokens ?? spec.tokens
    return trained && train && trained.tokens < FULL * of ? [{ arm: name, seed, tokens: trained.tokens, of }] : []
  })

/** Names of arms of which a rung is short, with those that ask its student. */
export function shortArms(ladder: Trained): ReadonlySet<string> {
  const short = new Set(shortRungs(ladder).map(({ arm }) => arm))
  return new Set(ladder.spec.arms.filter(({ name, like }) => short.has(like ?? name)).map(({ name }) => name))
}

/** Each rung with its tokens, for a reader; null: none is short. */
export function shortText(ladder: Trained): string | null {
  const short = shortRungs(ladder).map(({ arm, seed, tokens, of }) => `${titleOfArm(ladder.spec, arm)}, seed ${seed}: ${tokens.toLocaleString('en')} of ${of.toLocaleString('en')} tokens`)
  return short.length === 0 ? null : `not on the same tokens: ${short.join('; ')}. Its data came to no more that could be taken`
}
