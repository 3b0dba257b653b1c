// A question on two articles: drawn for a place, with the plan that answers it.
import type { TaskPlace } from '../../../shared/records/suite.ts'
import type { Random } from '../../random.ts'
import { wordsOf } from '../../words.ts'
import { pick, taskRandom } from '../seeds.ts'
import type { Attribute, Kind } from './kinds.ts'
import { type Comparison, COMPARISONS, comparisonFamily, OOD_PAIRS, type Pair, SEEN_PAIRS } from './wordings.ts'
import { type Half, type Thing, world, written } from './world.ts'

/** What an able reader takes from the question: names of things, and what of them is wanted. */
export type Plan =
  | { readonly type: 'bridge'; readonly head: string; readonly hop: Attribute; readonly ask: Attribute }
  | { readonly type: 'compare'; readonly names: readonly [string, string]; readonly of: Attribute; readonly by: Comparison['by'] }

/** What has to be read: an attribute of a thing. */
export type Need = { readonly name: string; readonly attribute: Attribute }

export type Question = { readonly family: string; readonly question: string; readonly answer: string; readonly plan: Plan }

/** Words in front of a name, and behind it, at most: seven, so that any eight in a row hold a part of the name. */
const MOST_WORDS = 7
const COMPARED_SHARE = 0.2

const wordsIn = (text: string): number => wordsOf(text).length

/** Train asks about one half of the world, held-out and ood about the other. */
export function questionAt(place: TaskPlace): Question {
  const random = taskRandom('twohop', place)
  const { halves } = world()
  const ood = place.split === 'ood'
  const half = halves[place.split === 'train' ? 0 : 1]
  if (random.next() < COMPARED_SHARE) return compared(half, pick(COMPARISONS.filter(({ seen }) => seen !== ood), random), random)
  return bridged(half, { pair: pick(ood ? OOD_PAIRS : SEEN_PAIRS, random), ood }, random)
}

const FAMILIES = (ood: boolean): string[] => [
  ...(ood ? OOD_PAIRS : SEEN_PAIRS).map(({ family }) => family),
  ...COMPARISONS.filter(({ seen }) => seen !== ood).map(comparisonFamily),
]
export const families = { train: FAMILIES(false), ood: FAMILIES(true) }

function bridged(half: Half, { pair: { family, hop, ask }, ood }: { pair: Pair; ood: boolean }, random: Random): Question {
  const [first, second] = [hop.attribute, ask.attribute]
  for (;;) {
    const head = pick(half.things[first.kind], random)
    const bridge = thingOf(half, second.kind, head.facts[first.name]!)
    const answer = bridge.facts[second.name]
    if (answer === undefined || answer === head.name || bridge.name === head.name) continue
    const part = pick(ood ? hop.unseen : hop.seen, random)
    const forms = (ood ? ask.unseen : ask.seen).map((form) => form.replace('{x}', part)).filter(isTight)
    if (forms.length === 0) continue
    const question = capital(pick(forms, random).replace('{x}', head.name).replace("’s's", "'s").replaceAll('’', "'"))
    return { family, question, answer: written(answer, second.name), plan: { type: 'bridge', head: head.name, hop: first, ask: second } }
  }
}

function compared({ things }: Half, comparison: Comparison, random: Random): Question {
  const { attribute: of, by, forms } = comparison
  const family = comparisonFamily(comparison)
  const wantsSame = by === 'same' && random.next() < 0.5
  const ofOwnTitle = things[of.kind].filter((thing) => of.name in thing.facts)
  for (;;) {
    const [a, b] = [pick(ofOwnTitle, random), pick(ofOwnTitle, random)]
    const [left, right] = [a.facts[of.name]!, b.facts[of.name]!]
    if (a === b || (left === right) !== wantsSame) continue
    const question = pick(forms, random).replace('{a}', a.name).replace('{b}', b.name)
    return { family, question, answer: answerOf({ names: [a.name, b.name], by }, [left, right]), plan: { type: 'compare', names: [a.name, b.name], of, by } }
  }
}

/** What a comparison comes to, once both values are known as they are written. */
export function answerOf({ names, by }: { readonly names: readonly [string, string]; readonly by: Comparison['by'] }, values: readonly [string, string]): string {
  if (by === 'same') return values[0] === values[1] ? 'yes' : 'no'
  const [left, right] = values.map((value) => Number(value.replaceAll(',', ''))) as [number, number]
  return names[left > right === (by === 'more') ? 0 : 1]
}

/** Names of one kind are different. */
export const thingOf = ({ things }: Half, kind: Kind, name: string): Thing => things[kind].find((thing) => thing.name === name)!

function isTight(form: string): boolean {
  const [before = '', behind = ''] = form.split('{x}')
  return wordsIn(before) <= MOST_WORDS && wordsIn(behind) <= MOST_WORDS
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)
