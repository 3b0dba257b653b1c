// MCP servers as the form of tools shows them: which are mounted, which of their tools, and what a form comes to.
import type { McpRow, McpWay, NamedMcpServer } from '../../shared/contract/mcp.ts'
import type { AgentSetup } from '../../shared/contract/routes/chat.ts'

type Mounted = AgentSetup['mcp']

export const mountOf = (mounted: Mounted, id: string): Mounted[0] | undefined => mounted.find(({ server }) => server === id)

export const mountedWith = (mounted: Mounted, id: string): Mounted => (mountOf(mounted, id) ? mounted : [...mounted, { server: id, tools: null }])
export const mountedWithout = (mounted: Mounted, id: string): Mounted => mounted.filter(({ server }) => server !== id)

/** Tools of a running server that an agent is offered. */
export function offeredTools(row: McpRow, mount: Mounted[0] | undefined): string[] {
  if (!mount || row.state.type !== 'running') return []
  const all = row.state.tools.map(({ name }) => name)
  return mount.tools === null ? all : all.filter((name) => mount.tools!.includes(name))
}

/** One tool more or less; all of them is null, so that those a server adds later are there, too. */
export function withTool(mounted: Mounted, row: McpRow, change: { readonly tool: string; readonly on: boolean }): Mounted {
  const mount = mountOf(mounted, row.id)
  if (!mount || row.state.type !== 'running') return mounted
  const all = row.state.tools.map(({ name }) => name)
  const before = offeredTools(row, mount)
  const after = all.filter((name) => (name === change.tool ? change.on : before.includes(name)))
  return mounted.map((one) => (one.server === row.id ? { ...one, tools: after.length === all.length ? null : after } : one))
}

/** A form of a server that is not yet one. */
export type McpDraft = { readonly id: string | null; readonly name: string; readonly kind: McpWay['type']; readonly line: string; readonly folder: string; readonly env: string; readonly url: string; readonly box: string }

export const MCP_DRAFT: McpDraft = { id: null, name: '', kind: 'command', line: '', folder: '', env: '', url: '', box: '' }

export function draftOfServer({ id, name, way }: NamedMcpServer): McpDraft {
  const base = { ...MCP_DRAFT, id, name, kind: way.type }
  switch (way.type) {
    case 'command':
      return { ...base, line: way.line, folder: way.folder ?? '', env: way.env.join(', ') }
    case 'http':
      return { ...base, url: way.url }
    case 'box':
      return { ...base, box: way.folder }
  }
}

export const envNames = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter((name) => name !== ''))]
export const badEnvNames = (text: string): string[] => envNames(text).filter((name) => !/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name))

/** What is left open of the name: what the server would be called. */
export function suggestedName({ kind, line, url, box }: McpDraft): string {
  const last = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? ''
  switch (kind) {
    case 'command': {
      const [program = '', ...given] = line.trim().split(/\s+/).map((word) => word.replaceAll(/["']/g, ''))
      return last(given.find((word) => /[./@]/.test(word) && !word.startsWith('-')) ?? program)
    }
    case 'http':
      return URL.canParse(url) ? new URL(url).host : ''
    case 'box':
      return last(box)
  }
}

/** null: something is missing. `taken`: ids of other servers. */
export function serverOfDraft(draft: McpDraft, taken: readonly string[]): NamedMcpServer | null {
  const way = wayOf(draft)
  const name = draft.name.trim() || suggestedName(draft)
  if (way === null || name === '') return null
  return { id: draft.id ?? freeId(name, taken), name: name.slice(0, 80), way }
}

function wayOf({ kind, line, folder, env, url, box }: McpDraft): McpWay | null {
  switch (kind) {
    case 'command':
      return line.trim() === '' || badEnvNames(env).length > 0 ? null : { type: 'command', line: line.trim(), folder: folder.trim() || null, env: envNames(env) }
    case 'http':
      return /^https?:\/\//i.test(url.trim()) && URL.canParse(url.trim()) ? { type: 'http', url: url.trim() } : null
    case 'box':
      return box === '' ? null : { type: 'box', folder: box }
  }
}

function freeId(name: string, taken: readonly string[]): string {
  const base = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 32) || 'server'
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`
    if (!taken.includes(id)) return id
  }
}

/** Nothing more comes of waiting. */
export const isSettled = (row: McpRow | undefined): boolean => row === undefined || !['asks', 'starting'].includes(row.state.type)
