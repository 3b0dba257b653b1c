// Names of the encyclopaedia: words that nobody has used before, and titles of two plain words.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'

/** Makes names; no word is given twice, so that a name's first word belongs to one thing only. */
export type Namer = {
  /** A new word with one of the endings. */
  word(endings: readonly string[]): string
  /** A title whose first word is one of `firsts`; not given before. */
  title(firsts: readonly string[], seconds: readonly string[]): string
}

const ONSETS = 'b br c ch d dr f g gl h j k kl l m n p pr qu r s sh st t th tr v w y z'.split(' ')
const VOWELS = 'a e i o u'.split(' ')
const MIDDLES = 'b ck d ff g l ld ll m mb n nd nn p r rd rn rr s ss st t v x z'.split(' ')

export function createNamer(random: Random): Namer {
  const given = new Set<string>()
  const fresh = (make: () => string): string => {
    for (;;) {
      const name = make()
      if (given.has(name.toLowerCase())) continue
      given.add(name.toLowerCase())
      return name
    }
  }
  return {
    word: (endings) =>
      fresh(() => {
        const stem = pick(ONSETS, random) + pick(VOWELS, random) + pick(MIDDLES, random)
        return `${stem[0]!.toUpperCase()}${stem.slice(1)}${pick(endings, random)}`
      }),
    title: (firsts, seconds) => fresh(() => `${pick(firsts, random)} ${pick(seconds, random)}`),
  }
}

/** How words end, by what they name. */
export const ENDINGS = {
  town: 'aby aden eford eham ewick imar iston oholt onbury ova este ingen'.split(' '),
  river: 'a eth une is ara ow'.split(' '),
  region: 'avia eria oland umark orra inshire'.split(' '),
  sea: 'an ic ene'.split(' '),
  mountain: 'ak orn ul eg'.split(' '),
  company: 'ex ant on ico ora'.split(' '),
  house: 'and ain eth ur ole'.split(' '),
  first: 'a en i o el in et'.split(' '),
  family: 'ander ek imov ell ary oss ume orth isk'.split(' '),
  language: 'ish ese'.split(' '),
} as const

/** First words of titles: the first list for one half of the world, the second for the other. */
export const FIRSTS = [
  'Amber Ashen Brass Broken Burning Calm Copper Crimson Distant Early Empty Endless Faded Frozen Gentle Gilded Golden Hidden Hollow Iron Ivory Last Lonely Lost Midnight Narrow Northern Painted Paper Patient Quiet Restless'.split(' '),
  'Scarlet Secret Seventh Silent Silver Sleeping Smoky Southern Stolen Stone Sudden Tender Thirsty Velvet Wandering Winter Wooden Yellow Bitter Honest Marble Glass'.split(' '),
] as const
export const BOOK_NOUNS = 'Orchard Letters Harbour Window Summer Mirror Garden Road Clock Island Ladder Voices Kitchen Forest Winter Bridge Daughter Shore Staircase Journey'.split(' ')
export const FILM_NOUNS = 'Pursuit Station Wedding Verdict Lighthouse Passenger Carnival Alibi Horizon Reunion Motel Winner Avalanche Inspector Balcony Tunnel'.split(' ')
export const BAND_NOUNS = 'Lanterns Sparrows Engines Pilots Cousins Bells Foxes Tides Gardeners Wolves Umbrellas Comets Barons Trams'.split(' ')
