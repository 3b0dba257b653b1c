// What the user has allowed to be started or called: asked once for each exact command, kept in the app's data folder alone.
import { join } from 'node:path'
import { z } from 'zod'
import { RetortError } from '../../shared/errors.ts'
import { ensureFolder, type KeptFile, openKeptFile } from '../files/index.ts'
import { type McpServer, shownServer } from './mcpServer.ts'

/** Shows the exact command or address, and gives what the user says to it. `once`: a yes that is not kept. */
export type Approve = (shown: string) => Promise<boolean | 'once'>

const FILE = 'mcp-approved.json'
const fileSchema = z.object({ approved: z.array(z.string()) })

function keptIn(dataFolder: string): KeptFile<{ approved: string[] }> {
  ensureFolder(dataFolder)
  return openKeptFile<{ approved: string[] }>({ path: join(dataFolder, FILE), empty: { approved: [] }, parse: (json) => ({ value: fileSchema.parse(json), lost: [] }) })
}

/** Whether this very server was allowed for good. */
export const isApproved = (server: McpServer, dataFolder: string): boolean => keptIn(dataFolder).get().approved.includes(shownServer(server))

/** It will be asked about again. */
export function forgetApproval(server: McpServer, dataFolder: string): void {
  if (isApproved(server, dataFolder)) keptIn(dataFolder).change(({ approved }) => ({ approved: approved.filter((other) => other !== shownServer(server)) }))
}

/** Resolves when the server may be used. Throws RetortError `mcp-not-approved`. `dataFolder`: of the app, never of a project. */
export async function approveServer({ server, approve, dataFolder }: { server: McpServer; approve: Approve; dataFolder: string }): Promise<void> {
  const shown = shownServer(server)
  const kept = keptIn(dataFolder)
  if (kept.get().approved.includes(shown)) return
  const answer = await approve(shown)
  if (answer === 'once') return
  if (!answer) {
    throw new RetortError({ code: 'mcp-not-approved', message: 'the MCP server was not allowed', found: shown, expected: 'a yes to this very command' })
  }
  kept.change(({ approved }) => ({ approved: [...approved.filter((other) => other !== shown), shown] }))
}
