// Rollouts: episodes of a teacher on a suite's tasks, made as training data: the batch, who was asked, what became of each.
import { z } from 'zod'
import { retortErrorSchema } from '../contract/error.ts'
import { prefillSchema } from './prefill.ts'
import { promptingSchema } from './prompting.ts'
import { agentEventSchema, agentLimitsSchema, agentStyleSchema } from './episode.ts'
import { expertSettingsSchema, suiteNameSchema, suiteTaskSchema } from './suite.ts'
import { outcomeSchema } from './trajectory.ts'

/** Format of trajectories that a teacher made here; their file is `teacher | suite/split/seed`. */
export const ROLLOUT_FORMAT = 'retort-rollout'

/** Of a turn of an endpoint's model, where nobody says otherwise: thinking counts in it, seen or not, and a suite's own limit is a student's. */
export const ENDPOINT_TURN_TOKENS = 2048

/** Who works at the tasks, as a batch keeps it: no key, and nothing from which one could be had. */
export const rolloutTeacherSchema = z.discriminatedUnion('type', [
  /** The suite's own scripted expert, asked as an endpoint is. `settings`: what it shows beside the plain solution; left out: as usual. */
  z.object({ type: z.literal('expert'), settings: expertSettingsSchema.partial().default({}) }),
  /** `provider`: its id in the app's settings; null: named on the command line. */
  z.object({
    type: z.literal('endpoint'), provider: z.string().nullable(), kind: z.enum(['openai-compatible', 'anthropic']),
    name: z.string(), baseUrl: z.string(), model: z.string(), prefill: prefillSchema.optional(),
  }),
  z.object({ type: z.literal('local'), path: z.string().min(1) }),
])
export type RolloutTeacher = z.infer<typeof rolloutTeacherSchema>

/**
 * The first turn begins with the teacher's own chain of thought (Kang et al., arXiv 2505.17612): never, for every task, or for the
 * families that are named. It helps where thinking helps, and harms on questions of fact.
 */
export const firstThoughtSchema = z.union([z.enum(['off', 'all']), z.array(z.string().min(1)).min(1)])
export type FirstThought = z.infer<typeof firstThoughtSchema>

/** Money for a million tokens, in the currency that the budget is in. */
export const pricesSchema = z.object({ input: z.number().min(0), output: z.number().min(0) })
export type Prices = z.infer<typeof pricesSchema>

/** What may be spent in all, also over several starts of the batch; null: no limit. A limit of cost needs prices. */
export const budgetSchema = z.object({ cost: z.number().positive().nullable(), tokens: z.int().positive().nullable() })
export type Budget = z.infer<typeof budgetSchema>

/** Limits that take the place of those that stand; one that is left out stays. */
export const budgetChangeSchema = budgetSchema.partial()
export type BudgetChange = z.infer<typeof budgetChangeSchema>

/** How the teacher is asked. Requests and tokens a minute: null is no limit. */
export const trafficSchema = z.object({
  /** Episodes at a time; each has one request open. A GGUF file has one. */
  concurrency: z.int().min(1).max(64),
  requestsPerMinute: z.number().positive().nullable(),
  tokensPerMinute: z.number().positive().nullable(),
  /** How often a request is made at most, where the endpoint is busy, silent or breaks off. */
  tries: z.int().min(1).max(20),
  /** Seconds without a sign of the answer or of its next part. */
  patience: z.number().positive(),
})
export type Traffic = z.infer<typeof trafficSchema>

/** All that decides which episodes a batch has. Tasks are the suite's training split (of the families, where they are named) from its `first` on, `tasks` of them. */
export const rolloutSettingsSchema = z.object({
  suite: suiteNameSchema,
  seed: z.int().min(0).max(0xffffffff),
  first: z.int().min(0),
  tasks: z.int().min(1).max(100_000),
  /** Only tasks of these families; all when absent. */
  families: z.array(z.string().min(1)).min(1).optional(),
  /** Episodes of each task, drawn with different seeds. */
  perTask: z.int().min(1).max(64),
  teacher: rolloutTeacherSchema,
  style: agentStyleSchema,
  /** As an agent with the suite's tools, or in words alone. */
  prompting: promptingSchema.default('agent'),
  /** Prompt distillation: the system message of agents in what is kept, in place of the teacher's; '' for none; null: the suite's short one. */
  studentPrompt: z.string().nullable().default(null),
  /** 0 takes the likeliest token: several episodes of a task are then the same. */
  temperature: z.number().min(0).max(4),
  topP: z.number().min(0.01).max(1),
  firstThought: firstThoughtSchema,
  /** Log-probabilities asked for at each token of an answer, where the endpoint gives them; 0: none. */
  logprobs: z.int().min(0).max(20),
  limits: agentLimitsSchema,
})
export type RolloutSettings = z.infer<typeof rolloutSettingsSchema>

