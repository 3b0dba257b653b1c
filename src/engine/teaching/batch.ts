// A batch's folder in a project: what it is to be, its journal of requests, its episodes and their log-probabilities, as they end.
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { RetortError } from '../../shared/errors.ts'
import { batchStateSchema, type Rollout, type RolloutBatch, rolloutBatchSchema, rolloutSchema } from '../../shared/records/rollout.ts'
import { ensureFolder, systemError, takeLock, writeJsonFile } from '../files/index.ts'

const FOLDER = 'rollouts'
const BATCH = 'batch.json'
const STATE = 'state.json'

/** How its last start ended; without the file it was killed. */
const endSchema = z.object({ state: batchStateSchema, reason: z.string().nullable() })
export type BatchEnd = z.infer<typeof endSchema>

export const batchesFolder = (project: string): string => join(project, FOLDER)
export const batchFolder = (project: string, id: string): string => join(batchesFolder(project), id)

export const journalPath = (folder: string): string => join(folder, 'requests.jsonl')
export const episodesPath = (folder: string): string => join(folder, 'episodes.jsonl')
export const logProbsPath = (folder: string): string => join(folder, 'logprobs.jsonl')

/** Makes the folder of a new batch. */
export function createBatch(project: string, batch: Omit<RolloutBatch, 'id'>): { batch: RolloutBatch; folder: string } {
  const time = batch.createdAt.replace(/[-:]/g, '').replace(/\..*$/, '').replace('T', '-').toLowerCase()
  const made: RolloutBatch = { id: `${batch.settings.suite}-${time}-${randomBytes(2).toString('hex')}`, ...batch }
  const folder = batchFolder(project, made.id)
  ensureFolder(folder)
  writeBatch(folder, made)
  return { batch: made, folder }
}

export const writeBatch = (folder: string, batch: RolloutBatch): void => writeJsonFile(join(folder, BATCH), rolloutBatchSchema.parse(batch))

/** Throws RetortError `no-batch`. */
export function readBatch(project: string, id: string): { batch: RolloutBatch; folder: string } {
  const folder = batchFolder(project, id)
  const path = join(folder, BATCH)
  // An id is no path.
  if (!/^[a-z0-9-]+$/.test(id) || !existsSync(path)) {
    const known = batchIds(project)
    throw new RetortError({ code: 'no-batch', message: 'the project has no such batch of rollouts', where: batchesFolder(project), found: id, expected: known.length === 0 ? 'there are none' : `one of ${known.slice(0, 20).join(', ')}` })
  }
  try {
    return { batch: rolloutBatchSchema.parse(JSON.parse(readFileSync(path, 'utf8'))), folder }
  } catch (error) {
    throw systemError(error, path) ?? new RetortError({ code: 'batch-damaged', message: 'the settings of this batch cannot be read', where: path, found: error instanceof Error ? error.message.slice(0, 200) : String(error), expected: 'what `retort teach` wrote' })
  }
}

/** Newest first. */
export function batchIds(project: string): string[] {
  const folder = batchesFolder(project)
  if (!existsSync(folder)) return []
  const found = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, BATCH)))
  const madeAt = (id: string): string => /-(\d{8}-\d{6})-/.exec(id)?.[1] ?? ''
  return found.map(({ name }) => name).sort((a, b) => madeAt(b).localeCompare(madeAt(a)) || a.localeCompare(b))
}

/** Held while a batch is being made. Throws RetortError `batch-busy`. */
export function lockBatch(folder: string): { release(): void } {
  const lock = takeLock(join(folder, '.lock'))
  if (lock) return lock
  throw new RetortError({ code: 'batch-busy', message: 'another process is making this batch', where: folder, advice: 'wait for its end, or stop it' })
}

export function endOfBatch(folder: string): BatchEnd {
  const path = join(folder, STATE)
  const lock = existsSync(join(folder, '.lock')) ? takeLock(join(folder, '.lock')) : { release: () => undefined }
  if (lock === null) return { state: 'running', reason: null }
  lock.release()
  if (!existsSync(path)) return { state: 'stopped', reason: 'it was cut off' }
  try {
    return endSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return { state: 'stopped', reason: 'it was cut off' }
  }
}

/** `null`: it runs from here on. */
export const writeEnd = (folder: string, end: BatchEnd | null): void => writeJsonFile(join(folder, STATE), end ?? { state: 'stopped', reason: 'it was cut off' })

/** The episodes that have ended, in that order; what a killed process left of the last line is not among them. Throws RetortError `episodes-damaged`. */
export function readEpisodes(folder: string): Rollout[] {
  return wholeLines(episodesPath(folder)).map((line, index) => {
    try {
      return rolloutSchema.parse(JSON.parse(line))
    } catch (error) {
      throw new RetortError({ code: 'episodes-damaged', message: 'an episode of this batch cannot be read', where: `${episodesPath(folder)}, line ${index + 1}`, found: error instanceof Error ? error.message.slice(0, 200) : String(error), expected: 'a line that `retort teach` wrote', advice: 'take the line out: the episode is then made again from the journal, without asking' })
    }
  })
}

function wholeLines(path: string): string[] {
  if (!existsSync(path)) return []
  const text = readFileSync(path, 'utf8')
  return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').slice(0, -1)
}

/** Takes half a line at the end away, so that the next one stands alone. */
export function cutHalfLine(path: string): void {
  if (!existsSync(path)) return
  const bytes = readFileSync(path)
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) truncateSync(path, whole)
}
