// A ladder: ways of making a student out of the same base, each trained on as many tokens and evaluated on the same tasks.
import { z } from 'zod'
import { retortErrorSchema } from '../contract/error.ts'
import { agentLimitsSchema, agentStyleSchema, wantedRepeatsSchema } from './episode.ts'
import { evaluationSummarySchema, intervalSchema, promptingSchema, selfConsistencySchema, taskChoiceSchema } from './evaluation.ts'
import { planSchema } from './plan.ts'
import { budgetSchema, firstThoughtSchema, pricesSchema, rejectionReasonSchema, rolloutTeacherSchema, trafficSchema, usageSchema } from './rollout.ts'
import { settingsShapeSchema } from './run.ts'
import { expertSettingsSchema, suiteNameSchema } from './suite.ts'

/** What a rung trains on. */
export const armDataSchema = z.strictObject({
  /** Trajectories of the suite's expert, its worked solutions without tools, or those behind retrieved passages. */
  form: promptingSchema,
  /** Instead of what the expert does: a file of trajectories that can be imported, taken from its beginning. */
  file: z.string().min(1).optional(),
  /** Tokens of training, counted by the student's tokenizer over whole trajectories; absent: those of the ladder. */
  tokens: z.int().min(1).optional(),
  /** Families of the training split that are taken; absent: all. */
  families: z.array(z.string()).min(1).optional(),
  /** What the expert shows; what is left open is as it does by itself. */
  expert: expertSettingsSchema.partial().default({}),
  /** How many wordings of the expert there are of each task; more of them are fewer tasks within the same tokens. */
  wordings: z.int().min(1).max(100).default(1),
  /** Of a teacher that is a model: where its first turn begins with its own chain of thought; absent: nowhere. */
  firstThought: firstThoughtSchema.optional(),
})
export type ArmData = z.infer<typeof armDataSchema>

export const ladderArmSchema = z.strictObject({
  /** Short and unique: names the rung in files. */
  name: z.string().regex(/^[a-z0-9][a-z0-9+.-]{0,39}$/),
  title: z.string().min(1).max(80),
  /** What it is trained on and how; null: not at all. Settings that are left open are the ladder's. */
  train: z.strictObject({ data: armDataSchema, settings: settingsShapeSchema.partial().default({}), plan: planSchema.optional() }).nullable().default(null),
  /** The student of another rung, for rungs that differ in how it is asked. */
  like: z.string().optional(),
  prompting: promptingSchema.default('agent'),
  example: z.boolean().default(false),
  sag: selfConsistencySchema.nullable().default(null),
  /** Why it is not run, in words: a rung that does not apply is still shown. */
  notApplicable: z.string().optional(),
})
export type LadderArm = z.infer<typeof ladderArmSchema>

/** Whether it comes to something else with another seed: what neither learns nor draws does not, and is evaluated with the first one. */
export const isSeeded = ({ train, like, sag }: Pick<LadderArm, 'train' | 'like' | 'sag'>): boolean => train !== null || like !== undefined || sag !== null

/** A rung's title, with how many samples it is asked for. */
export const armTitle = ({ title, sag }: Pick<LadderArm, 'title' | 'sag'>): string => (sag ? `${title}, n = ${sag.samples}` : title)

/** Who teaches in place of the suite's expert. Its budget is for all rungs together. */
export const ladderTeacherSchema = z.object({
  teacher: rolloutTeacherSchema,
  prices: pricesSchema.nullable(),
  budget: budgetSchema,
  traffic: trafficSchema,
  /** Of its turns, by the form of what it shows, as the program had them when the ladder was made; absent: in older ladders, whose teacher has those of an evaluation. */
  turnTokens: z.partialRecord(promptingSchema, z.int().min(1)).optional(),
})
export type LadderTeacher = z.infer<typeof ladderTeacherSchema>

