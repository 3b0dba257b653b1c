// MCP servers in the form of tools: what a form comes to, and which tools an agent is offered.
import { expect, test } from 'vitest'
import { badEnvNames, draftOfServer, envNames, isSettled, MCP_DRAFT, mountedWith, mountedWithout, mountOf, offeredTools, serverOfDraft, suggestedName, withTool } from '../../../src/renderer/chat/mcpModel.ts'
import type { McpRow, NamedMcpServer } from '../../../src/shared/contract/mcp.ts'

const SERVERS: readonly NamedMcpServer[] = [
  { id: 's', name: 'S', way: { type: 'command', line: 'node s.mjs', folder: '/w', env: ['A', 'B'] } },
  { id: 's', name: 'S', way: { type: 'command', line: 'node s.mjs', folder: null, env: [] } },
  { id: 's', name: 'S', way: { type: 'http', url: 'http://127.0.0.1:1/mcp' } },
  { id: 's', name: 'S', way: { type: 'box', folder: '/boxes/one' } },
]
const row = (...names: string[]): McpRow => ({ ...SERVERS[0]!, allowed: false, state: { type: 'running', server: 's 1', tools: names.map((name) => ({ name, description: '', readOnly: false })) } })

test.each(SERVERS)('a server is the same after its form: $way', (server) => {
  expect(serverOfDraft(draftOfServer(server), ['s'])).toEqual(server)
})

test('a new one gets a name and an id of its own; what is missing makes no server', () => {
  const draft = { ...MCP_DRAFT, line: 'node --flag "./notes/Server One.mjs" x' }
  expect(suggestedName({ ...MCP_DRAFT, line: '/usr/bin/node --flag=./x ./notes/server.mjs x' })).toBe('server.mjs')
  expect(suggestedName({ ...MCP_DRAFT, line: '/usr/bin/serve now' })).toBe('serve')
  expect(suggestedName({ ...MCP_DRAFT, kind: 'http', url: 'http://127.0.0.1:9/mcp' })).toBe('127.0.0.1:9')
  expect(serverOfDraft({ ...draft, name: 'My  Notes!' }, [])?.id).toBe('my-notes')
  expect(serverOfDraft({ ...draft, name: 'My Notes' }, ['my-notes', 'my-notes-2'])?.id).toBe('my-notes-3')
  expect(serverOfDraft({ ...draft, name: '???' }, [])?.id).toBe('server')
  for (const broken of [MCP_DRAFT, { ...draft, env: 'GOOD 1BAD' }, { ...MCP_DRAFT, kind: 'http' as const, url: 'ftp://x/' }, { ...MCP_DRAFT, kind: 'box' as const }]) expect(serverOfDraft(broken, [])).toBeNull()
  expect(envNames(' A,B; A\nC ')).toEqual(['A', 'B', 'C'])
  expect(badEnvNames('A B=1 2C')).toEqual(['B=1', '2C'])
})

test('a mounted server offers all tools, until some are taken out; all again is all, also those of tomorrow', () => {
  const mounted = mountedWith([], 's')
  expect(mountedWith(mounted, 's')).toBe(mounted)
  expect(offeredTools(row('a', 'b'), mountOf(mounted, 's'))).toEqual(['a', 'b'])
  const fewer = withTool(mounted, row('a', 'b', 'c'), { tool: 'b', on: false })
  expect(fewer).toEqual([{ server: 's', tools: ['a', 'c'] }])
  expect(offeredTools(row('c', 'd'), mountOf(fewer, 's'))).toEqual(['c'])
  expect(withTool(fewer, row('a', 'b', 'c'), { tool: 'b', on: true })).toEqual([{ server: 's', tools: null }])
  expect(withTool(fewer, { ...row(), state: { type: 'stopped' } }, { tool: 'a', on: false })).toBe(fewer)
  expect(mountedWithout(fewer, 's')).toEqual([])
  expect([offeredTools(row('a'), undefined), isSettled(undefined), isSettled(row()), isSettled({ ...row(), state: { type: 'starting' } })]).toEqual([[], true, true, false])
})
