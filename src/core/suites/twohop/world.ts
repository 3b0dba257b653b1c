// The generated encyclopaedia: 2,000 things in two halves that know nothing of each other, and an article on each.
import { createRandom, type Random, shuffled } from '../../random.ts'
import { integer, pick } from '../seeds.ts'
import type { Article } from '../suite.ts'
import { ATTRIBUTES, DESCRIPTIONS, type Kind, KINDS, PROFESSIONS, type Profession } from './kinds.ts'
import { BAND_NOUNS, BOOK_NOUNS, createNamer, ENDINGS, FILM_NOUNS, FIRSTS, type Namer } from './names.ts'

export type Thing = {
  readonly kind: Kind
  readonly name: string
  /** Of its article: the name, with the kind behind it where another thing has the same name. */
  readonly title: string
  /** Values by attribute; things by name, years and numbers in digits. */
  readonly facts: Readonly<Record<string, string>>
  readonly profession: Profession | null
}

/** One half: every fact stays within it. */
export type Half = { readonly things: Readonly<Record<Kind, readonly Thing[]>> }

export type World = { readonly halves: readonly [Half, Half]; readonly articles: readonly Article[] }

/** Things of each kind in the two halves; 2,000 in all. */
const COUNTS: Readonly<Record<Kind, readonly [number, number]>> = {
  town: [170, 120], river: [60, 40], region: [24, 16], person: [430, 300], company: [100, 70], book: [140, 100], film: [100, 70], academy: [50, 30], band: [60, 40], museum: [50, 30],
}
const WORLD_SEED = 20261122
const TRADES = 'glass,wool,cheese,salt,pottery,clocks,lace,honey,paper,knives,carpets,cider'.split(',')
const PRODUCTS = 'bicycles,pianos,lamps,umbrellas,boots,typewriters,stoves,sails,spectacles,ploughs,locks,scales'.split(',')

let made: World | null = null

/** Always the same one; made when it is first asked for, in some tens of milliseconds. */
export const world = (): World => (made ??= makeWorld())

function makeWorld(): World {
  const random = createRandom(WORLD_SEED)
  const namer = createNamer(random)
  const halves = [0, 1].map((side) => makeHalf(side as 0 | 1, namer, random)) as [Half, Half]
  const articles = shuffled(halves.flatMap(({ things }) => KINDS.flatMap((kind) => things[kind].map((thing) => articleOf(thing, random)))), random)
  return { halves, articles }
}

type Draft = { kind: Kind; name: string; title: string; facts: Record<string, string>; profession: Profession | null }

function makeHalf(side: 0 | 1, namer: Namer, random: Random): Half {
  const drafts = {} as Record<Kind, Draft[]>
  const make = (kind: Kind, name: (at: number) => string): void => {
    drafts[kind] = Array.from({ length: COUNTS[kind][side] }, (_, at): Draft => {
      const given = name(at)
      return { kind, name: given, title: given, facts: {}, profession: null }
    })
  }
  make('town', () => namer.word(ENDINGS.town))
  // Every eighth river has its name from a town, and every fourth film its title from a novel: searching then needs a second look.
  make('river', (at) => (at % 8 === 7 ? drafts.town[at]!.name : namer.word(ENDINGS.river)))
  make('region', () => namer.word(ENDINGS.region))
  const firsts = Array.from({ length: 60 }, () => namer.word(ENDINGS.first))
  make('person', () => `${pick(firsts, random)} ${namer.word(ENDINGS.family)}`)
  make('company', () => namer.word(ENDINGS.company))
  make('book', () => namer.title(FIRSTS[side], BOOK_NOUNS))
  make('film', (at) => (at % 4 === 3 ? drafts.book[at]!.name : namer.title(FIRSTS[side], FILM_NOUNS)))
  make('academy', () => `${namer.word(ENDINGS.house)} Academy`)
  make('band', () => namer.title(FIRSTS[side], BAND_NOUNS))
  make('museum', () => `${namer.word(ENDINGS.house)} Museum`)
  for (const draft of [...drafts.river, ...drafts.film]) {
    if (drafts[draft.kind === 'river' ? 'town' : 'book'].some(({ name }) => name === draft.name)) draft.title = `${draft.name} (${draft.kind})`
  }
  const professions = Object.keys(PROFESSIONS) as Profession[]
  drafts.person.forEach((draft, at) => (draft.profession = professions[at % professions.length]!))
  addFacts(drafts, namer, random)
  return { things: drafts }
}

