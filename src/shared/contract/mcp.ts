// MCP servers that the user has named: how they are reached, what is shown before one is started, and how each stands.
import { z } from 'zod'
import { retortErrorSchema } from './error.ts'

/** How a server is reached. Kept in the app's data folder, never in a project. */
export const mcpWaySchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('command'),
    /** The program and its arguments, as they would be typed; no shell reads it. */
    line: z.string().min(1).max(4000),
    /** Where it works; null: the user's home. */
    folder: z.string().min(1).nullable(),
    /** Names of variables of this machine's environment that it gets besides the usual ones; their values are kept nowhere. */
    env: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)).max(50),
  }),
  z.object({ type: z.literal('http'), url: z.url().max(2000) }),
  /** A box of tools (`retort box`): its own server is started. */
  z.object({ type: z.literal('box'), folder: z.string().min(1) }),
])
export type McpWay = z.infer<typeof mcpWaySchema>

export const mcpServerSchema = z.object({ id: z.string().regex(/^[a-z0-9-]{1,40}$/), name: z.string().min(1).max(80), way: mcpWaySchema })
export type NamedMcpServer = z.infer<typeof mcpServerSchema>

/** All that is started or called, before it is: what the user says yes to. */
export const mcpCardSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('command'),
    words: z.array(z.string()).min(1),
    folder: z.string(),
    /** Variables that it gets by name; `set`: this machine has them. */
    env: z.array(z.object({ name: z.string(), set: z.boolean() })),
    /** What every server gets. */
    usual: z.array(z.string()),
  }),
  z.object({ type: z.literal('http'), url: z.string() }),
])
export type McpCard = z.infer<typeof mcpCardSchema>

export const mcpToolSchema = z.object({
  name: z.string(),
  description: z.string(),
  /** The server says that it changes nothing. */
  readOnly: z.boolean(),
})

export const mcpStateSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stopped') }),
  /** Nothing is started before the ticket is answered. Each question has another one. */
  z.object({ type: z.literal('asks'), ticket: z.string(), card: mcpCardSchema }),
  z.object({ type: z.literal('refused') }),
  z.object({ type: z.literal('starting') }),
  z.object({ type: z.literal('running'), server: z.string(), tools: z.array(mcpToolSchema) }),
  /** It could not be opened, or ended by itself. */
  z.object({ type: z.literal('failed'), error: retortErrorSchema }),
])
export type McpState = z.infer<typeof mcpStateSchema>

/** `allowed`: this very command, or address, was allowed for good. */
export const mcpRowSchema = mcpServerSchema.extend({ state: mcpStateSchema, allowed: z.boolean() })
export type McpRow = z.infer<typeof mcpRowSchema>

export const mcpAnswerSchema = z.enum(['always', 'once', 'no'])
export type McpAnswer = z.infer<typeof mcpAnswerSchema>
