// Tools for agents by name: those of the core, and those that need this machine.
import { readFileSync } from 'node:fs'
import { calculatorKit, type Kit } from '../../core/agent/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { systemError } from '../files/index.ts'
import { readArticles } from './articles.ts'
import { openCode } from './code.ts'
import { openCorpus } from './corpus.ts'
import type { McpOptions, McpTools } from './mcp.ts'
import { openPython } from './python.ts'
import { openSql } from './sql.ts'

export { openCode, openCodePool } from './code.ts'
export { type Corpus, openCorpus } from './corpus.ts'
export { openSql } from './sql.ts'
export { openSqlPool } from './sqlPool.ts'
export type { McpTools } from './mcp.ts'
export { forgetApproval, isApproved } from './mcpApproval.ts'
export { passedVariables } from './mcpEnvironment.ts'
export { type McpServer, parseMcpServer, visible } from './mcpServer.ts'
export { type McpWish, openMcpServers } from './mcpServers.ts'

/** The protocol's library is loaded with the first server. See `mcp.ts`. */
export const openMcp = async (options: McpOptions): Promise<McpTools> => (await import('./mcp.ts')).openMcp(options)

/** `corpus`: JSONL file with a title and a text in each line, for `search`. `database`: file of SQL that makes one, for `sql`. */
export type ToolChoice = { readonly names: readonly string[]; readonly corpus?: string | undefined; readonly database?: string | undefined }

export type OpenTools = { readonly kits: readonly Kit[]; readonly dispose: () => Promise<void> }

/** What a row makes: a kit, and what it needs freed after the episode. */
type Opened = { readonly kit: Kit; readonly dispose?: () => Promise<void> }

/** `description`: for a person who chooses; `needs`: the file without which it cannot be opened. */
export type ToolChoiceRow = { readonly name: string; readonly description: string; readonly needs: 'corpus' | 'database' | null }

/** A tool, or tools that belong together, is a row. */
const ROWS: Readonly<Record<string, Omit<ToolChoiceRow, 'name'> & { open(choice: ToolChoice): Opened }>> = {
  calculator: { description: 'exact arithmetic', needs: null, open: () => ({ kit: calculatorKit() }) },
  code: {
    description: 'JavaScript in a sandbox',
    needs: null,
    open: () => {
      const tool = openCode()
      return { kit: tool.kit(), dispose: tool.dispose }
    },
  },
  python: {
    description: 'Python in a sandbox',
    needs: null,
    open: () => {
      const tool = openPython()
      return { kit: tool.kit(), dispose: tool.dispose }
    },
  },
  search: {
    description: 'search and lookup in articles',
    needs: 'corpus',
    open: ({ corpus: path }) => {
      if (path === undefined) throw missing('search', 'articles')
      const corpus = openCorpus(readArticles(path))
      return { kit: corpus.kit(), dispose: async () => corpus.dispose() }
    },
  },
  sql: {
    description: 'queries of a SQLite database',
    needs: 'database',
    open: ({ database: path }) => {
      if (path === undefined) throw missing('sql', 'SQL')
      const tool = openSql({ script: textOf(path), access: 'read' })
      return { kit: tool.kit(), dispose: tool.dispose }
    },
  },
}

/** What `openTools` knows, in the order of the table. */
export const toolChoices = (): ToolChoiceRow[] => Object.entries(ROWS).map(([name, { description, needs }]) => ({ name, description, needs }))

const missing = (name: string, what: string): RetortError =>
  new RetortError({ code: 'tool-file-missing', message: `the tool ${name} has nothing to work on`, where: `tool ${name}`, found: 'no file', expected: `a file of ${what}` })

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}

const TOOL_NAMES: readonly string[] = Object.keys(ROWS)

/** Throws RetortError `no-such-tool`, `tool-file-missing`, `bad-article`, `bad-script`. Kits are disposed by whoever takes them, then this. */
export function openTools(choice: ToolChoice): OpenTools {
  const rows = [...new Set(choice.names)].map((name) => {
    const row = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined
    if (row) return row
    throw new RetortError({ code: 'no-such-tool', message: 'there is no such tool', found: name, expected: `one of ${TOOL_NAMES.join(', ')}` })
  })
  const opened = rows.map((row) => row.open(choice))
  return {
    kits: opened.map(({ kit }) => kit),
    async dispose() {
      for (const { dispose } of opened) await dispose?.()
    },
  }
}
