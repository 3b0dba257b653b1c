// Surface: a project's trajectories: import, find, read, correct, undo, see as tokens.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { correctionChangeSchema, reviewStateSchema } from '../../records/correction.ts'
import { recipeNameSchema } from '../../records/recipe.ts'
import { turnSchema } from '../../records/trajectory.ts'
import { importJobSchema, importReportSchema } from '../importing.ts'
import { maskViewSchema } from '../masking.ts'
import { shownTrajectorySchema, trajectoryRowSchema } from '../trajectories.ts'
import { inProject, nothing, route } from './base.ts'

/** What stays; within a list any of its values, between the keys all. Left out: everything. */
export const trajectoryFilterSchema = z.object({
  /** Full text: every word; the last one, from three letters on, also as the beginning of one. */
  text: z.string().max(500).optional(),
  format: z.array(z.string()).optional(),
  file: z.array(z.string()).optional(),
  outcome: z.array(z.enum(['success', 'failure', 'unknown'])).optional(),
  review: z.array(reviewStateSchema).optional(),
  tags: z.array(z.string()).optional(),
  /** 'guessed': spans no rule matched; 'corrected': changed by hand; 'noted'; 'heldout': its task is held out. */
  flags: z.array(z.enum(['guessed', 'corrected', 'noted', 'heldout'])).optional(),
  /** Trajectories of this task only. */
  taskId: z.string().optional(),
})
export type TrajectoryFilter = z.infer<typeof trajectoryFilterSchema>

/** 'relevance' needs a text, and is best first either way. 'difficulty': methods.md 6, |reason| + |act| in characters. */
export const trajectorySortSchema = z.object({
  by: z.enum(['imported', 'relevance', 'task', 'source', 'turns', 'steps', 'characters', 'difficulty', 'guessed', 'corrected']),
  descending: z.boolean(),
})
export type TrajectorySort = z.infer<typeof trajectorySortSchema>

const query = inProject.extend({ filter: trajectoryFilterSchema, sort: trajectorySortSchema })

/** A line of the table. */
export const trajectoryLineSchema = trajectoryRowSchema.extend({
  format: z.string(),
  file: z.string(),
  index: z.int(),
  /** Agent turns. */
  steps: z.int(),
  /** Of all turns' texts, as corrected. */
  characters: z.int(),
  difficulty: z.number(),
  review: reviewStateSchema,
  tags: z.array(z.string()),
  noted: z.boolean(),
  /** Corrections of text, spans and step labels in force. */
  corrections: z.int(),
  heldout: z.boolean(),
  /** With a text in the filter: the place that was found, matches between U+0002 and U+0003; else null. */
  snippet: z.string().nullable(),
})
export type TrajectoryLine = z.infer<typeof trajectoryLineSchema>

const counted = z.array(z.object({ value: z.string(), count: z.int() }))
/** How many trajectories have each value, of those the other keys of the filter leave. */
export const facetsSchema = z.object({
  total: z.int(),
  format: counted,
  file: counted,
  outcome: counted,
  review: counted,
  tags: counted,
  flags: counted,
})
export type Facets = z.infer<typeof facetsSchema>

/** A trajectory with what it was before corrections; `original` has an item for each turn, in order, null where the text is as it was. */
export const openedTrajectorySchema = z.object({
  shown: shownTrajectorySchema,
  original: z.array(turnSchema.nullable()),
  review: reviewStateSchema,
  tags: z.array(z.string()),
  note: z.string(),
  heldout: z.boolean(),
  /** What the integrity check ("doctor") finds, in turn order; `turn` null: the whole. */
  findings: z.array(z.object({ turn: z.int().nullable(), code: z.string(), message: z.string() })),
  /** Changes with every correction, undo and redo: two of equal revision are equal. */
  revision: z.string(),
})
export type OpenedTrajectory = z.infer<typeof openedTrajectorySchema>

export const journalEntrySchema = z.object({
  id: z.int(),
  /** ISO 8601. */
  at: z.string(),
  author: z.string(),
  /** Readable: what was done. */
  title: z.string(),
  reason: z.string(),
  /** Ids of the first of them, at most 20, and how many there are. */
  trajectories: z.array(z.string()),
  trajectoryCount: z.int(),
  changes: z.int(),
  /** False: undone. */
  inForce: z.boolean(),
})
export type JournalEntry = z.infer<typeof journalEntrySchema>

