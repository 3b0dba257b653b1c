// Who acts in a composed problem, and with what: the words that its pieces are filled with.
import type { Random } from '../../../random.ts'
import { pick, several } from '../../seeds.ts'
import { BOXES, GROUPS, NAMES, singular, THINGS } from '../words.ts'
import type { Agreement, Tense } from './grammar.ts'

/** Things that are counted, money, or goods that are weighed or measured. */
export type Domain = 'count' | 'money' | 'mass'

export type Subject = {
  readonly kind: 'person' | 'place' | 'speaker' | 'pair' | 'each'
  readonly first: string
  readonly again: string
  readonly object: string
  /** Of whom: before and after the first mention. */
  readonly owner: readonly [string, string]
  readonly agreement: Agreement
}

export type Scene = {
  readonly domain: Domain
  readonly subject: Subject
  readonly words: Readonly<Record<string, string>>
  readonly tenses: { readonly frame: Tense; readonly event: Tense; readonly question: Exclude<Tense, 'perfect'> }
}

const PLACES = 'depot warehouse shop market stall museum library harbour hotel kitchen bakery school workshop farm office hospital company club store theatre camp station factory'.split(' ')
const TRADES = 'farmer teacher trader baker tailor merchant carpenter collector gardener painter grocer printer plumber potter jeweller butcher fisherman blacksmith'.split(' ')
const MASSES = [
  ['kilos', 'flour'], ['kilos', 'rice'], ['kilos', 'sugar'], ['kilos', 'barley'], ['kilos', 'coffee'], ['kilos', 'salt'], ['litres', 'milk'], ['litres', 'oil'], ['litres', 'water'],
  ['litres', 'paint'], ['litres', 'juice'], ['metres', 'cloth'], ['metres', 'wire'], ['metres', 'rope'], ['tons', 'coal'], ['tons', 'sand'], ['tons', 'grain'], ['grams', 'gold'],
  ['grams', 'tea'], ['grams', 'silver'],
] as const
const COLOURS = 'red blue green white black yellow brown grey old new small large round square plain painted wooden cheap'.split(' ')
const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const WEEKDAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ')
const PERIODS = 'day week month hour shift morning season year'.split(' ')

function subjectOf(random: Random, name: string, other: string): Subject {
  const draw = random.next()
  const owned = (text: string): string => `${text}'s`
  if (draw < 0.38) return { kind: 'person', first: name, again: name, object: name, owner: [owned(name), owned(name)], agreement: 'one' }
  if (draw < 0.5) {
    const trade = pick(TRADES, random)
    return { kind: 'person', first: `a ${trade}`, again: `the ${trade}`, object: `the ${trade}`, owner: [`a ${trade}'s`, `the ${trade}'s`], agreement: 'one' }
  }
  if (draw < 0.83) {
    const place = pick(PLACES, random)
    const article = pick(['a', 'the'], random)
    const again = pick(['it', `the ${place}`], random)
    return { kind: 'place', first: `${article} ${place}`, again, object: `the ${place}`, owner: [`${article} ${place}'s`, again === 'it' ? 'its' : `the ${place}'s`], agreement: 'one' }
  }
  if (draw < 0.91) return bothOf(name, other)
  return draw < 0.96
    ? { kind: 'speaker', first: 'I', again: 'I', object: 'me', owner: ['my', 'my'], agreement: 'many' }
    : { kind: 'speaker', first: 'we', again: 'we', object: 'us', owner: ['our', 'our'], agreement: 'many' }
}

/** Two who work beside each other. */
export const bothOf = (name: string, other: string): Subject => ({
  kind: 'pair', first: `${name} and ${other}`, again: 'they', object: 'them', owner: [`${name} and ${other}'s`, 'their'], agreement: 'many',
})

/** What each of the sharers has becomes the matter of what follows. */
export const eachOf = (group: string): Subject => ({
  kind: 'each', first: `each ${group}`, again: `each ${group}`, object: `each ${group}`, owner: [`each ${group}'s`, `each ${group}'s`], agreement: 'one',
})

const TENSES: readonly Scene['tenses'][] = [
  { frame: 'present', event: 'present', question: 'present' },
  { frame: 'present', event: 'present', question: 'present' },
  { frame: 'past', event: 'past', question: 'past' },
  { frame: 'past', event: 'past', question: 'present' },
  { frame: 'past', event: 'perfect', question: 'present' },
]

export function drawScene(random: Random): Scene {
  const [name, other, third] = several(NAMES, 3, random) as [string, string, string]
  const [things, goods] = several(THINGS, 2, random) as [string, string]
  const [boxes, packs] = several(BOXES, 2, random) as [string, string]
  const [groups] = several(GROUPS, 1, random) as [string]
  const [colour, shade] = several(COLOURS, 2, random) as [string, string]
  const [month, later] = several(MONTHS, 2, random) as [string, string]
  const [day, next] = several(WEEKDAYS, 2, random) as [string, string]
  const period = pick(PERIODS, random)
  const draw = random.next()
  const domain: Domain = draw < 0.68 ? 'count' : draw < 0.84 ? 'money' : 'mass'
  const [unit, stuff] = pick(MASSES, random)
  const counted = { count: { things, thing: singular(things) }, money: { things: 'euros', thing: 'euro' }, mass: { things: `${unit} of ${stuff}`, thing: singular(unit) } }[domain]
  return {
    domain,
    subject: subjectOf(random, name, other),
    words: {
      ...counted, goods, other: third, third: other, boxes, box: singular(boxes), packs, pack: singular(packs), groups, group: singular(groups), period, periods: `${period}s`,
      colour, shade, month, later, day, next, unit, stuff, place: pick(PLACES, random),
    },
    tenses: pick(TENSES, random),
  }
}
