// Surface: evaluations and ladders (`retort eval`, `retort ladder`), and how far one that runs has come.
import { z } from 'zod'
import { agentStyleSchema, episodeEndSchema, wantedRepeatsSchema } from '../records/episode.ts'
import { evaluationSchema, intervalSchema, promptingSchema, selfConsistencySchema, solverSchema, taskResultSchema } from '../records/evaluation.ts'
import { ladderArmSchema, ladderSchema, rungStateSchema } from '../records/ladder.ts'
import { settingsShapeSchema } from '../records/run.ts'
import { spanSchema } from '../records/span.ts'
import { suiteNameSchema, taskSplitSchema } from '../records/suite.ts'
import { turnSchema } from '../records/trajectory.ts'
import { jobSchema } from './job.ts'

/** What `retort eval` prints. */
export const evaluationReportSchema = evaluationSchema.extend({
  /** Folder of its files. */
  folder: z.string(),
  tasks: z.array(taskResultSchema),
  /** Of the part that was just run; null where all was there. */
  rate: z.object({ tokensPerSecond: z.number(), sideBySide: z.int(), promptTokens: z.int(), reusedTokens: z.int() }).nullable(),
})
export type EvaluationReport = z.infer<typeof evaluationReportSchema>

export const suiteInfoSchema = z.object({
  name: suiteNameSchema,
  title: z.string(),
  summary: z.string(),
  families: z.object({ train: z.array(z.string()), ood: z.array(z.string()) }),
  style: agentStyleSchema,
  /** In which it can be worked at. */
  styles: z.array(agentStyleSchema),
  steps: z.int(),
  /** Ways of asking that the suite has. */
  prompting: z.array(promptingSchema),
  /** Rungs of its ladder that apply; `byModel`: only where the teacher is a model, which begins with its own thought. */
  rungs: z.array(z.object({ name: z.string(), title: z.string(), byModel: z.boolean() })),
})
export type SuiteInfo = z.infer<typeof suiteInfoSchema>

/** What a page asks for; what is left open is the suite's own. */
export const evaluationWishSchema = z.object({
  suite: suiteNameSchema,
  split: taskSplitSchema.default('held-out'),
  tasks: z.int().min(1).max(10_000).default(40),
  seed: z.int().min(0).max(0xffffffff).default(1),
  /** Only tasks of these families; all when absent. */
  families: z.array(z.string().min(1)).min(1).optional(),
  /** Tasks from a file instead (JSONL with a question and an answer in each line): absolute. */
  tasksFile: z.string().min(1).optional(),
  solver: solverSchema,
  prompting: promptingSchema.default('agent'),
  style: agentStyleSchema.optional(),
  example: z.boolean().default(false),
  system: z.string().optional(),
  sag: selfConsistencySchema.nullable().default(null),
  steps: z.int().min(1).max(1000).optional(),
  /** Of one turn; the suite's own, or what a chain of thought needs, when absent. */
  turnTokens: z.int().min(1).max(100_000).optional(),
  /** Steps in a row that call the same and see the same, at which an episode ends; 0: any number. */
  repeats: wantedRepeatsSchema.optional(),
  /** Episodes at a time. */
  sideBySide: z.int().min(1).max(64).optional(),
})
export type EvaluationWish = z.input<typeof evaluationWishSchema>

/** How far an evaluation is that runs. */
export const evaluationProgressSchema = z.object({
  id: z.string(),
  phase: z.enum(['loading', 'working']),
  evaluation: evaluationSchema,
  /** Tasks at work, and what their students have come to. */
  working: z.array(z.object({ task: z.string(), question: z.string(), step: z.int() })),
  /** Tasks that are done, newest last; at most 20 of them. */
  latest: z.array(z.object({ task: z.string(), question: z.string(), success: z.boolean(), answer: z.string().nullable(), end: episodeEndSchema })),
  /** Tokens a second of all students together; null before the first turn. */
  tokensPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
})
export type EvaluationProgress = z.infer<typeof evaluationProgressSchema>

/** Its report is the evaluation as it was written down. */
export const evaluationJobSchema = jobSchema(evaluationProgressSchema, evaluationSchema)
export type EvaluationJob = z.infer<typeof evaluationJobSchema>

