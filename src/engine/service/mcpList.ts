// The MCP servers that the user has named, in a file of the app; as what is started or called; and as what is shown before that.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type McpCard, type McpWay, mcpServerSchema, type NamedMcpServer } from '../../shared/contract/mcp.ts'
import { RetortError } from '../../shared/errors.ts'
import { boxServerWords } from '../box/index.ts'
import { ensureFolder, openKeptFile } from '../files/index.ts'
import { type McpServer, parseMcpServer, passedVariables, visible } from '../tools/index.ts'

const fileSchema = z.object({ servers: z.array(z.unknown()) })

export type McpList = {
  all(): readonly NamedMcpServer[]
  /** Throws RetortError `no-mcp-server`. */
  get(id: string): NamedMcpServer
  put(server: NamedMcpServer): void
  remove(id: string): void
}

/** Rows that cannot be read are left out, and the file as it was is kept beside. */
export function openMcpList(folder: string): McpList {
  ensureFolder(folder)
  const kept = openKeptFile<{ servers: NamedMcpServer[] }>({
    path: join(folder, 'mcp-servers.json'),
    empty: { servers: [] },
    parse(json) {
      const rows = fileSchema.parse(json).servers.map((row) => mcpServerSchema.safeParse(row))
      return { value: { servers: rows.flatMap(({ data }) => (data ? [data] : [])) }, lost: rows.some(({ success }) => !success) ? ['servers'] : [] }
    },
  })
  const all = (): readonly NamedMcpServer[] => kept.get().servers
  return {
    all,
    get(id) {
      const found = all().find((server) => server.id === id)
      if (found) return found
      throw new RetortError({
        code: 'no-mcp-server', message: 'this app knows no such MCP server', found: id, expected: all().length === 0 ? 'one that was added' : `one of ${all().map((server) => server.id).join(', ')}`,
        advice: 'a conversation names servers, it does not bring them: add the server, or take it out of the tools',
      })
    },
    put: (server) => void kept.change(({ servers }) => ({ servers: servers.some(({ id }) => id === server.id) ? servers.map((other) => (other.id === server.id ? server : other)) : [...servers, server] })),
    remove: (id) => void kept.change(({ servers }) => ({ servers: servers.filter((server) => server.id !== id) })),
  }
}

/** Exactly what is started or called. Throws RetortError `bad-mcp-server`, `bad-box`. */
export function serverOf(way: McpWay, home: string): McpServer {
  switch (way.type) {
    case 'http':
      return addressOnly(parseMcpServer(way.url), way.url)
    case 'box':
      return { type: 'stdio', words: boxServerWords(way.folder), folder: way.folder }
    case 'command': {
      const server = parseMcpServer(way.line)
      if (server.type === 'http') throw bad(way.line, 'a command; an address is given as one')
      const folder = way.folder ?? home
      if (!existsSync(folder) || !statSync(folder).isDirectory()) throw bad(folder, 'a working folder that is there')
      return { ...server, folder, env: way.env }
    }
  }
}

function addressOnly(server: McpServer, url: string): McpServer {
  if (server.type === 'http') return server
  throw bad(url, 'an address that begins with http:// or https://')
}

const bad = (found: string, expected: string): RetortError => new RetortError({ code: 'bad-mcp-server', message: 'this names no MCP server', found, expected })

/** Nothing of it is left out; what a page would not show is written out. */
export function cardOf(server: McpServer, home: string): McpCard {
  if (server.type === 'http') return { type: 'http', url: server.url }
  const { words, folder = home, env = [] } = server
  return { type: 'command', words: words.map(visible), folder: visible(folder), env: env.map((name) => ({ name, set: process.env[name] !== undefined })), usual: passedVariables() }
}
