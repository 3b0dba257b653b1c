// Surface: chat: answers of local students, with or without adapter, and of providers; conversations that are kept.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { agentEventSchema, agentStyleSchema } from '../../records/episode.ts'
import { spanSchema } from '../../records/span.ts'
import { turnSchema } from '../../records/trajectory.ts'
import { prefillSchema } from '../../records/prefill.ts'
import { retortErrorSchema } from '../error.ts'
import { inProject, nothing, route } from './base.ts'

/** Who answers. */
export const voiceSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('local'),
    student: z.string().min(1),
    adapter: z.object({ path: z.string(), scale: z.number().min(-4).max(4) }).nullable(),
    /** Tokens of context; null: the student's own, at most 4096. */
    context: z.int().min(64).max(1_048_576).nullable(),
  }),
  z.object({ type: z.literal('provider'), provider: z.string(), model: z.string().min(1) }),
])
export type Voice = z.infer<typeof voiceSchema>

export const chatMessageSchema = z.object({ role: z.enum(['system', 'user', 'assistant']), text: z.string() })
export type ChatMessage = z.infer<typeof chatMessageSchema>

export const samplingSchema = z.object({
  /** 0 takes the likeliest token. */
  temperature: z.number().min(0).max(4),
  topP: z.number().min(0.01).max(1),
  seed: z.int().min(0).max(0xffffffff),
  maxTokens: z.int().min(1).max(131_072),
})
export type Sampling = z.infer<typeof samplingSchema>

export const chatEventSchema = z.discriminatedUnion('type', [
  /** The model is read from disk; only before the first answer of a local voice. */
  z.object({ type: z.literal('loading') }),
  /** The prompt's tokens (null: the provider has not said), those still in the cache, and the context's size where known. */
  z.object({ type: z.literal('prompt'), tokens: z.int().nullable(), reused: z.int(), context: z.int().nullable() }),
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('end'),
    reason: z.enum(['stop', 'length', 'context', 'aborted']),
    text: z.string(),
    /** Tokens written; null where the provider does not say. */
    tokens: z.int().nullable(),
    promptTokens: z.int().nullable(),
    firstTokenSeconds: z.number().nullable(),
    tokensPerSecond: z.number().nullable(),
    /** Tokens of the whole conversation in the context now. */
    used: z.int().nullable(),
  }),
  z.object({ type: z.literal('failed'), error: retortErrorSchema }),
  /** What a provider does not do as asked (it takes no seed, say); the answer goes on. */
  z.object({ type: z.literal('notice'), text: z.string() }),
])
export type ChatEvent = z.infer<typeof chatEventSchema>

export const providerSchema = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  name: z.string().min(1).max(80),
  kind: z.enum(['openai-compatible', 'anthropic']),
  /** For example http://127.0.0.1:8080/v1 ; http only to this machine. */
  baseUrl: z.url().max(500),
  /** Offered in the model's list; any other may be typed. */
  models: z.array(z.string()).max(200),
  /** Whether it continues a message of the assistant. Absent: as the protocol's own API does. */
  prefill: prefillSchema.optional(),
})
export type Provider = z.infer<typeof providerSchema>

/** `keySource`: the keyring, this session only, or the environment variable named. Keys themselves never come back. */
export const providerRowSchema = providerSchema.extend({
  keySource: z.enum(['none', 'keyring', 'session', 'environment']),
  environmentVariable: z.string(),
})
export type ProviderRow = z.infer<typeof providerRowSchema>

/** An event of an agent's log; `spans`: of the turn that it holds, null where it holds none. */
export const loggedSchema = z.object({ event: agentEventSchema, spans: z.array(spanSchema).nullable() })
export type Logged = z.infer<typeof loggedSchema>

/** A pane whose voice works with tools. */
export const agentSetupSchema = z.object({
  style: agentStyleSchema,
  /** By name, as `chat.tools` lists them. */
  tools: z.array(z.string()).max(32),
  /** Files that some tools need: articles (JSONL with a title and a text in each line), and SQL that makes a database. */
  corpus: z.string().nullable(),
  database: z.string().nullable(),
  /** Turns of the agent. */
  steps: z.int().min(1).max(100),
  /** MCP servers by their ids in the app; `tools`: those that are offered, null: all. */
  mcp: z.array(z.object({ server: z.string(), tools: z.array(z.string()).max(200).nullable() })).max(16).default([]),
})
export type AgentSetup = z.infer<typeof agentSetupSchema>

