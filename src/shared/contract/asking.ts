// Surface: asking a teacher at a step of a trajectory (`retort ask`, and the trajectory editor).
import { z } from 'zod'
import { turnEndSchema } from '../records/episode.ts'
import { budgetSchema, pricesSchema, usageSchema } from '../records/rollout.ts'
import { spanSchema } from '../records/span.ts'
import { suiteNameSchema } from '../records/suite.ts'
import { turnSchema } from '../records/trajectory.ts'
import { retortErrorSchema } from './error.ts'
import { journalEntrySchema } from './routes/trajectories.ts'

/** How a step is asked for again. */
export const askSettingsSchema = z.object({
  /** Number of the agent's turn, from 0. */
  step: z.int().min(0),
  n: z.int().min(1).max(32).default(4),
  temperature: z.number().min(0).max(4).default(0.7),
  topP: z.number().min(0.01).max(1).default(1),
  /** Of the first continuation; each further one has the next. */
  seed: z.int().min(0).max(0xffffff).default(0),
  turnTokens: z.int().min(1).max(131_072).default(512),
  /** Likeliest tokens to ask the log-probabilities of, where the endpoint gives them; 0: none. */
  logprobs: z.int().min(0).max(20).default(0),
  prices: pricesSchema.nullable().default(null),
  budget: budgetSchema.default({ cost: null, tokens: null }),
  /** Of an expert: whose tasks, and with which seed, the trajectory is of. */
  suite: suiteNameSchema.optional(),
  suiteSeed: z.int().min(0).max(0xffffffff).default(0),
})
export type AskSettings = z.output<typeof askSettingsSchema>

export const askEstimateSchema = z.object({
  requests: z.int(),
  promptTokens: z.int(),
  tokens: z.int(),
  /** null: prices are not known. */
  cost: z.number().nullable(),
  most: z.object({ tokens: z.int(), cost: z.number().nullable() }),
  basis: z.string(),
})
export type AskEstimate = z.infer<typeof askEstimateSchema>

/** One way to go on. `turn` null: there was no answer, `error` says why. */
export const continuationSchema = z.object({
  index: z.int().min(0),
  turn: turnSchema.nullable(),
  /** Cover the turn's text. */
  spans: z.array(spanSchema),
  end: turnEndSchema,
  /** Neither a call nor an answer can be read in it, as they can in other steps: what was expected; null: it can. */
  problem: z.string().nullable(),
  /** The turn says the very same as the recorded one. */
  same: z.boolean(),
  /** It does what the recorded one does, in other words perhaps: later steps still follow from it. */
  sameDoing: z.boolean().default(true),
  tokens: z.int().nullable(),
  promptTokens: z.int().nullable(),
  seconds: z.number(),
  /** null: prices or tokens are not known. */
  cost: z.number().nullable().default(null),
  /** Log-probabilities that came: of so many of the tokens, and their mean (nats); null: none were asked for. */
  coverage: z.object({ tokens: z.int(), of: z.int(), mean: z.number().nullable() }).nullable().default(null),
  error: retortErrorSchema.nullable(),
})
export type Continuation = z.infer<typeof continuationSchema>

export type Unacceptable = 'failed' | 'same' | 'unreadable' | 'cut-off'

/** Why a continuation can never take the place of its step; null: it can. */
export function unacceptable({ turn, same, problem, end }: Pick<Continuation, 'turn' | 'same' | 'problem' | 'end'>): Unacceptable | null {
  if (turn === null) return 'failed'
  if (same) return 'same'
  if (end !== 'stop' && end !== 'cut') return 'cut-off'
  return problem === null ? null : 'unreadable'
}

/** What an asking came to: it is kept in the project. */
export const askedSchema = z.object({
  id: z.string(),
  /** ISO 8601. */
  at: z.string(),
  trajectory: z.string(),
  step: z.int(),
  /** The turn of that step, in the trajectory. */
  turn: z.int(),
  /** Of the trajectory when it was asked. */
  revision: z.string(),
  /** Of what was asked about: the step and all before it. The same again: a continuation can be accepted. */
  stands: z.string().default(''),
  recorded: turnSchema,
  recordedSpans: z.array(spanSchema).default([]),
  teacher: z.string(),
  temperature: z.number(),
  topP: z.number(),
  seed: z.int(),
  continuations: z.array(continuationSchema),
  usage: usageSchema,
})
export type Asked = z.infer<typeof askedSchema>

/** With whether a continuation may take the place of the step now. */
export const shownAskedSchema = askedSchema.extend({ stands: z.boolean() })
export type ShownAsked = z.infer<typeof shownAskedSchema>

/** Whose expert knows a trajectory's task: as it was made. */
export const expertPlaceSchema = z.object({ suite: suiteNameSchema, seed: z.int().min(0).max(0xffffffff) })
export type ExpertPlace = z.infer<typeof expertPlaceSchema>

export const askEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('notice'), text: z.string() }),
  z.object({ type: z.literal('continuation'), continuation: continuationSchema }),
  /** The last. */
  z.object({ type: z.literal('asked'), asked: askedSchema }),
])
export type AskEvent = z.infer<typeof askEventSchema>

/** What accepting a continuation made: one entry of the journal, one undo. */
export const acceptedSchema = z.object({ entry: journalEntrySchema, preference: z.string(), trajectory: z.string(), turn: z.int(), /** Later steps that follow from the rejected one, and are not trained any more. */ stale: z.int() })
export type Accepted = z.infer<typeof acceptedSchema>

/** `retort ask`; nothing is estimated or asked where a continuation that was asked for is accepted. */
export const askReplySchema = z.object({ estimate: askEstimateSchema.nullable(), asked: askedSchema.nullable(), accepted: acceptedSchema.nullable() })
export type AskReply = z.infer<typeof askReplySchema>
