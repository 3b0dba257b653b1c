// The MCP servers of one agent: all opened, or none left.
import type { Kit } from '../../core/agent/index.ts'
import type { Approve } from './mcpApproval.ts'
import { parseMcpServer } from './mcpServer.ts'

/** `servers`: command lines and addresses; `approve` is shown each that was not allowed before. */
export type McpWish = { readonly servers: readonly string[]; readonly approve: Approve }

/** Throws what `parseMcpServer` and `openMcp` throw. Kits are disposed by whoever takes them, then this. */
export async function openMcpServers({ servers, approve }: McpWish, options: { readonly dataFolder: string; readonly signal: AbortSignal }): Promise<{ readonly kits: readonly Kit[]; readonly dispose: () => Promise<void> }> {
  const parsed = servers.map(parseMcpServer)
  const { openMcp } = await import('./mcp.ts')
  const open: Awaited<ReturnType<typeof openMcp>>[] = []
  const dispose = async (): Promise<void> => void (await Promise.all(open.map((tools) => tools.dispose())))
  try {
    for (const server of parsed) open.push(await openMcp({ server, approve, ...options }))
  } catch (error) {
    await dispose()
    throw error
  }
  return { kits: open.map((tools) => tools.kit()), dispose }
}