/** A tool, or tools that belong together; `needs`: the file without which it cannot be opened. */
export const toolRowSchema = z.object({ name: z.string(), description: z.string(), needs: z.enum(['corpus', 'database']).nullable() })

/** `agent` null: the voice only talks. */
export const paneSchema = z.object({ voice: voiceSchema.nullable(), sampling: samplingSchema, agent: agentSetupSchema.nullable().default(null) })
/** An answer as it was given, with what it was measured at. */
export const answerSchema = z.object({
  text: z.string(),
  voice: voiceSchema,
  sampling: samplingSchema,
  end: chatEventSchema.options[3].nullable(),
  error: retortErrorSchema.nullable(),
  /** The log of an agent, without what came piece by piece; null: the voice only talked. */
  episode: z.array(loggedSchema).nullable().default(null),
})
export type Answer = z.infer<typeof answerSchema>

/** A conversation beside itself: one line of questions, an answer of each pane to each. */
export const conversationSchema = z.object({
  id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  title: z.string().max(200),
  /** ISO 8601. */
  createdAt: z.string(),
  updatedAt: z.string(),
  system: z.string(),
  panes: z.tuple([paneSchema, paneSchema]),
  exchanges: z.array(z.object({ question: z.string(), answers: z.tuple([answerSchema.nullable(), answerSchema.nullable()]) })),
})
export type Conversation = z.infer<typeof conversationSchema>

export const chatRoutes = {
  /** One answer, streamed. Leaving the stream early stops it. One local answer at a time; another waits its turn. */
  generate: route
    .input(z.object({ voice: voiceSchema, messages: z.array(chatMessageSchema).min(1).max(10_000), sampling: samplingSchema }))
    .output(eventIterator(chatEventSchema)),
  /**
   * An agent works at the last user turn: its log as it grows. `system` turns stand as they are given; without one the agent is
   * told the style and its tools. Leaving the stream early stops it. What fails before it begins is `failed`.
   */
  act: route
    .input(z.object({ voice: voiceSchema, turns: z.array(turnSchema).min(1).max(10_000), sampling: samplingSchema, agent: agentSetupSchema }))
    .output(eventIterator(z.discriminatedUnion('type', [loggedSchema.extend({ type: z.literal('event') }), z.object({ type: z.literal('failed'), error: retortErrorSchema })]))),
  /** What `act` can be given. */
  tools: route.input(nothing).output(z.array(toolRowSchema)),
  conversations: {
    list: route
      .input(inProject)
      .output(z.array(conversationSchema.pick({ id: true, title: true, createdAt: true, updatedAt: true }))),
    get: route.input(inProject.extend({ id: z.string() })).output(conversationSchema),
    /**
     * `expected`: `updatedAt` of the conversation as it was read or written last; null for a new one. When the one that is
     * kept is another, nothing is written (RETORT `conversation-changed`). So each write needs another `updatedAt`.
     */
    put: route.input(inProject.extend({ conversation: conversationSchema, expected: z.string().nullable() })).output(nothing),
    remove: route.input(inProject.extend({ id: z.string() })).output(nothing),
  },
  providers: {
    list: route.input(nothing).output(z.array(providerRowSchema)),
    /** Adds it, or replaces the one of this id. */
    put: route.input(providerSchema).output(nothing),
    remove: route.input(z.object({ id: z.string() })).output(nothing),
    /** An empty key takes it away. */
    setKey: route.input(z.object({ id: z.string(), key: z.string().max(5000) })).output(nothing),
    /** Asks the endpoint for its models; a failure says what it answered. `draft`: asked as it would be kept, which it is not by this. */
    models: route.input(z.object({ id: z.string(), draft: z.object({ provider: providerSchema, key: z.string().max(5000) }).optional() })).output(z.object({ models: z.array(z.string()) })),
  },
}
