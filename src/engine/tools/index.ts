// Tools for agents by name: those of the core, and those that need this machine.
import { calculatorKit, type Kit } from '../../core/agent/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { readArticles } from './articles.ts'
import { type Corpus, openCorpus } from './corpus.ts'

/** `corpus`: JSONL file with a title and a text in each line, which `search` needs. */
export type ToolChoice = { readonly names: readonly string[]; readonly corpus: string | undefined }

export type OpenTools = { readonly kits: readonly Kit[]; readonly dispose: () => void }

/** What a row makes: a kit, and what it needs freed after the episode. */
type Opened = { readonly kit: Kit; readonly corpus?: Corpus }

/** A tool, or tools that belong together, is a row. */
const ROWS: Readonly<Record<string, (choice: ToolChoice) => Opened>> = {
  calculator: () => ({ kit: calculatorKit() }),
  search: ({ corpus: path }) => {
    if (path === undefined) {
      throw new RetortError({ code: 'corpus-missing', message: 'there is nothing to search in', where: 'tool search', found: 'no file of articles', expected: 'one' })
    }
    const corpus = openCorpus(readArticles(path))
    return { kit: corpus.kit(), corpus }
  },
}

export const TOOL_NAMES: readonly string[] = Object.keys(ROWS)

/** Throws RetortError `no-such-tool`, `corpus-missing`, `bad-article`. Kits are disposed by whoever takes them, then this. */
export function openTools(choice: ToolChoice): OpenTools {
  const rows = [...new Set(choice.names)].map((name) => {
    const row = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined
    if (row) return row
    throw new RetortError({ code: 'no-such-tool', message: 'there is no such tool', found: name, expected: `one of ${TOOL_NAMES.join(', ')}` })
  })
  const opened = rows.map((row) => row(choice))
  return { kits: opened.map(({ kit }) => kit), dispose: () => opened.forEach(({ corpus }) => corpus?.dispose()) }
}
