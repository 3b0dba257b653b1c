// Surface: training runs: look before starting, start, watch, pause, stop, go on, export.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { planSchema } from '../../records/plan.ts'
import { settingsShapeSchema, trainSettingsSchema } from '../../records/run.ts'
import { byTokenKind } from '../counts.ts'
import { maskedTokenSchema } from '../masking.ts'
import { gateDecisionSchema } from '../planning.ts'
import { exportJobSchema, exportTargetSchema, mergedSizesSchema, mergedTypeSchema } from '../exporting.ts'
import { alertSchema, sampleSchema, heldoutPointSchema, metricsLineSchema } from '../metrics.ts'
import { whichSchema, leftSchema, runRowSchema, trainedOnSchema, trainSummarySchema } from '../training.ts'
import { retortErrorSchema } from '../error.ts'
import { inProject, nothing, route } from './base.ts'

export type { HeldoutPoint } from '../metrics.ts'
export type { LiveRunState, RunRow } from '../training.ts'

/** Settings that may be left open take the default. */
export const settingsInputSchema = settingsShapeSchema.partial()

const phaseSchema = z.object({
  phase: z.enum(['preparing', 'loading', 'base', 'teacher', 'heldout-before', 'training', 'heldout', 'heldout-after', 'samples', 'saving']),
  done: z.int(),
  total: z.int(),
})
export type RunPhase = z.infer<typeof phaseSchema>

export const noticeSchema = z.object({ at: z.string(), text: z.string() })

/** All that the Train screen shows of a run. */
export const runViewSchema = z.object({
  row: runRowSchema,
  trainedOn: trainedOnSchema,
  datasetRevision: z.string(),
  metrics: z.array(metricsLineSchema),
  heldout: z.array(heldoutPointSchema),
  phase: phaseSchema.nullable(),
  notices: z.array(noticeSchema),
  /** All of the run so far, oldest first. */
  alerts: z.array(alertSchema),
  /** Answers to held-out prompts so far, oldest first. */
  samples: z.array(sampleSchema),
  summary: trainSummarySchema.nullable(),
  /** Resident memory of the trainer now and at its highest; null when none runs. */
  memory: z.object({ bytes: z.int(), peak: z.int() }).nullable(),
  /** Seconds to the end, held-out evaluations and saving included; null when unknown. */
  etaSeconds: z.number().nullable(),
  /** The curriculum as the run was started with it; absent in a run without one. */
  plan: planSchema.optional(),
  /** What the plan's gates decided so far, in the order of the steps; absent in a run without a plan. */
  gates: z.array(gateDecisionSchema).optional(),
})
export type RunView = z.infer<typeof runViewSchema>

/**
 * The first event of a subscription is a `view`: what came before is in it. Another `view` replaces everything, as when the
 * run ends or goes on from a checkpoint. Between two views steps follow each other without gap or repeat.
 */
export const runEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('view'), view: runViewSchema }),
  z.object({ type: z.literal('step'), metrics: metricsLineSchema, row: runRowSchema, etaSeconds: z.number().nullable() }),
  z.object({ type: z.literal('heldout'), point: heldoutPointSchema, row: runRowSchema }),
  z.object({ type: z.literal('phase'), phase: phaseSchema }),
  z.object({ type: z.literal('state'), row: runRowSchema }),
  z.object({ type: z.literal('memory'), memory: z.object({ bytes: z.int(), peak: z.int() }) }),
  z.object({ type: z.literal('notice'), notice: noticeSchema }),
  z.object({ type: z.literal('alert'), alert: alertSchema }),
  z.object({ type: z.literal('gate'), decision: gateDecisionSchema }),
  /** The student has answered held-out prompts; `runs.samples` has those of before. */
  z.object({ type: z.literal('samples'), samples: z.array(sampleSchema) }),
  z.object({ type: z.literal('failed'), error: retortErrorSchema, row: runRowSchema }),
])
export type RunEvent = z.infer<typeof runEventSchema>

/** What a run would do: "is my mask right?" */
/** What a run needs at most, and what there is. */
export const runMemorySchema = z.object({
  /** How frozen weights would lie. */
  base: z.enum(['f32', 'quantised']),
  /** Estimated peak of the trainer. */
  bytes: z.number(),
  /** The same with --recompute; null: it is recomputed already. */
  recomputedBytes: z.number().nullable(),
  /** Tokens of the largest pass, shared beginnings counted once. */
  passTokens: z.int(),
  /** Free now, in what the provider computes in; null: nothing tells, so that nothing is compared. */
  availableBytes: z.number().nullable(),
  of: z.enum(['machine', 'card']),
})
export type RunMemory = z.infer<typeof runMemorySchema>

