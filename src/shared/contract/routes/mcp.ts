// Surface: MCP servers: named by the user, started only after a yes to the very command, and how they stand.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { mcpAnswerSchema, mcpRowSchema, mcpServerSchema } from '../mcp.ts'
import { nothing, route } from './base.ts'

const one = z.object({ id: z.string() })

export const mcpRoutes = {
  /** All servers as they stand, then after each change. */
  watch: route.input(nothing).output(eventIterator(z.object({ servers: z.array(mcpRowSchema) }))),
  /** Adds it, or replaces the one of this id, which is stopped. Nothing is started. RETORT `bad-mcp-server`, `bad-box`. */
  put: route.input(mcpServerSchema).output(nothing),
  /** Stops it, and forgets that its command was allowed. */
  remove: route.input(one).output(nothing),
  /**
   * Asks for the server: `running` soon, where its very command was allowed for good; else its state is `asks`, and nothing
   * is started before `answer`. Yields at once; how it goes on is told by `watch`.
   */
  start: route.input(one).output(nothing),
  /** What the user says to the card with this ticket. RETORT `mcp-question-gone` when another question is open, or none. */
  answer: route.input(one.extend({ ticket: z.string(), answer: mcpAnswerSchema })).output(nothing),
  /** Ends it, or gives the start up. */
  stop: route.input(one).output(nothing),
}