export const ladderSpecSchema = z.object({
  suite: suiteNameSchema,
  student: z.string().min(1),
  arms: z.array(ladderArmSchema).min(1).max(50),
  /** Each rung is trained once with each of them. */
  seeds: z.array(z.int().min(0).max(0xffffffff)).min(1).max(20),
  /** Training tokens of a rung. */
  tokens: z.int().min(1),
  /** null: the suite's scripted expert. */
  teacher: ladderTeacherSchema.nullable().default(null),
  /** Sets of tasks, all of which every rung works at. */
  tasks: z.array(z.object({ name: z.string().min(1), choice: taskChoiceSchema })).min(1),
  style: agentStyleSchema,
  /** Of every rung's training, where its arm does not say otherwise; of a ladder that is made these are whole, but for those that others decide. */
  settings: settingsShapeSchema.partial(),
  /** What was asked for of the limit of repeats, for its evaluations and for a teacher that is a model; absent: the usual one. */
  repeats: wantedRepeatsSchema.optional(),
  /** Of agents in evaluations, by how they are asked, as the program had them when the ladder was made; absent: in older ladders, until they are gone on with. */
  limits: z.partialRecord(promptingSchema, agentLimitsSchema).optional(),
  /** sha256 of the student and, by path, of files of data, as they were when its first rung began; absent: none has, or an older one did, until it is gone on with. */
  files: z.object({ student: z.string(), data: z.record(z.string(), z.string()) }).optional(),
  /** System message of agents; null: the suite's own. */
  system: z.string().nullable(),
  /** Tokens of context of each episode. */
  context: z.int().min(16),
})
export type LadderSpec = z.infer<typeof ladderSpecSchema>

/** Title of the rung of this name; the name where there is none. */
export function titleOfArm({ arms }: Pick<LadderSpec, 'arms'>, name: string): string {
  const arm = arms.find((one) => one.name === name)
  return arm ? armTitle(arm) : name
}

export const rungStateSchema = z.enum(['waiting', 'teaching', 'training', 'evaluating', 'done', 'not-applicable', 'failed'])

/** What a teacher did for the data of a rung. Rungs that train on the same data have the same record: it was made, and paid for, once. */
export const taughtSchema = z.object({
  /** Folder of the batch within the ladder's own project of rollouts. */
  batch: z.string(),
  /** Episodes that have ended; kept are those that the scorer lets pass. */
  episodes: z.int(),
  kept: z.int(),
  rejected: z.int(),
  rejections: z.array(z.object({ reason: rejectionReasonSchema, count: z.int() })),
  /** First turns that began with the teacher's own thought: continued by the model, or asked for in words. */
  firstThoughts: z.object({ continued: z.int(), instructed: z.int() }),
  usage: usageSchema,
})
export type Taught = z.infer<typeof taughtSchema>

/** One arm with one seed. */
export const rungSchema = z.object({
  arm: z.string(),
  seed: z.int(),
  state: rungStateSchema,
  /** Folder of its data within the ladder, a project of its own, and the run of its training there; null: none, or not yet. */
  data: z.string().nullable(),
  /** null: the suite's expert taught it, a file, or nobody yet. */
  taught: taughtSchema.nullable().default(null),
  run: z.string().nullable(),
  /** What it was trained on: trajectories (and those that were passed over for their length, or because a task is worded like them), all their tokens, those with a loss, optimiser steps; null without training. */
  trained: z.object({ trajectories: z.int(), tooLong: z.int().default(0), alike: z.int().default(0), tokens: z.int(), lossTokens: z.int(), steps: z.int(), /** Of the optimiser's steps, over all times that the run was gone on with. */ seconds: z.number() }).nullable(),
  /** By name of the set of tasks. */
  evaluations: z.array(z.object({ tasks: z.string(), id: z.string(), summary: evaluationSummarySchema })),
  /** Wall time at work on it, over all times that it was gone on with, but for what a killed process did last. 0: older ladders do not know. */
  seconds: z.number().min(0).default(0),
  error: retortErrorSchema.nullable(),
})
export type Rung = z.infer<typeof rungSchema>

/** Share of tasks solved by an arm, over all its seeds. */
export const armScoreSchema = z.object({
  arm: z.string(),
  tasks: z.string(),
  /** Seeds that are evaluated. */
  seeds: z.int(),
  /** Bootstrap over tasks and seeds; Wilson's interval where there is one seed (core/evaluation/crossed.ts). */
  success: intervalSchema,
  /** In the order of the seeds. */
  bySeed: z.array(z.number()),
  /**
   * Against the first trained rung of the same tasks, paired by task and by seed, bootstrap over tasks and seeds: difference of the
   * shares (core/evaluation/scores.ts). null: it is that rung, or none is there. `seeds`: those it is over, where one of both has others.
   */
  difference: z.object({ against: z.string(), interval: intervalSchema, seeds: z.array(z.int()).optional() }).nullable(),
})
export type ArmScore = z.infer<typeof armScoreSchema>