/** Why an episode is no training data, in the order in which it is looked for. */
export const rejectionReasonSchema = z.enum([
  /** The teacher failed: the endpoint's error, past all tries. */
  'model-failed',
  /** A turn was without a call or an answer that can be read. */
  'unparsed',
  'step-limit',
  /** It went in a circle: the same call, and the same seen after it. */
  'repeats',
  'time',
  'context',
  /** No answer, or a wrong one. */
  'wrong',
])
export type RejectionReason = z.infer<typeof rejectionReasonSchema>

/** What requests came to. */
export const usageSchema = z.object({
  /** Calls that count: answers, and calls without one that may have been paid for; what the journal gave once more is not among them. */
  requests: z.int(),
  /** Calls that were answered. */
  answered: z.int().optional(),
  /** Calls that were not: refused, broken off, silent. */
  failed: z.int().optional(),
  /** Answers that the journal had: of an earlier start, or of an equal request of this one. */
  replayed: z.int(),
  promptTokens: z.int(),
  tokens: z.int(),
  /** Of the requests: those whose usage the endpoint did not say; they are counted at the most that they may have come to. */
  assumed: z.int(),
  /** null: prices are not known. */
  cost: z.number().nullable(),
})
export type Usage = z.infer<typeof usageSchema>

/** How the first turn came to its beginning: continued by the model itself, or asked for in words, and the echo taken away. */
export const usedThoughtSchema = z.object({ text: z.string(), way: z.enum(['continued', 'instructed']) })

/** One episode of a batch, as a line of its file: kept and rejected alike, with the teacher's own prompt. */
export const rolloutSchema = z.object({
  task: suiteTaskSchema,
  /** Number of the episode of its task, from 0. */
  turn: z.int().min(0),
  seed: z.int(),
  /** null: it is kept. */
  rejected: rejectionReasonSchema.nullable(),
  detail: z.string(),
  outcome: outcomeSchema.nullable(),
  /** The trajectory in the project; `duplicate`: it had the very same one already. */
  trajectory: z.object({ id: z.string(), kept: z.enum(['kept', 'duplicate']) }).nullable(),
  firstThought: usedThoughtSchema.nullable(),
  /** Of a kept episode of an expert: turns of its trajectory that are slips made on purpose, mended by the next of the agent. */
  slips: z.array(z.int()).default([]),
  /** Tokens with log-probabilities, of those written; null: not asked for. */
  coverage: z.object({ tokens: z.int(), of: z.int() }).nullable(),
  steps: z.int(),
  calls: z.int(),
  promptTokens: z.int().nullable(),
  tokens: z.int().nullable(),
  seconds: z.number(),
  error: retortErrorSchema.nullable(),
  /** The log without what came piece by piece. */
  events: z.array(agentEventSchema),
})
export type Rollout = z.infer<typeof rolloutSchema>

/** `stopped`: by the user, a crash or the budget; `incomplete`: at some episodes the teacher failed; `in-vain`: none of many was kept. All but `finished` can go on. */
export const batchStateSchema = z.enum(['running', 'stopped', 'budget', 'finished', 'incomplete', 'in-vain', 'failed'])

/** A batch in a project: the first file of its folder. */
export const rolloutBatchSchema = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,80}$/),
  /** ISO 8601. */
  createdAt: z.string(),
  settings: rolloutSettingsSchema,
  prices: pricesSchema.nullable(),
  budget: budgetSchema,
  traffic: trafficSchema,
})
export type RolloutBatch = z.infer<typeof rolloutBatchSchema>