export const runPreviewSchema = z.object({
  settings: trainSettingsSchema,
  /** The recipe and what its losses are. */
  recipe: z.string(),
  /** Trajectories with an example on either side, and those that a reviewer rejected; `left` has these, too. */
  trajectories: z.object({ train: z.int(), heldout: z.int(), rejected: z.int() }),
  /** Not trained on, or not whole, each with the reason. */
  left: z.array(leftSchema.extend({ task: z.string() })),
  /** Over the training side once: all tokens by kind, those with a weight by kind. */
  tokens: z.int(),
  counts: byTokenKind(z.int()),
  trainedCounts: byTokenKind(z.int()),
  trained: z.int(),
  straddling: z.int(),
  /** Tokens of the held-out side that run through the model in one evaluation of all of it. */
  heldoutTokens: z.int(),
  /** Optimiser steps. */
  steps: z.int(),
  /** Over all steps, as their metrics will say: what runs through the model (examples end at their last target), and what of it is trained. */
  stepTokens: z.object({ total: z.int(), trained: z.int() }),
  /** null where nothing would be trained. */
  memory: runMemorySchema.nullable(),
  /** The first optimiser step's examples as tokens. */
  firstBatch: z.array(
    z.object({ id: z.string(), trajectoryId: z.string(), task: z.string(), tokens: z.array(maskedTokenSchema) }),
  ),
  /** Why it cannot be started as it is; null when it can. No trained token is such a reason. */
  blocked: retortErrorSchema.nullable(),
})
export type RunPreview = z.infer<typeof runPreviewSchema>

const oneRun = inProject.extend({ run: z.string() })
/** `plan`: the curriculum; without it one stage over the whole training side. */
const wanted = inProject.extend({ student: z.string().min(1), settings: settingsInputSchema, plan: planSchema.optional() })

const exportRoutes = {
  /**
   * Begins an export, which goes on without a page; into the project's exports unless `out` says where. `which` left open: the
   * best where the run may end early, else the last. `type` (default F16) is that of the matrices of a merged file, `student`
   * says where the student lies now. What it cannot do is the job's failure.
   */
  start: route
    .input(oneRun.extend({ to: exportTargetSchema, which: whichSchema.optional(), out: z.string().min(1).optional(), type: mergedTypeSchema.optional(), student: z.string().optional() }))
    .output(z.object({ id: z.string() })),
  /** The project's exports of this session, oldest first: as they are, then after each change. Ends when the page leaves. */
  watch: route.input(inProject).output(eventIterator(z.object({ jobs: z.array(exportJobSchema) }))),
  /** Returns when it has stopped; no file and no job is left of it. Nothing happens to one that has ended. */
  cancel: route.input(inProject.extend({ id: z.string() })).output(nothing),
  /** Takes one that has ended off the list; its file stays. */
  dismiss: route.input(inProject.extend({ id: z.string() })).output(nothing),
  /** Sizes of merged files, from the headers. `student`: where it lies now. RETORT `student-missing` without it. */
  sizes: route.input(oneRun.extend({ student: z.string().optional() })).output(mergedSizesSchema),
}

export const runRoutes = {
  /** What the settings are that are not given. They also measure the held-out side while training. */
  defaults: route.input(z.object({})).output(trainSettingsSchema),
  list: route.input(inProject).output(z.array(runRowSchema)),
  /** Progress of the masking comes first, the preview last. */
  preview: route.input(wanted).output(
    eventIterator(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('progress'), done: z.int(), total: z.int() }),
        z.object({ type: z.literal('preview'), preview: runPreviewSchema }),
      ]),
    ),
  ),
  /**
   * Makes the run and starts it. Refused with what `preview` says in `blocked`, such as RETORT `no-trained-tokens`, and with
   * `run-busy` while another run trains in this engine. Training goes on without a page. `allowMemoryOverrun` starts a run that
   * is estimated not to fit into memory (`out-of-memory`) all the same, with an alert.
   */
  start: route.input(wanted.extend({ allowMemoryOverrun: z.boolean().default(false) })).output(z.object({ run: z.string() })),
  /**
   * Goes on with a stopped, interrupted or failed run from its newest checkpoint; `run-busy` while another one trains.
   * `student`: where its file lies now, when it moved.
   */
  resume: route.input(oneRun.extend({ student: z.string().optional() })).output(runRowSchema),
  /** Goes on until the page leaves it, whatever becomes of the run; ends when the run is discarded. */
  watch: route.input(oneRun).output(eventIterator(runEventSchema)),
  /** Returns when it takes effect, after the pass that runs. Refused (`run-elsewhere`) for what this engine does not train. */
  pause: route.input(oneRun).output(runRowSchema),
  /** Goes on after a pause. */
  unpause: route.input(oneRun).output(runRowSchema),
  /** Saves, then ends; returns when it has: `resume` goes on. */
  stop: route.input(oneRun).output(runRowSchema),
  /** Ends without saving when it runs, and removes the run with all its files. */
  discard: route.input(oneRun).output(z.object({ run: z.string() })),
  /** What the student answered to held-out prompts while the run trained, oldest first. */
  samples: route.input(oneRun).output(z.array(sampleSchema)),
  exporting: exportRoutes,
  /** Exports in the project's folder, newest first. */
  exports: route
    .input(inProject)
    .output(z.array(z.object({ path: z.string(), name: z.string(), bytes: z.int(), modified: z.string() }))),
}
