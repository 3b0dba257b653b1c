// An evaluation: how a student did on a suite's tasks, each as the episode that it was; and the ladder, evaluations beside each other.
import { z } from 'zod'
import { retortErrorSchema } from '../contract/error.ts'
import { agentLimitsSchema, agentSamplingSchema, agentStyleSchema, episodeEndSchema } from './episode.ts'
import { promptingSchema } from './prompting.ts'
import { budgetSchema, pricesSchema, trafficSchema, usageSchema } from './rollout.ts'
import { suiteNameSchema, suiteTaskSchema, taskSplitSchema } from './suite.ts'

export { type Prompting, promptingSchema } from './prompting.ts'

/** Who works at the tasks. `expert`: the suite's own, for what can be reached. */
export const solverSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('local'),
    student: z.string().min(1),
    /** `run`: the run of the project that it comes from, where it is known. */
    adapter: z.object({ path: z.string().min(1), scale: z.number(), run: z.string().nullable().default(null) }).nullable(),
  }),
  /** `provider`: as the settings name it; from the command line, the address. */
  z.object({ type: z.literal('endpoint'), provider: z.string().min(1), model: z.string().min(1) }),
  z.object({ type: z.literal('expert') }),
])
export type Solver = z.infer<typeof solverSchema>

/** Which tasks: the first `count` of a split by their seed, or those of a file that fit the suite. There may be fewer than are asked for. */
export const taskChoiceSchema = z.discriminatedUnion('from', [
  z.object({
    from: z.literal('suite'), split: taskSplitSchema, seed: z.int().min(0).max(0xffffffff), count: z.int().min(1).max(10_000),
    /** Only tasks of these families; all when absent. */
    families: z.array(z.string().min(1)).min(1).optional(),
  }),
  z.object({ from: z.literal('file'), path: z.string().min(1), sha256: z.string(), count: z.int().min(1).max(10_000) }),
])
export type TaskChoice = z.infer<typeof taskChoiceSchema>

/** Self-consistent actions: `samples` of each step, drawn at these settings; the outcome that most of them come to is taken. */
export const selfConsistencySchema = z.object({
  samples: z.int().min(2).max(64),
  temperature: z.number().min(0).max(4).default(0.4),
  topP: z.number().min(0.01).max(1).default(0.8),
})
export type SelfConsistency = z.infer<typeof selfConsistencySchema>

/** All that decides an evaluation's results. */
export const evaluationSpecSchema = z.object({
  suite: suiteNameSchema,
  tasks: taskChoiceSchema,
  solver: solverSchema,
  prompting: promptingSchema,
  style: agentStyleSchema,
  /** One worked task of training stands before the question. */
  example: z.boolean(),
  /** null: the suite's own, for the way of asking. */
  system: z.string().nullable(),
  sag: selfConsistencySchema.nullable(),
  sampling: agentSamplingSchema,
  limits: agentLimitsSchema,
  /** Tokens of context of each episode. */
  context: z.int().min(16),
})
export type EvaluationSpec = z.infer<typeof evaluationSpecSchema>

/** One task as it went. */
export const taskResultSchema = z.object({
  task: suiteTaskSchema,
  success: z.boolean(),
  /** What the scorer says of it, in words. */
  detail: z.string(),
  answer: z.string().nullable(),
  end: episodeEndSchema,
  error: retortErrorSchema.nullable(),
  /** Turns of the student. */
  steps: z.int(),
  /** Calls that ran. */
  calls: z.int(),
  /** What the student tried to do: calls, turns without a call that can be read, and its answer. */
  actions: z.int(),
  /** Of those: not readable, of an unknown tool, or with arguments that the tool does not take. */
  invalid: z.int(),
  /** Of those: run, and refused or failed by the tool or the world. */
  failed: z.int(),
  /** Written by the student, all samples of a vote among them; null where its server does not say. */
  tokens: z.int().nullable(),
  /** Read by the student, as if nothing had been kept from one turn to the next; null likewise. */
  promptTokens: z.int().nullable(),
  /** Wall time, of which several episodes side by side share the machine. */
  seconds: z.number(),
})
export type TaskResult = z.infer<typeof taskResultSchema>

/** An estimate with the ends of its 95 % interval. */
export const intervalSchema = z.object({ value: z.number(), low: z.number(), high: z.number() })
export type Interval = z.infer<typeof intervalSchema>

const shareSchema = z.object({ count: z.int(), of: z.int() })

export const evaluationSummarySchema = z.object({
  /** Tasks that are done, with a result. */
  tasks: z.int(),
  /** Tasks whose model failed: they have no result, are in none of the other figures but `ends`, and are worked at again. */
  withoutResult: z.int().default(0),
  successes: z.int(),
  /** Share of them, Wilson's interval; null before the first. */
  success: intervalSchema.nullable(),
  invalid: shareSchema,
  failed: shareSchema,
  /** Means over the tasks; null before the first, or where a task does not say. */
  steps: z.number().nullable(),
  calls: z.number().nullable(),
  tokens: z.number().nullable(),
  promptTokens: z.number().nullable(),
  /** Wall time of the evaluation by its tasks, however many of them were worked at side by side. */
  seconds: z.number().nullable(),
  /** How episodes ended, those ends that occurred. */
  ends: z.array(z.object({ end: episodeEndSchema, tasks: z.int() })),
  /** By kind of task, in alphabetical order. */
  families: z.array(z.object({ family: z.string(), tasks: z.int(), successes: z.int() })),
})
export type EvaluationSummary = z.infer<typeof evaluationSummarySchema>

export const evaluationStateSchema = z.enum(['running', 'stopped', 'finished', 'failed'])
export type EvaluationState = z.infer<typeof evaluationStateSchema>

/** What an endpoint may be paid, over all starts, and how it is asked: none of it decides an answer. */
const evaluationTermsSchema = z.object({ prices: pricesSchema.nullable(), budget: budgetSchema, traffic: trafficSchema.omit({ concurrency: true }) })
export type EvaluationTerms = z.infer<typeof evaluationTermsSchema>

export const evaluationSchema = z.object({
  id: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  spec: evaluationSpecSchema,
  /** The student, its adapter, or the endpoint's model, in words. */
  model: z.string(),
  /** sha256 of the files that a local solver is; null of others. */
  files: z.object({ student: z.string(), adapter: z.string().nullable() }).nullable(),
  /** `stopped`: by the user, or its process is gone; it goes on from the tasks that are done. `failed`: likewise, and tasks may be without a result. */
  state: evaluationStateSchema,
  /** How many tasks there are. */
  total: z.int(),
  summary: evaluationSummarySchema,
  /** Wall time of all its parts. */
  seconds: z.number(),
  error: retortErrorSchema.nullable(),
  /** Of an endpoint; null or absent: no prices and no limits, asked as usual. */
  terms: evaluationTermsSchema.nullable().optional(),
  /** What requests to an endpoint came to, over all starts; null or absent: none was asked. */
  usage: usageSchema.nullable().optional(),
  /** The ladder and its rung, for which it was made. */
  ladder: z.object({ id: z.string(), arm: z.string(), seed: z.int() }).nullable().default(null),
})
export type Evaluation = z.infer<typeof evaluationSchema>
