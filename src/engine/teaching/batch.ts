// A batch's folder in a project: what it is to be, its journal of requests, its episodes and their log-probabilities, as they end.
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { RetortError } from '../../shared/errors.ts'
import { batchStateSchema, type Rollout, type RolloutBatch, rolloutBatchSchema, rolloutSchema } from '../../shared/records/rollout.ts'
import { ensureFolder, readJsonFile, systemError, takeLock, writeJsonFile } from '../files/index.ts'

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

/** Journals of the project's other batches that may have been asked the same: what one of them was answered is not paid for again. */
export function otherJournals(project: string, { id, settings }: RolloutBatch): string[] {
  const { suite, seed, teacher } = settings
  if (teacher.type === 'expert') return []
  return batchIds(project).flatMap((other) => {
    if (other === id) return []
    try {
      const { batch, folder } = readBatch(project, other)
      return batch.settings.suite === suite && batch.settings.seed === seed && batch.settings.teacher.type === teacher.type ? [journalPath(folder)] : []
    } catch (error) {
      // What is damaged there is of no use here.
      if (error instanceof RetortError) return []
      throw error
    }
  })
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
  if (!existsSync(path)) return CUT_OFF
  try {
    return endSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return CUT_OFF
  }
}

/** `null`: it runs from here on. `labelled`: the slips of what it has kept are. */
export const writeEnd = (folder: string, end: BatchEnd | null, { labelled = false } = {}): void =>
  writeJsonFile(join(folder, STATE), { ...(end ?? CUT_OFF), ...(labelled ? { labelled } : {}) })

const CUT_OFF: BatchEnd = { state: 'stopped', reason: 'it was cut off' }
const labelledSchema = z.object({ labelled: z.boolean().default(false) })
const isCutOff = ({ state, reason }: BatchEnd): boolean => state === CUT_OFF.state && reason === CUT_OFF.reason

/** Its last start was killed, or something stood in its way, and what that had kept was not labelled since. */
export function isUnlabelled(folder: string): boolean {
  const end = endOfBatch(folder)
  return (end.state === 'failed' || isCutOff(end)) && readJsonFile(join(folder, STATE), labelledSchema)?.labelled !== true
}

/** Until its next start. The batch is locked. */
export const markLabelled = (folder: string): void => writeEnd(folder, readJsonFile(join(folder, STATE), endSchema), { labelled: true })

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