/** A turn of an episode with its spans, and with what was decided about it. */
export const shownTurnSchema = turnSchema.extend({
  spans: z.array(spanSchema),
  /** Step of the agent's turns, and of the environment's that answer them; null of those before. */
  step: z.int().nullable(),
  /** Of an environment's turn: how the call went that it answers. */
  status: z.string().nullable(),
  /** Of an agent's turn that was voted on: all that was sampled, in order, and which one was taken. */
  vote: z.object({
    taken: z.int(),
    candidates: z.array(z.object({ text: z.string(), outcome: z.string(), votes: z.int(), valid: z.boolean() })),
  }).nullable(),
})
export type ShownTurn = z.infer<typeof shownTurnSchema>

/** An episode as the trajectory that it is. */
export const shownEpisodeSchema = z.object({ result: taskResultSchema, turns: z.array(shownTurnSchema) })
export type ShownEpisode = z.infer<typeof shownEpisodeSchema>

/** What a page asks for; rungs that are left open are those of the suite (`retort ladder`). */
export const ladderWishSchema = z.object({
  suite: suiteNameSchema,
  student: z.string().min(1),
  /** Training tokens of each rung. */
  tokens: z.int().min(1).default(50_000),
  /** Tasks of each split. */
  tasks: z.int().min(1).max(10_000).default(40),
  taskSeed: z.int().min(0).max(0xffffffff).default(1),
  /** Absent: both, or none where tasks come from a file. */
  splits: z.array(z.enum(['held-out', 'ood'])).min(1).optional(),
  /** Tasks from a file, absolute: no task for training is worded like one of them. */
  tasksFile: z.string().min(1).optional(),
  seeds: z.array(z.int().min(0).max(0xffffffff)).min(1).max(20).default([1]),
  arms: z.array(ladderArmSchema).min(1).optional(),
  /** Of the rungs only these, by name. */
  only: z.array(z.string()).min(1).optional(),
  settings: settingsShapeSchema.partial().default({}),
  /** Samples of the rung of self-consistent actions. */
  sag: z.int().min(2).max(64).default(8),
  /** As of an evaluation, for all episodes of the ladder. */
  repeats: wantedRepeatsSchema.optional(),
})
export type LadderWish = z.input<typeof ladderWishSchema>

/** How long a ladder may take, before any of its rungs is done. */
export const ladderForecastSchema = z.object({
  /** Seconds, from the quickest to the slowest that was measured of this student in this project. */
  low: z.number(),
  high: z.number(),
  /** Rungs that it is of; titles of those of which nothing alike was measured. */
  rungs: z.int(),
  unknown: z.array(z.string()),
  /** What it is taken from. */
  basis: z.object({ trainings: z.int(), evaluations: z.int() }),
  /** The teacher is a model: what it takes is not known, and comes on top. */
  teaching: z.boolean(),
})
export type LadderForecast = z.infer<typeof ladderForecastSchema>

export const ladderProgressSchema = z.object({
  id: z.string(),
  /** The rung at work. */
  arm: z.string(),
  seed: z.int(),
  state: rungStateSchema,
  /** The set of tasks that is evaluated; null: another part of the rung is at work. */
  tasks: z.string().nullable(),
  /** Whether it is asked if thoughts lead to actions. */
  weighing: z.boolean(),
  /** What of the rung's present part is done: optimiser steps, tasks, or steps that are asked. */
  done: z.int(),
  total: z.int(),
  /** For all that is not done, by what rungs took that are; null: none is. */
  secondsLeft: z.number().nullable(),
  /** Of the whole, as it was told before the first rung was done; null: nothing was known, or a rung is done. */
  forecast: ladderForecastSchema.nullable(),
  ladder: ladderSchema,
})
export type LadderProgress = z.infer<typeof ladderProgressSchema>

export const ladderJobSchema = jobSchema(ladderProgressSchema, ladderSchema)
export type LadderJob = z.infer<typeof ladderJobSchema>

/** What `retort ladder` prints. */
export const ladderReportSchema = z.object({
  ladder: ladderSchema,
  /** The report's files: Markdown, with its charts as SVG and what came of each task as CSV beside it. */
  files: z.array(z.string()),
})
export type LadderReport = z.infer<typeof ladderReportSchema>

/** A pair of evaluations on the same tasks. */
export const comparisonSchema = z.object({
  /** Tasks that both have done. */
  tasks: z.int(),
  /** Share of the second less share of the first, paired bootstrap. */
  difference: intervalSchema.nullable(),
  /** Tasks that only one of them solved. */
  onlyFirst: z.array(z.string()),
  onlySecond: z.array(z.string()),
})
export type Comparison = z.infer<typeof comparisonSchema>
