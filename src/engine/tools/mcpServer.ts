// Which MCP server: a command that is started, or an address that is called; and how it is shown before either happens.
import { RetortError } from '../../shared/errors.ts'

export type McpServer =
  /**
   * Started without a shell: the words are the program and its arguments. `folder`: where it works, that of this process when
   * absent; `env`: names of variables that it gets besides the usual ones.
   */
  | { readonly type: 'stdio'; readonly words: readonly string[]; readonly folder?: string; readonly env?: readonly string[] }
  | { readonly type: 'http'; readonly url: string }

const bad = (found: string, expected: string): RetortError => new RetortError({ code: 'bad-mcp-server', message: 'this names no MCP server', found, expected })

/**
 * `http://...` and `https://...` are addresses, all else a command line: words with white space between, quotes around what holds
 * some, a backslash before a quote or a backslash. Throws RetortError `bad-mcp-server`.
 */
export function parseMcpServer(text: string): McpServer {
  const line = text.trim()
  if (/^https?:\/\//i.test(line)) return { type: 'http', url: addressOf(line) }
  const words = wordsOf(line)
  if (words.length === 0 || words[0] === '') throw bad('no command', 'a command with its arguments, or an http address')
  return { type: 'stdio', words }
}

function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url) throw bad(text, 'an http address')
  if (url.username !== '' || url.password !== '') throw bad('an address with a name or a password in it', 'one without: they would end up in logs')
  return url.href
}

function wordsOf(line: string): string[] {
  const words: string[] = []
  let word: string | null = null
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!
    if (character === '\\' && /["'\\]/.test(line[at + 1] ?? '') && quote !== "'") word = (word ?? '') + line[++at]!
    else if (quote !== '') {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + character
  }
  if (quote !== '') throw bad(line, `a ${quote} that closes what the other opened`)
  if (word !== null) words.push(word)
  return words
}

/** Exactly what will be started or called; equal for equal servers. What a terminal would not show is written out. */
export const shownServer = (server: McpServer): string => visible(server.type === 'http' ? server.url : commandOf(server))

/** What is in brackets cannot be a word: those are in quotes. */
function commandOf({ words, folder, env = [] }: McpServer & { type: 'stdio' }): string {
  const place = folder === undefined ? [] : [`[in ${quoted(folder)}]`]
  const variables = env.length === 0 ? [] : [`[with ${[...env].sort().join(' ')}]`]
  return [...words.map(quoted), ...place, ...variables].join(' ')
}

const quoted = (word: string): string => (/^[\w@%+=:,./~-]+$/.test(word) ? word : JSON.stringify(word))

/** Control characters, and those that turn the direction of text, as their numbers. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)

/** For messages and the log. */
export const nameOfServer = (server: McpServer): string =>
  server.type === 'http' ? new URL(server.url).host : (server.words[0]!.split(/[\\/]/).at(-1) ?? server.words[0]!)
