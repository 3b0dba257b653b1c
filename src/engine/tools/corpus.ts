// Search and lookup over articles: SQLite's FTS5 with BM25, in memory. The tools of ReAct's HotpotQA agents (arXiv 2210.03629).
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { defineTool, type Kit, openKit } from '../../core/agent/index.ts'

export type Article = { readonly title: string; readonly text: string }

/** Shared by all episodes that search in it; `dispose` it after the last. */
export type Corpus = {
  readonly size: number
  /** Tools with a place in the articles of their own. */
  readonly kit: () => Kit
  /** As the search ranks them, best first. */
  readonly nearest: (query: string, most: number) => readonly Article[]
  readonly dispose: () => void
}

/** The article that was found last, and how far its sentences have been looked through. */
type Place = { readonly article: Article; readonly keyword: string; readonly next: number } | null

/** Of an article's beginning. */
const SENTENCES = 5
const SIMILAR = 5
const MOST_QUERY = 500
/** A word in the title weighs so many in the text. */
const TITLE_WEIGHT = 5

export function openCorpus(articles: Iterable<Article>): Corpus {
  const database = new DatabaseSync(':memory:')
  database.exec(`CREATE VIRTUAL TABLE article USING fts5(title, text, tokenize = 'porter unicode61 remove_diacritics 2')`)
  const insert = database.prepare('INSERT INTO article (title, text) VALUES (?, ?)')
  const titles = new Map<string, number>()
  try {
    database.exec('BEGIN')
    for (const { title, text } of articles) titles.set(folded(title), Number(insert.run(title, text).lastInsertRowid))
    database.exec('COMMIT')
  } catch (error) {
    database.close()
    throw error
  }
  const byRow = database.prepare('SELECT title, text FROM article WHERE rowid = ?')
  const best = database.prepare(
    `SELECT title, text FROM article WHERE article MATCH ? ORDER BY bm25(article, ${TITLE_WEIGHT}, 1), rowid LIMIT ?`,
  )
  const find = (query: string, most: number): Article[] => {
    const words = query.match(/[\p{L}\p{N}]+/gu) ?? []
    const hits = words.length === 0 ? [] : best.all(words.map((word) => `"${word}"`).join(' OR '), most).map(articleOf)
    const named = titles.get(folded(query))
    if (named === undefined) return hits
    const article = articleOf(byRow.get(named)!)
    return [article, ...hits.filter(({ title }) => title !== article.title)].slice(0, most)
  }
  return {
    size: titles.size,
    kit: () => openKit<Place>({ tools: [searchTool(find), lookupTool], start: null }),
    nearest: find,
    dispose: () => database.close(),
  }
}

const searchTool = (find: Corpus['nearest']) =>
  defineTool<Place, { query: string }>({
    name: 'search',
    description: 'finds the article on a name or subject and gives its beginning',
    arguments: z.strictObject({ query: z.string().min(1).max(MOST_QUERY) }),
    run({ query }) {
      const [article, ...others] = find(query, SIMILAR + 1)
      if (!article) return { status: 'failed', text: `Nothing is found for ${query}.` }
      const beginning = sentencesOf(article.text).slice(0, SENTENCES).join(' ')
      const similar = others.map(({ title }) => title).join(', ')
      const text = `${article.title}: ${beginning}${similar === '' ? '' : `\nSimilar: ${similar}`}`
      return { status: 'ok', text, value: article.title, state: { article, keyword: '', next: 0 } }
    },
  })

const lookupTool = defineTool<Place, { keyword: string }>({
  name: 'lookup',
  description: 'gives the next sentence with a word in the article that was found last',
  arguments: z.strictObject({ keyword: z.string().min(1).max(MOST_QUERY) }),
  run({ keyword }, { state }) {
    if (!state) return { status: 'failed', text: 'Nothing has been found to look in: search first.' }
    const wanted = folded(keyword)
    const hits = sentencesOf(state.article.text).filter((sentence) => folded(sentence).includes(wanted))
    const next = state.keyword === wanted ? state.next : 0
    if (hits.length === 0) return { status: 'failed', text: `${state.article.title} does not mention ${keyword}.` }
    if (next >= hits.length) return { status: 'failed', text: `${state.article.title} has no further mention of ${keyword}.` }
    return { status: 'ok', text: `(${next + 1} of ${hits.length}) ${hits[next]}`, state: { ...state, keyword: wanted, next: next + 1 } }
  },
})

const rowSchema = z.object({ title: z.string(), text: z.string() })
const articleOf = (row: unknown): Article => rowSchema.parse(row)

/** Without case and white space around. */
const folded = (text: string): string => text.normalize('NFC').trim().toLowerCase()

/** A full stop ends a sentence where a capital, a digit or a quote begins the next. */
const sentencesOf = (text: string): string[] => text.split(/(?<=[.!?]["')\]]?)\s+(?=["'([]?[\p{Lu}\p{N}])/u).map((part) => part.trim()).filter((part) => part !== '')
