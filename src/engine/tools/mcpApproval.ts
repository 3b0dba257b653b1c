// What the user has allowed to be started or called: asked once for each exact command, kept in the app's data folder alone.
import { join } from 'node:path'
import { z } from 'zod'
import { RetortError } from '../../shared/errors.ts'
import { ensureFolder, openKeptFile } from '../files/index.ts'
import { type McpServer, shownServer } from './mcpServer.ts'

/** Shows the exact command or address, and gives what the user says to it. `once`: a yes that is not kept. */
export type Approve = (shown: string) => Promise<boolean | 'once'>

const FILE = 'mcp-approved.json'
const fileSchema = z.object({ approved: z.array(z.string()) })

/** Resolves when the server may be used. Throws RetortError `mcp-not-approved`. `dataFolder`: of the app, never of a project. */
export async function approveServer({ server, approve, dataFolder }: { server: McpServer; approve: Approve; dataFolder: string }): Promise<void> {
  const shown = shownServer(server)
  const path = join(dataFolder, FILE)
  ensureFolder(dataFolder)
  const kept = openKeptFile<{ approved: string[] }>({ path, empty: { approved: [] }, parse: (json) => ({ value: fileSchema.parse(json), lost: [] }) })
  if (kept.get().approved.includes(shown)) return
  const answer = await approve(shown)
  if (answer === 'once') return
  if (!answer) {
    throw new RetortError({ code: 'mcp-not-approved', message: 'the MCP server was not allowed', found: shown, expected: 'a yes to this very command' })
  }
  kept.change(({ approved }) => ({ approved: [...approved.filter((other) => other !== shown), shown] }))
}