/** Who makes what: only these people are authors, directors and so on. */
const MAKERS: Readonly<Record<string, Profession>> = { author: 'writer', director: 'director', founder: 'founder', singer: 'singer', architect: 'architect' }

function addFacts(drafts: Record<Kind, Draft[]>, namer: Namer, random: Random): void {
  const seas = Array.from({ length: 8 }, () => `${namer.word(ENDINGS.sea)} Sea`)
  const texts: Readonly<Record<string, () => string>> = {
    trade: () => pick(TRADES, random), product: () => pick(PRODUCTS, random), mouth: () => pick(seas, random),
    source: () => `Mount ${namer.word(ENDINGS.mountain)}`, language: () => namer.word(ENDINGS.language),
  }
  const numbers: Readonly<Record<string, () => number>> = {
    population: () => integer(11, 899, random) * 100, length: () => integer(41, 989, random), area: () => integer(21, 98, random) * 100,
  }
  /** Oldest and youngest. */
  const years: Readonly<Record<string, readonly [number, number]>> = {
    'town founded': [1050, 1699], 'academy founded': [1500, 1899], 'museum opened': [1850, 1999], 'person born': [1820, 1990],
  }
  for (const { kind, name, value } of ATTRIBUTES) {
    if (name === 'spouse') continue
    for (const [at, draft] of drafts[kind].entries()) {
      const one = (): string => {
        if (name === 'capital') return drafts.town[at]!.name
        if (value === 'text') return texts[name]!()
        if (value === 'number') return String(numbers[name]!())
        if (value === 'year') return String(integer(...(years[`${kind} ${name}`] ?? [1870, 2015]), random))
        const maker = MAKERS[name]
        return pick(drafts[value].filter(({ profession }) => maker === undefined || profession === maker), random).name
      }
      draft.facts[name] = one()
    }
  }
  // Capitals lie in their regions.
  for (const region of drafts.region) drafts.town.find(({ name }) => name === region.facts['capital'])!.facts['region'] = region.name
  const couples = shuffled(drafts.person, random)
  for (let at = 0; at + 1 < couples.length * 0.6; at += 2) {
    const [one, other] = [couples[at]!, couples[at + 1]!]
    one.facts['spouse'] = other.name
    other.facts['spouse'] = one.name
  }
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)

/** The value as text has it. */
export const written = (value: string, attribute: string): string => (attribute === 'population' || attribute === 'area' ? value.replace(/\B(?=(?:\d{3})+$)/g, ',') : value)

/** What is known, in varied words and any order, behind a sentence that says what it is. */
function articleOf({ kind, name, title, facts, profession }: Thing, random: Random): Article {
  const { is, subjects, fillers } = DESCRIPTIONS[kind]
  const family = name.split(' ').at(-1)!
  const known = ATTRIBUTES.filter((attribute) => attribute.kind === kind && attribute.name in facts)
  const sentences = known.map((attribute) => {
    const subject = pick(kind === 'person' ? [name, family] : [name, ...subjects], random)
    return capital(
      pick(attribute.sentences, random)
        .replace('{S}', subject)
        .replace('{s}', subject === name || kind === 'person' ? subject : subject.toLowerCase())
        .replace('{v}', written(facts[attribute.name]!, attribute.name)),
    )
  })
  const more = shuffled(fillers, random).slice(0, integer(2, 3, random))
  const first = kind === 'person' ? `${name} is ${/^[aeiou]/.test(PROFESSIONS[profession!]) ? 'an' : 'a'} ${PROFESSIONS[profession!]}` : `${name} is ${pick(is, random)}`
  return { title, text: [first, ...shuffled([...sentences, ...more], random)].map((sentence) => `${sentence}.`).join(' ') }
}
