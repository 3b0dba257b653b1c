// Slips that a reader makes and mends: a letter lost, a look into nothing, a word sought in the wrong article, a search for too little.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import type { Need, Plan } from './question.ts'

export type Slip = {
  /** How many values are known when it is made. */
  readonly after: 0 | 1
  make(need: Need, random: Random): { readonly thought: string; readonly made: { readonly name: string; readonly arguments: string } }
  /** What the expert says when it sees what came of it. */
  mended(need: Need): readonly string[]
}

export const call = (name: string, argument: Readonly<Record<string, string>>): { name: string; arguments: string } => ({ name, arguments: JSON.stringify(argument) })

const misspelt = (after: 0 | 1): Slip => ({
  after,
  make: (need, random) => ({ thought: pick([`I search for ${need.name}.`, `Now to ${need.name}.`], random), made: call('search', { query: withoutLetter(need, random) }) }),
  mended: ({ name }) => [`I misspelt the name. It is ${name}.`, `A letter was missing, I meant ${name}.`, `That was a slip of the pen: ${name}.`],
})

/** The answer's own word is sought in the article on the thing before it. */
const tooSoon: Slip = {
  after: 1,
  make: ({ attribute }, random) => {
    const keyword = pick(attribute.keys, random)
    return { thought: pick([`Maybe "${keyword}" stands here, too.`, `I look for "${keyword}" right here.`], random), made: call('lookup', { keyword }) }
  },
  mended: ({ name, attribute }) => [`That belongs to the article on ${name}. I search for it.`, `I have to read about ${name} for that.`, `${attribute.noun[0]!.toUpperCase()}${attribute.noun.slice(1)} stands with ${name}, not here.`],
}

const unopened: Slip = {
  after: 0,
  make: ({ attribute }, random) => ({ thought: '', made: call('lookup', { keyword: pick(attribute.keys, random) }) }),
  mended: ({ name }) => [`I have to search before I can look. First ${name}.`, `No article is open yet, so I search for ${name}.`],
}

const tooVague = (after: 0 | 1): Slip => ({
  after,
  make: ({ attribute }, random) => ({
    thought: pick([`I search for ${attribute.noun}.`, `Let me find ${attribute.noun}.`], random),
    made: call('search', { query: attribute.noun.replace(/^the /, '') }),
  }),
  mended: ({ name }) => [`That was too vague. I need the article on ${name}.`, `Not what I want. I search for the name itself, ${name}.`, `Better to ask for ${name}.`],
})

const SLIPS: readonly Slip[] = [misspelt(0), misspelt(1), unopened, tooVague(0), tooVague(1), tooSoon]

export const drawSlip = ({ type }: Plan, random: Random): Slip => pick(SLIPS.filter(({ after }) => type === 'bridge' || after === 0), random)

/** A person's family name, or the first word of another name, without one of its inner letters. */
function withoutLetter({ name, attribute }: Need, random: Random): string {
  const words = name.split(' ')
  const which = attribute.kind === 'person' ? words.length - 1 : 0
  const word = words[which]!
  const at = 1 + Math.floor(random.next() * (word.length - 2))
  return words.with(which, word.slice(0, at) + word.slice(at + 1)).join(' ')
}
