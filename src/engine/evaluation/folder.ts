// An evaluation's folder in a project: what it is and how it stands, and its episodes as they end. Nothing here is training data:
// what is imported is named by the user, and no importer reads these files.
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Damaged } from '../../shared/contract/damaged.ts'
import { RetortError } from '../../shared/errors.ts'
import { agentEventSchema, type AgentEvent } from '../../shared/records/episode.ts'
import { type Evaluation, evaluationSchema, type TaskResult, taskResultSchema } from '../../shared/records/evaluation.ts'
import { appendLine, ensureFolder, parsedJson, readEach, takeLock, writeJsonFile } from '../files/index.ts'

const FOLDER = 'evaluations'
const EVALUATION = 'evaluation.json'
const EPISODES = 'episodes.jsonl'
const LOCK = '.lock'

/** `place`: number of the task, from 0. */
export type StoredEpisode = { readonly place: number; readonly result: TaskResult; readonly events: readonly AgentEvent[] }
const storedSchema = z.object({ place: z.int().min(0), result: taskResultSchema, events: z.array(agentEventSchema) })

export const evaluationsFolder = (project: string): string => join(project, FOLDER)
export const evaluationFolder = (project: string, id: string): string => join(evaluationsFolder(project), id)

/** For example 20261122-220501-0a1b, in UTC. */
export const makeId = (now: Date): string =>
  `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`

const ID = /^\d{8}-\d{6}-[0-9a-f]{4}$/

/** Whole or not at all; the folder is made. */
export function writeEvaluation(project: string, evaluation: Evaluation): void {
  const folder = evaluationFolder(project, evaluation.id)
  ensureFolder(folder)
  writeJsonFile(join(folder, EVALUATION), evaluation)
}

/** As it is now: one whose process is gone is stopped. Throws RetortError `no-evaluation`, `evaluation-damaged`. */
export function readEvaluation(project: string, id: string): Evaluation {
  const folder = evaluationFolder(project, id)
  const path = join(folder, EVALUATION)
  // An id is a part of a path.
  if (!ID.test(id) || !existsSync(path)) {
    throw new RetortError({ code: 'no-evaluation', message: 'the project has no such evaluation', where: evaluationsFolder(project), found: id, expected: 'one that `retort eval --list` names' })
  }
  const read = evaluationSchema.safeParse(parsedJson(readFileSync(path, 'utf8')))
  if (!read.success) throw new RetortError({ code: 'evaluation-damaged', message: 'this evaluation cannot be read', where: path, found: z.prettifyError(read.error).split('\n')[0]!, expected: 'what `retort eval` wrote' })
  return read.data.state === 'running' && !isRunning(folder) ? { ...read.data, state: 'stopped' } : read.data
}

/** Newest first; those that cannot be read are `damagedEvaluations`. */
export const listEvaluations = (project: string): Evaluation[] => readAll(project).rows
export const damagedEvaluations = (project: string): Damaged[] => readAll(project).damaged

function readAll(project: string): ReturnType<typeof readEach<Evaluation>> {
  const folder = evaluationsFolder(project)
  const ids = existsSync(folder) ? readdirSync(folder).filter((name) => ID.test(name)).sort().reverse() : []
  return readEach(ids, { read: (id) => readEvaluation(project, id), missing: 'no-evaluation' })
}

/** In the order of the tasks, each once. What a killed process left of the last line is not among them. Throws RetortError `episodes-damaged`. */
export function readEpisodes(project: string, id: string): StoredEpisode[] {
  const path = join(evaluationFolder(project, id), EPISODES)
  const byPlace = new Map<number, StoredEpisode>()
  for (const [index, line] of wholeLines(path).entries()) {
    const read = storedSchema.safeParse(parsedJson(line))
    if (!read.success) {
      throw new RetortError({ code: 'episodes-damaged', message: 'an episode of this evaluation cannot be read', where: `${path}, line ${index + 1}`, found: z.prettifyError(read.error).split('\n')[0]!, expected: 'a line that `retort eval` wrote', advice: 'take the line out: the task is then worked at again' })
    }
    byPlace.set(read.data.place, read.data)
  }
  return [...byPlace.values()].sort((a, b) => a.place - b.place)
}

/** Adds an episode, without what came piece by piece. */
export const appendEpisode = (project: string, id: string, episode: StoredEpisode): void =>
  appendLine(join(evaluationFolder(project, id), EPISODES), JSON.stringify(episode))

/** Held while tasks are worked at; half a line that was left at the end is taken away. Throws RetortError `evaluation-busy`. */
export function lockEvaluation(project: string, id: string): { release(): void } {
  const folder = evaluationFolder(project, id)
  const lock = takeLock(join(folder, LOCK))
  if (!lock) throw new RetortError({ code: 'evaluation-busy', message: 'another process works at this evaluation', where: folder, advice: 'wait for its end, or stop it' })
  const path = join(folder, EPISODES)
  if (existsSync(path)) {
    const bytes = readFileSync(path)
    const whole = bytes.lastIndexOf(0x0a) + 1
    if (whole < bytes.length) truncateSync(path, whole)
  }
  return lock
}

/** Throws RetortError `no-evaluation`, and `evaluation-busy` for one that runs. */
export function discardEvaluation(project: string, id: string): void {
  readEvaluation(project, id)
  const folder = evaluationFolder(project, id)
  if (isRunning(folder)) throw new RetortError({ code: 'evaluation-busy', message: 'this evaluation is at work', where: folder, advice: 'stop it first' })
  rmSync(folder, { recursive: true, force: true })
}

export function isRunning(folder: string): boolean {
  const path = join(folder, LOCK)
  if (!existsSync(path)) return false
  const lock = takeLock(path)
  lock?.release()
  return lock === null
}

function wholeLines(path: string): string[] {
  if (!existsSync(path)) return []
  const text = readFileSync(path, 'utf8')
  return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').slice(0, -1)
}
