// Surface: a box of tools (`retort box`), and its file `box.json`.
import { z } from 'zod'
import { intervalSchema } from '../records/evaluation.ts'
import { usageSchema } from '../records/rollout.ts'
import { suiteNameSchema, taskSplitSchema } from '../records/suite.ts'

export const boxParameterSchema = z.object({
  name: z.string(),
  type: z.enum(['number', 'number[]']),
  description: z.string(),
  /** Which of a task's own numbers it takes, in the order of the question. */
  slots: z.array(z.int().min(0)).min(1),
})
export type BoxParameter = z.infer<typeof boxParameterSchema>

/** Tried on tasks: how many came out right. */
export const verificationSchema = z.object({
  split: taskSplitSchema,
  seed: z.int(),
  tasks: z.int(),
  passed: z.int(),
  /** Tasks on which it failed: it threw, took too long, or gave nothing. The others that were not passed had a wrong result. */
  failed: z.int(),
  /** The longest of its calls, in milliseconds. */
  slowest: z.number(),
})
export type Verification = z.infer<typeof verificationSchema>

export const boxToolSchema = z.object({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
  description: z.string(),
  parameters: z.array(boxParameterSchema).min(1).max(3),
  /** Of the box's folder: JavaScript that declares a function of the tool's name. */
  file: z.string().regex(/^tools\/[a-z][a-z0-9_]{0,39}\.js$/),
  sha256: z.string(),
  /** Training tasks whose right runs it was made from. */
  from: z.array(z.string()),
  /** Functions that it is made of, in the order in which they are tried. */
  members: z.int(),
  verified: verificationSchema,
})
export type BoxTool = z.infer<typeof boxToolSchema>

/** How many there were behind each step. */
export const boxFunnelSchema = z.object({
  tasks: z.int(),
  /** Runs with the right answer. */
  right: z.int(),
  /** Made into functions of the task's numbers that still give the right answer. */
  abstracted: z.int(),
  clusters: z.int(),
  tools: z.int(),
  /** Why the others were left out, with how often. */
  dropped: z.array(z.object({ stage: z.enum(['create', 'abstract', 'consolidate', 'verify', 'usage']), reason: z.string(), count: z.int() })),
})
export type BoxFunnel = z.infer<typeof boxFunnelSchema>

export const boxSchema = z.object({
  format: z.literal('retort-box/1'),
  suite: suiteNameSchema,
  /** Who wrote the code; `scripted`: no model did. */
  teacher: z.object({ name: z.string(), scripted: z.boolean() }),
  /** Tasks that the tools were made from. */
  made: z.object({ split: taskSplitSchema, seed: z.int(), tasks: z.int() }),
  /** Numbers that stand in every question: they stay constants. */
  common: z.array(z.number()),
  funnel: boxFunnelSchema,
  tools: z.array(boxToolSchema),
})
export type Box = z.infer<typeof boxSchema>

/** A way of working at the tasks: without the box, with it, or with solved examples that are like the task. */
export const boxArmSchema = z.enum(['without', 'retrieval', 'box'])
export type BoxArm = z.infer<typeof boxArmSchema>

export const boxBenchSchema = z.object({
  box: z.string(),
  suite: suiteNameSchema,
  model: z.string(),
  tasks: z.int(),
  split: taskSplitSchema,
  seed: z.int(),
  arms: z.array(
    z.object({
      arm: boxArmSchema,
      right: z.int(),
      /** Wilson's interval, 95 %. */
      success: intervalSchema.nullable(),
      /** Less the first arm, on the same tasks: paired bootstrap, 95 %. null for the first itself. */
      gain: intervalSchema.nullable(),
      /** Means over the tasks. */
      steps: z.number(),
      promptTokens: z.number().nullable(),
      /** Tasks in which a tool of the box was called. */
      used: z.int(),
      seconds: z.number(),
    }),
  ),
})
export type BoxBench = z.infer<typeof boxBenchSchema>

export const boxReplySchema = z.discriminatedUnion('action', [
  /** `usage`: of the teacher, over all starts for this folder; null: of a script. */
  z.object({ action: z.literal('create'), folder: z.string(), box: boxSchema, usage: usageSchema.nullable() }),
  z.object({ action: z.literal('show'), folder: z.string(), box: boxSchema }),
  z.object({ action: z.literal('verify'), folder: z.string(), floor: z.number(), rows: z.array(z.object({ name: z.string(), passes: z.boolean(), verified: verificationSchema })) }),
  z.object({ action: z.literal('bench'), report: boxBenchSchema, markdown: z.string() }),
  z.object({ action: z.literal('serve'), folder: z.string() }),
])
export type BoxReply = z.infer<typeof boxReplySchema>