/** Does the thought lead to the action? Definitions: core/evaluation/rationale.ts. */
export const rationaleSchema = z.object({
  arm: z.string(),
  seed: z.int(),
  /** Steps that were asked. */
  steps: z.int(),
  /** Steps that were left out: with them the student's context has no room for an answer. */
  tooLong: z.int().default(0),
  /** Of those that were asked: without a thought of another task to swap, or room for it, and so in no share behind one. */
  unswapped: z.int().default(0),
  /** That the steps are of: intervals draw these. Absent: of an older version, whose intervals take each step for a task and are too narrow. */
  tasks: z.int().optional(),
  /** Share of steps whose action is the expert's, behind the student's own thought, and behind one of another task; null: no step has one. */
  actAccuracy: z.object({ own: intervalSchema, swapped: intervalSchema.nullable(), /** Own less swapped, over the steps that have both; absent: an older version did not measure it. */ difference: intervalSchema.nullable().optional() }),
  /** Mean tokens of a thought, the student's and the expert's. */
  thoughtTokens: z.object({ student: z.number(), expert: z.number() }),
  /** How far thoughts are worded as the expert's: mean ROUGE-L. */
  matchRate: intervalSchema,
})
export type Rationale = z.infer<typeof rationaleSchema>

/** Hashes of a sample of what a ladder is made of: what its expert does, what it sees there, tools as they are offered, prompts, tasks of training and of evaluation. */
export const fingerprintSchema = z.object({ expert: z.string(), observed: z.string(), tools: z.string(), prompts: z.string(), training: z.string(), tasks: z.string() })
export type Fingerprint = z.infer<typeof fingerprintSchema>

/** What data is made of; `training`: its tasks. */
export const makingPartSchema = z.enum(['expert', 'tools', 'prompts', 'training'])
export type MakingPart = z.infer<typeof makingPartSchema>

/**
 * What had changed when a ladder was gone on with by this version; `before`: rungs that had data or evaluations by then, by arm and seed.
 * `thoughts`: every rung was made by then, and only thoughts were left to be weighed.
 */
export const makingChangeSchema = z.object({ parts: z.array(makingPartSchema).min(1), version: z.string(), before: z.array(z.string()).min(1), thoughts: z.boolean().optional() })
export type MakingChange = z.infer<typeof makingChangeSchema>

const PARTS: Readonly<Record<MakingPart, string>> = { expert: 'the expert', tools: 'the tools', prompts: 'the prompts', training: 'the tasks of training' }

/** For a reader who was not there. */
export function changeText({ parts, version, before, thoughts = false }: MakingChange): string {
  const names = parts.map((part) => PARTS[part]).join(' and ')
  const have = parts.length > 1 || parts.some((part) => part !== 'expert') ? 'have' : 'has'
  return `${names.charAt(0).toUpperCase()}${names.slice(1)} ${have} changed since this ladder began (it was gone on with by version ${version}): ${thoughts ? 'thoughts that were weighed from then on were weighed against another expert than taught them' : `rungs that were begun before (${before.join(', ')}) and those after are not on the same data`}.`
}

export const ladderSchema = z.object({
  id: z.string(),
  createdAt: z.string(),
  spec: ladderSpecSchema,
  state: z.enum(['running', 'stopped', 'finished', 'failed']),
  rungs: z.array(rungSchema),
  scores: z.array(armScoreSchema),
  rationale: z.array(rationaleSchema),
  seconds: z.number(),
  /** Versions of the program that worked at it, in their order, the one that made it first; absent: in older ladders, until they are gone on with. */
  versions: z.array(z.string()).optional(),
  /** As it was when it was climbed last with something left to do; absent: it has not begun, or an older version did. */
  fingerprint: fingerprintSchema.optional(),
  /** In their order; absent: nothing has changed that is known. */
  changes: z.array(makingChangeSchema).optional(),
  error: retortErrorSchema.nullable(),
})
export type Ladder = z.infer<typeof ladderSchema>
