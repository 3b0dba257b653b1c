// Surface: the app itself: what it is, its settings, the machine, and what changes while it runs.
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { recipeNameSchema } from '../../records/recipe.ts'
import { doctorReportSchema } from '../doctor.ts'
import { installProgressSchema, providersReportSchema } from '../providers.ts'
import { nothing, route } from './base.ts'

/** Where keys are kept. `notice`: what a user must know about that, or null when the system's keyring does it. */
export const keyringSchema = z.object({
  kind: z.enum(['system', 'session']),
  notice: z.string().nullable(),
})

export const appInfoSchema = z.object({
  version: z.string(),
  platform: z.string(),
  node: z.string(),
  dataFolder: z.string(),
  modelsFolder: z.string(),
  /** Logical cores, and memory of the machine. */
  cores: z.int(),
  memoryBytes: z.int(),
  keyring: keyringSchema,
  /** Another value after each start of the engine. */
  engineId: z.string(),
  /** What a user must know: files of the app that were damaged, and where they are kept. */
  notices: z.array(z.string()),
})
export type AppInfo = z.infer<typeof appInfoSchema>

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  /** Written into corrections. */
  author: z.string().max(200),
  /** Folder of the project that was open last, and those before it, newest first. */
  project: z.string().nullable(),
  recentProjects: z.array(z.string()).max(20),
  /** Student of the mask, Train and Chat screens; null: the first that is found. */
  student: z.string().nullable(),
  recipe: recipeNameSchema,
  /** Threads of training, chat and evaluations; null: those of the machine, to answer one less. */
  threads: z.int().min(1).max(1024).nullable(),
  /** Command id -> key, where a user has changed it; an empty text takes the key away. */
  keys: z.record(z.string(), z.string().max(60)),
  tourSeen: z.boolean(),
})
export type Settings = z.infer<typeof settingsSchema>

/** Something changed that a list may show. `engine` comes first on every subscription. */
export const appEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('engine'), engineId: z.string() }),
  z.object({ type: z.literal('trajectories'), project: z.string() }),
  z.object({ type: z.literal('runs'), project: z.string() }),
  z.object({ type: z.literal('models') }),
  z.object({ type: z.literal('settings') }),
])
export type AppEvent = z.infer<typeof appEventSchema>

const fileEntrySchema = z.object({
  name: z.string(),
  path: z.string(),
  kind: z.enum(['folder', 'file']),
  bytes: z.int().nullable(),
  /** ISO 8601. */
  modified: z.string().nullable(),
  /** A folder that is a Retort project. */
  project: z.boolean(),
})
export type FileEntry = z.infer<typeof fileEntrySchema>

export const folderViewSchema = z.object({
  folder: z.string(),
  parent: z.string().nullable(),
  /** Home, the models' folder, drives: where to begin. */
  places: z.array(z.object({ name: z.string(), path: z.string() })),
  entries: z.array(fileEntrySchema),
  /** Entries that were not listed because they cannot be read. */
  unreadable: z.int(),
  /** Entries that were not listed because their names begin with a dot. */
  hidden: z.int(),
  /** Files that were not listed because they are of other types than asked for. */
  otherFiles: z.int(),
  /** Entries that were not listed because there are too many. */
  leftOut: z.int(),
})
export type FolderView = z.infer<typeof folderViewSchema>

export const appRoutes = {
  info: route.input(nothing).output(appInfoSchema),
  doctor: route.input(nothing).output(doctorReportSchema),
  /** Where training can run here. */
  providers: {
    /** By self-tests that are kept until machine, driver or version change; `fresh` makes them again. */
    examine: route.input(z.object({ fresh: z.boolean().default(false) })).output(providersReportSchema),
    /**
     * Fetches ONNX Runtime's CUDA libraries into the data folder: progress first, the report last. Leaving the stream stops
     * it; what was downloaded stays, and the next call goes on there.
     */
    install: route.input(nothing).output(
      eventIterator(
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('progress'), progress: installProgressSchema }),
          z.object({ type: z.literal('report'), report: providersReportSchema }),
        ]),
      ),
    ),
    remove: route.input(nothing).output(providersReportSchema),
  },
  settings: {
    get: route.input(nothing).output(settingsSchema),
    /** Changes what is given and yields all. */
    set: route.input(settingsSchema.partial()).output(settingsSchema),
  },
  events: route.input(nothing).output(eventIterator(appEventSchema)),
  /** A folder of this machine, for the picker of a shell without native dialogs. null: the user's home. */
  folder: route
    .input(z.object({ folder: z.string().nullable(), extensions: z.array(z.string()).max(20) }))
    .output(folderViewSchema),
}