/** `undo`, `redo`: what the next one would do; null: nothing. */
export const journalStateSchema = z.object({ undo: journalEntrySchema.nullable(), redo: journalEntrySchema.nullable() })
export type JournalState = z.infer<typeof journalStateSchema>

const turning = inProject.extend({ entry: z.int().optional() })
/** `entry`: what was undone or done again; null: there was nothing. */
const turned = journalStateSchema.extend({ entry: journalEntrySchema.nullable() })

const oneTrajectory = inProject.extend({ id: z.string() })

const importPathsSchema = inProject.extend({ paths: z.array(z.string().min(1)).min(1).max(10_000) })
const oneImport = inProject.extend({ id: z.string() })

/** An import that goes on when its page leaves; one at a time in a project. Uploaded files are named by their staged path. */
const importRoutes = {
  /** RETORT `import-busy`: another one runs. */
  start: route.input(importPathsSchema).output(z.object({ id: z.string() })),
  /** The import that runs, or the last one until it was dismissed; null: none. First as it is, then after each change. */
  watch: route.input(inProject).output(eventIterator(z.object({ job: importJobSchema.nullable() }))),
  /** Answers when it has stopped; files that are done stay. */
  cancel: route.input(oneImport).output(nothing),
  /** Its report, or why it failed, was seen. */
  dismiss: route.input(oneImport).output(nothing),
}

export const trajectoryRoutes = {
  imports: importRoutes,
  /** Newest first. */
  importReports: route
    .input(inProject.extend({ offset: z.int().min(0), limit: z.int().min(1).max(100) }))
    .output(z.object({ total: z.int(), reports: z.array(z.object({ at: z.string(), report: importReportSchema.shape.files.element })) })),
  /**
   * Lines `offset` to `offset + limit` of the query's result; `total` is exact. `ranked` false: it was to be sorted by
   * relevance, but more are found than are ranked (20,000), so they come in order of import.
   */
  page: route
    .input(query.extend({ offset: z.int().min(0), limit: z.int().min(1).max(1000) }))
    .output(z.object({ total: z.int(), lines: z.array(trajectoryLineSchema), ranked: z.boolean() })),
  facets: route.input(inProject.extend({ filter: trajectoryFilterSchema })).output(facetsSchema),
  /** Ids in the query's order: for selecting all, and for next and previous. */
  ids: route.input(query).output(z.array(z.string())),
  /** What bulk actions change, of these trajectories, in the order given; ids the project does not have are left out. */
  states: route
    .input(inProject.extend({ ids: z.array(z.string()).max(200_000) }))
    .output(z.array(z.object({ id: z.string(), review: reviewStateSchema, tags: z.array(z.string()) }))),
  open: route.input(oneTrajectory).output(openedTrajectorySchema),
  /**
   * Lays changes over trajectories: all or none, one entry of the journal, one undo. `revision`: of the first change's
   * trajectory as it was seen; when it has changed since, nothing is kept (RETORT `trajectory-changed`).
   */
  correct: route
    .input(
      inProject.extend({
        title: z.string().min(1).max(300),
        reason: z.string().max(2000),
        changes: z.array(z.object({ trajectoryId: z.string(), change: correctionChangeSchema })).min(1).max(200_000),
        revision: z.string().optional(),
      }),
    )
    .output(journalStateSchema.extend({ entry: journalEntrySchema })),
  /**
   * `entry`: id of the one that is meant; when another is next, nothing is done (RETORT `journal-changed`), so a call can
   * be made again after its answer was lost. Without it whatever is next.
   */
  undo: route.input(turning).output(turned),
  redo: route.input(turning).output(turned),
  journalState: route.input(inProject).output(journalStateSchema),
  journal: route
    .input(inProject.extend({ offset: z.int().min(0), limit: z.int().min(1).max(500) }))
    .output(z.object({ total: z.int(), entries: z.array(journalEntrySchema) })),
  mask: route.input(oneTrajectory.extend({ student: z.string(), recipe: recipeNameSchema })).output(maskViewSchema),
}
