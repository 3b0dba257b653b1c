// A run's folder: everything the run was made of and everything it made, each file whole at any moment.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { heldoutSchema, metricsLineSchema, trainSummarySchema, type Heldout, type MetricsLine, type TrainSummary } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { maskedExampleSchema, type MaskedExample } from '../../shared/records/example.ts'
import { runSchema } from '../../shared/records/run.ts'
import { removeTemporary, syncFolder, writeFileAtomic } from '../files/index.ts'

/** An example with the side of the split it lies on. */
export type SplitExample = MaskedExample & { readonly split: 'train' | 'heldout' }
const splitExampleSchema = maskedExampleSchema.extend({ split: z.enum(['train', 'heldout']) })

/** What a run is, fixed when it is made. */
export const runConfigSchema = runSchema.omit({ state: true, result: true, error: true })
export type RunConfig = z.infer<typeof runConfigSchema>

const heldoutFileSchema = z.object({ before: heldoutSchema.optional(), after: heldoutSchema.optional() })
export type HeldoutFile = { before?: Heldout | undefined; after?: Heldout | undefined }

export const runFiles = (dir: string) =>
  ({
    config: join(dir, 'run.json'),
    examples: join(dir, 'examples.jsonl'),
    checkpoints: join(dir, 'checkpoints'),
    metrics: join(dir, 'metrics.jsonl'),
    heldout: join(dir, 'heldout.json'),
    adapter: join(dir, 'adapter.gguf'),
    result: join(dir, 'result.json'),
    log: join(dir, 'log.txt'),
  }) as const

const jsonLines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

/** A process that is still making a run's folder has written to it within this time. */
const ABANDONED_MS = 3_600_000

/** Makes the folder under a temporary name and renames it: a run exists whole or not at all. */
export function createRunFolder(dir: string, content: { config: RunConfig; examples: readonly SplitExample[] }): void {
  const temporary = join(dirname(dir), `.${basename(dir)}.tmp`)
  rmSync(temporary, { recursive: true, force: true })
  removeTemporary(dirname(dir), { olderThanMs: ABANDONED_MS })
  const files = runFiles(temporary)
  mkdirSync(files.checkpoints, { recursive: true })
  writeFileAtomic(files.config, `${JSON.stringify(content.config, null, 2)}\n`)
  writeFileAtomic(files.examples, jsonLines(content.examples))
  renameSync(temporary, dir)
  syncFolder(dirname(dir))
}

function readJson<T>(path: string, schema: z.ZodType<T>): T {
  const broken = (found: string): RetortError =>
    new RetortError({ code: 'run-damaged', message: 'a file of this run cannot be read', where: path, found, expected: 'the file as Retort wrote it' })
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw broken(cause instanceof Error ? cause.message : String(cause))
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw broken(z.prettifyError(parsed.error))
  return parsed.data
}

/** Throws RetortError `run-missing` when there is no such run. */
export function readRunConfig(dir: string): RunConfig {
  const { config } = runFiles(dir)
  if (!existsSync(config)) {
    throw new RetortError({ code: 'run-missing', message: `there is no run ${basename(dir)}`, where: dirname(dir), expected: 'the id of a run of this project' })
  }
  return readJson(config, runConfigSchema)
}

/** The whole lines of a file, as values or null where one cannot be read; a line without line end was never finished. */
function readLines<T>(path: string, schema: z.ZodType<T>): (T | null)[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      try {
        return schema.safeParse(JSON.parse(line)).data ?? null
      } catch {
        return null
      }
    })
}

/** Throws RetortError `run-damaged`. */
export function readExamples(dir: string): SplitExample[] {
  const path = runFiles(dir).examples
  return readLines(path, splitExampleSchema).map((example, index) => {
    if (example) return example
    throw new RetortError({ code: 'run-damaged', message: 'a line of this run cannot be read', where: `${path}, line ${index + 1}`, expected: 'an example as Retort wrote it' })
  })
}

/** Steps 1, 2, 3 ... up to the first line that is missing or damaged, as the end of the file is after a power loss. */
export function readMetrics(dir: string): MetricsLine[] {
  const lines = readLines(runFiles(dir).metrics, metricsLineSchema)
  const broken = lines.findIndex((line, index) => line?.step !== index + 1)
  return (broken < 0 ? lines : lines.slice(0, broken)) as MetricsLine[]
}
export const writeMetrics = (dir: string, lines: readonly MetricsLine[]): void =>
  writeFileAtomic(runFiles(dir).metrics, jsonLines(lines))

export const readHeldout = (dir: string): HeldoutFile =>
  existsSync(runFiles(dir).heldout) ? readJson(runFiles(dir).heldout, heldoutFileSchema) : {}
export const writeHeldout = (dir: string, heldout: HeldoutFile): void =>
  writeFileAtomic(runFiles(dir).heldout, `${JSON.stringify(heldout, null, 2)}\n`)

/** Its paths are those of the folder as it lies now: projects are moved and copied. */
export function readResult(dir: string): TrainSummary | null {
  const { result, adapter, metrics } = runFiles(dir)
  return existsSync(result) ? { ...readJson(result, trainSummarySchema), adapter, metrics } : null
}
export const writeResult = (dir: string, result: TrainSummary): void =>
  writeFileAtomic(runFiles(dir).result, `${JSON.stringify(result, null, 2)}\n`)
