// The tools of suites on this machine: search in articles that are indexed once, SQL and code in a few processes each.
import type { Article, SuiteTools } from '../../core/suites/index.ts'
import { type Corpus, openCode, openCorpus, openSql, openSqlPool } from '../tools/index.ts'

/** For any number of episodes, also at once; `dispose` it after the last. */
export type OpenSuiteTools = { readonly tools: SuiteTools; readonly dispose: () => Promise<void> }

/** Indexes that are kept; more come only with tasks that bring articles of their own. */
const MOST_CORPORA = 32

export function openSuiteTools(): OpenSuiteTools {
  const corpora = new Map<readonly Article[], Corpus>()
  const sql = openSqlPool()
  const code = openCode()
  const corpusOf = (articles: readonly Article[]): Corpus => {
    const corpus = corpora.get(articles) ?? openCorpus(articles)
    corpora.delete(articles)
    corpora.set(articles, corpus)
    // The one that was asked for longest ago. Not closed: an episode may search in it, and it closes when nothing does.
    if (corpora.size > MOST_CORPORA) corpora.delete(corpora.keys().next().value!)
    return corpus
  }
  return {
    tools: {
      search: (articles) => corpusOf(articles).kit(),
      sql: ({ script, access }) => openSql({ script, access, pool: sql }).kit(),
      nearest: (articles, query, most) => corpusOf(articles).nearest(query, most),
      code: () => code.kit(),
    },
    async dispose() {
      for (const corpus of corpora.values()) corpus.dispose()
      await Promise.all([sql.dispose(), code.dispose()])
    },
  }
}
