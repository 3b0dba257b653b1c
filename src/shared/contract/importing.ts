// Surface: bringing trajectories into a project (`retort import`, `retort bench import`).
import { z } from 'zod'
import { jobSchema } from './job.ts'

/** Reasons that a file's report has: a file of a million bad records is no report of a million sentences. */
export const MOST_REASONS = 1000

export const importedFileSchema = z.object({
  path: z.string(),
  /** Name of the importer that recognised the content; null when none did, and then `reason` says why. */
  format: z.string().nullable(),
  reason: z.string().optional(),
  kept: z.int().min(0),
  /** Records whose content the project already holds. */
  duplicates: z.int().min(0),
  /** Exact, also where there are more than are told. */
  rejectedCount: z.int().min(0),
  /** The first of them, at most `MOST_REASONS`. `index`: 0-based place of the record in the file. */
  rejected: z.array(z.object({ index: z.int().min(0), reason: z.string() })),
})
export type ImportedFile = z.infer<typeof importedFileSchema>

export const importReportSchema = z.object({
  kept: z.int().min(0),
  duplicates: z.int().min(0),
  files: z.array(importedFileSchema),
})
export type ImportReport = z.infer<typeof importReportSchema>

export const importProgressSchema = z.object({
  /** The file that was read last. */
  path: z.string(),
  /** Files that are done, and files in all. */
  file: z.int(),
  files: z.int(),
  /** Of all files. */
  bytesRead: z.number(),
  bytesTotal: z.number(),
  records: z.int(),
})

/** An import that goes on without a page. */
export const importJobSchema = jobSchema(importProgressSchema, importReportSchema)
export type ImportJob = z.infer<typeof importJobSchema>

const spreadSchema = z.object({ median: z.number(), p95: z.number(), most: z.number() })

/** What an import reaches on this machine, and what the project that it fills then takes to answer. */
export const importBenchSchema = z.object({
  records: z.int(),
  bytes: z.int(),
  /** From the first byte to the last record on the disk, full-text index included. */
  seconds: z.number(),
  /** Of the process, all its threads together. */
  cpuSeconds: z.number(),
  megabytesPerSecond: z.number(),
  /** Highest resident memory of the importing process. */
  peakMemoryBytes: z.int(),
  databaseBytes: z.int(),
  progressEvents: z.int(),
  /** Milliseconds for the first page of the list, with what is made when it is first asked for. */
  firstListMs: z.number(),
  /** Pages of 100 rows anywhere in the list. */
  listMs: spreadSchema,
  /** First page of 60 searches for one or two words of the texts, best hits first, none asked before. */
  searchMs: spreadSchema,
})
export type ImportBench = z.infer<typeof importBenchSchema>
