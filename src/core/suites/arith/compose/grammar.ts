// The little English that composed problems need: verbs by tense and number, alternatives, slots.
import type { Random } from '../../../random.ts'
import { pick } from '../../seeds.ts'

export type Tense = 'present' | 'past' | 'perfect'
/** Third person singular, or all others. */
export type Agreement = 'one' | 'many'

/** Past and participle of verbs that are not regular. */
const IRREGULAR: Readonly<Record<string, readonly [past: string, participle: string]>> = {
  break: ['broke', 'broken'], bring: ['brought', 'brought'], build: ['built', 'built'], buy: ['bought', 'bought'], catch: ['caught', 'caught'],
  come: ['came', 'come'], cost: ['cost', 'cost'], cut: ['cut', 'cut'], do: ['did', 'done'], fall: ['fell', 'fallen'], find: ['found', 'found'],
  get: ['got', 'got'], give: ['gave', 'given'], go: ['went', 'gone'], grow: ['grew', 'grown'], hand: ['handed', 'handed'], have: ['had', 'had'],
  hold: ['held', 'held'], keep: ['kept', 'kept'], leave: ['left', 'left'], lend: ['lent', 'lent'], lie: ['lay', 'lain'], lose: ['lost', 'lost'],
  make: ['made', 'made'], pay: ['paid', 'paid'], put: ['put', 'put'], rise: ['rose', 'risen'], sell: ['sold', 'sold'], send: ['sent', 'sent'],
  set: ['set', 'set'], split: ['split', 'split'], sew: ['sewed', 'sewn'], spend: ['spent', 'spent'], stand: ['stood', 'stood'], steal: ['stole', 'stolen'], take: ['took', 'taken'],
  throw: ['threw', 'thrown'], win: ['won', 'won'], write: ['wrote', 'written'],
}
/** Verbs whose last letter is doubled. */
const DOUBLED = new Set(['ship', 'drop', 'scrap', 'stop', 'wrap'])

const regularPast = (verb: string): string =>
  DOUBLED.has(verb) ? `${verb}${verb.at(-1)!}ed` : /[^aeiou]y$/.test(verb) ? verb.replace(/y$/, 'ied') : verb.endsWith('e') ? `${verb}d` : `${verb}ed`

const third = (verb: string): string =>
  verb === 'have' ? 'has' : /(?:s|x|z|ch|sh|o)$/.test(verb) ? `${verb}es` : /[^aeiou]y$/.test(verb) ? verb.replace(/y$/, 'ies') : `${verb}s`

/** A verb may have words behind it: `give away`. */
const divided = (verb: string): [string, string] => {
  const [head = '', ...rest] = verb.split(' ')
  return [head, rest.map((word) => ` ${word}`).join('')]
}

export function participle(verb: string): string {
  const [head, rest] = divided(verb)
  return (head === 'be' ? 'been' : (IRREGULAR[head]?.[1] ?? regularPast(head))) + rest
}

export function conjugated(verb: string, tense: Tense, agreement: Agreement): string {
  const [head, rest] = divided(verb)
  const one = agreement === 'one'
  switch (tense) {
    case 'present':
      return (head === 'be' ? (one ? 'is' : 'are') : one ? third(head) : head) + rest
    case 'past':
      return (head === 'be' ? (one ? 'was' : 'were') : (IRREGULAR[head]?.[0] ?? regularPast(head))) + rest
    case 'perfect':
      return `${one ? 'has' : 'have'} ${participle(verb)}`
  }
}

/** One of the alternatives of every `(a|b|c)`, which do not stand in each other. */
export const chosen = (text: string, random: Random): string =>
  text.replace(/\(([^()]*\|[^()]*)\)/g, (_, list: string) => pick(list.split('|'), random)).replace(/ {2,}/g, ' ').replace(/ (?=[,;])/g, '').trim()

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
