// The place in a trajectory that a search found: a stretch of text with the words marked.
import { isBeginning, searchWords } from '../store/index.ts'

/** Around a match in the snippet. Control characters, which no display needs for itself. */
export const MATCH_START = '\u0002'
export const MATCH_END = '\u0003'

/** Characters of context before the first match, and of the whole snippet. */
const BEFORE = 40
const LENGTH = 200

/** Of any text, and of one that is ASCII throughout: there the plainer pattern finds the same, many times faster. */
const ANY = { letter: '[\\p{L}\\p{N}]', flags: 'iu' } as const
const ASCII = { letter: '[a-z0-9]', flags: 'i' } as const
type Alphabet = typeof ANY | typeof ASCII

const isAscii = (text: string): boolean => !/[^\0-\u007f]/.test(text)

/** Without accents, as the index sees it; case is left to the patterns. */
const bare = (text: string): string => (isAscii(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, ''))

/** As `bare`, letter by letter; `at[i]` is where character i of it stands in the text, null: at i. */
function folded(text: string): { text: string; at: number[] | null } {
  if (isAscii(text)) return { text, at: null }
  let plain = ''
  const at: number[] = []
  for (let index = 0; index < text.length; index += 1) {
    const letter = bare(text[index]!)
    for (let part = 0; part < letter.length; part += 1) at.push(index)
    plain += letter
  }
  at.push(text.length)
  return { text: plain, at }
}

type Token = { readonly text: string; readonly open: boolean }

/** The tokens of a search text; an open one stands for every word that begins so. */
function tokensOf(search: string): Token[] {
  const words = searchWords(search)
  const open = words.length > 0 && isBeginning(words.at(-1)!)
  const tokens = words.flatMap((word) => bare(word).split(/[^\p{L}\p{N}]+/u).filter(Boolean))
  return tokens.map((text, index) => ({ text, open: open && index === tokens.length - 1 }))
}

/** Each token alone, and any of them. */
function patternsOf(tokens: readonly Token[], { letter, flags }: Alphabet): { singles: RegExp[]; any: RegExp } {
  const sources = tokens.map(({ text, open }) => (open ? `${text}${letter}*` : text))
  const bounded = (pattern: string): string => `(?<!${letter})(?:${pattern})(?!${letter})`
  return { singles: sources.map((source) => new RegExp(bounded(source), flags)), any: new RegExp(bounded(sources.join('|')), `g${flags}`) }
}

/** False: the text, in small letters, cannot hold the token. Only ASCII has no letters of several small forms, the long s apart. */
const mayHold = (lower: string, { text }: Token): boolean => !isAscii(text) || lower.includes(text.toLowerCase()) || lower.includes('\u017f')

/**
 * Of the text with the most of the words, the part around the first one; matches stand between `MATCH_START` and
 * `MATCH_END`, white space is one space, an ellipsis stands for what was left away. null when no word is in any text.
 */
export function snippetOf(texts: Iterable<string>, search: string): string | null {
  const tokens = tokensOf(search)
  if (tokens.length === 0) return null
  const [any, ascii] = [patternsOf(tokens, ANY), tokens.every(({ text }) => isAscii(text)) ? patternsOf(tokens, ASCII) : null]
  let best: { text: string; hits: number; words: RegExp } | null = null
  for (const text of texts) {
    const plain = bare(text)
    const lower = plain.toLowerCase()
    const may = tokens.map((token) => mayHold(lower, token))
    if (!may.includes(true)) continue
    const patterns = ascii && isAscii(plain) ? ascii : any
    const hits = patterns.singles.filter((single, index) => may[index] && single.test(plain)).length
    if (hits > (best?.hits ?? 0)) best = { text, hits, words: patterns.any }
    if (hits === tokens.length) break
  }
  return best && excerpt(best.text, best.words)
}

function excerpt(text: string, words: RegExp): string {
  const { text: plain, at } = folded(text)
  const place = (index: number): number => (at ? at[index]! : index)
  const matches = [...plain.matchAll(words)].map((match) => ({ start: place(match.index), end: place(match.index + match[0].length) }))
  const start = Math.max(0, (matches[0]?.start ?? 0) - BEFORE)
  const end = Math.min(text.length, start + LENGTH)
  let out = start > 0 ? '\u2026' : ''
  let reached = start
  for (const match of matches.filter((found) => found.end <= end)) {
    out += `${tidy(text.slice(reached, match.start))}${MATCH_START}${text.slice(match.start, match.end)}${MATCH_END}`
    reached = match.end
  }
  return out + tidy(text.slice(reached, end)) + (end < text.length ? '\u2026' : '')
}

/** No line ends, and no marks but ours. */
const tidy = (text: string): string => text.replace(/[\s\u0002\u0003]+/g, ' ')
