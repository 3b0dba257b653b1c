// A trajectory: one agent's run at a task, as it was imported. Immutable; corrections are overlays.
import { z } from 'zod'

/** Half-open range of UTF-16 code units of a turn's text. */
export const rangeSchema = z.object({ start: z.int().min(0), end: z.int().min(0) })
export type Range = z.infer<typeof rangeSchema>

export const roleSchema = z.enum(['system', 'user', 'agent', 'environment'])
export type Role = z.infer<typeof roleSchema>

/** A structured tool call; `range` is where the turn's text holds its serialisation (a fenced JSON object). */
export const toolCallSchema = z.object({
  id: z.string().optional(),
  name: z.string(),
  /** The arguments exactly as the source gave them (JSON text). */
  arguments: z.string(),
  range: rangeSchema,
})
export type ToolCall = z.infer<typeof toolCallSchema>

export const turnSchema = z.object({
  role: roleSchema,
  text: z.string(),
  /** Agent turns: where the text holds reasoning that came in a field of its own (within `<think>` tags). */
  reasoning: rangeSchema.optional(),
  /** Agent turns: structured calls in order of appearance. */
  calls: z.array(toolCallSchema).default([]),
  /** Agent turns: commands the environment executed that the source names apart from the text (SWE-agent's `action`). */
  executed: z.array(z.string()).default([]),
  /** Environment turns: which call they answer, where the source says so. */
  answers: z.string().optional(),
})
export type Turn = z.infer<typeof turnSchema>

/** A tool as offered to the agent; `parameters` is its JSON schema, kept as it came. */
export const toolSchema = z.object({
  name: z.string(),
  description: z.string().default(''),
  parameters: z.unknown().optional(),
})
export type Tool = z.infer<typeof toolSchema>

export const outcomeSchema = z.object({
  /** null: the source does not say. */
  success: z.boolean().nullable(),
  reward: z.number().nullable(),
  /** The source's own words, e.g. "Episode finished, reward = True" or an exit status. */
  detail: z.string(),
})
export type Outcome = z.infer<typeof outcomeSchema>

export const trajectorySchema = z.object({
  /** First 16 hex digits of `contentHash`. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  taskId: z.string(),
  source: z.object({
    format: z.string(),
    /** Name of the file (no folder), and 0-based index of the record in it. */
    file: z.string(),
    index: z.int().min(0),
  }),
  tools: z.array(toolSchema),
  turns: z.array(turnSchema).min(1),
  outcome: outcomeSchema.nullable(),
  /** sha256 (hex) of roles, texts, calls, tools and outcome: equal content has equal hash, whatever file it came from. */
  contentHash: z.string().regex(/^[0-9a-f]{64}$/),
})
export type Trajectory = z.infer<typeof trajectorySchema>
