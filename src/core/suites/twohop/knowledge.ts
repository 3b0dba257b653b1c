// What has been read so far: articles as the observations of searches and lookups show them, and what their sentences say.
import type { PastStep } from '../suite.ts'
import { type Attribute, DESCRIPTIONS, type Kind } from './kinds.ts'

export type Knowledge = {
  /** Sentences by the article's title, in the order in which they were read. */
  readonly articles: ReadonlyMap<string, readonly string[]>
  /** Title of the article that was found last; null before. */
  readonly open: string | null
  /** How often the open article has been looked through. */
  readonly lookups: number
}

export const NOTHING_READ: Knowledge = { articles: new Map(), open: null, lookups: 0 }

const FOUND = /^([^:\n]+): ([^\n]*)/
const SENTENCE = /^\(\d+ of \d+\) (.*)/

/** With what one more step has shown. */
export function read(known: Knowledge, { calls, observations }: PastStep): Knowledge {
  return observations.reduce((now, text, at): Knowledge => {
    const articles = new Map(now.articles)
    const sentence = SENTENCE.exec(text)?.[1]
    if (sentence !== undefined && now.open !== null) articles.set(now.open, [...(articles.get(now.open) ?? []), sentence])
    if (calls[at]?.name === 'lookup') return { ...now, articles, lookups: now.lookups + 1 }
    const [, title, beginning] = FOUND.exec(text) ?? []
    if (title === undefined || calls[at]?.name !== 'search') return now
    const before = articles.get(title) ?? []
    articles.set(title, [...before, ...beginning!.split(/(?<=\.) /).filter((part) => !before.includes(part))])
    return { articles, open: title, lookups: now.open === title ? now.lookups : 0 }
  }, known)
}

/** The title of the article on a thing of this kind; null while it has not been found. */
export function articleOn(name: string, kind: Kind, { articles }: Knowledge): string | null {
  for (const [title, [first = '']] of articles) {
    if (title.replace(/ \(\w+\)$/, '') === name && DESCRIPTIONS[kind].sign.test(first)) return title
  }
  return null
}

/** The value as the article has it, with the form of the sentence; null while no sentence that was read says it. */
export function valueIn(title: string, { sentences }: Attribute, { articles }: Knowledge): { value: string; form: string } | null {
  for (const sentence of articles.get(title) ?? []) {
    for (const form of sentences) {
      const value = patternOf(form).exec(sentence)?.[1]
      if (value !== undefined) return { value, form }
    }
  }
  return null
}

const patternOf = (form: string): RegExp => new RegExp(`^${form.replace(/\{[Ss]\}/g, '.+?').replace('{v}', '(.+?)')}\\.$`)
