// A ladder's folder in a project: how it stands, its report, and a project of its own for what its rungs train on.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { ladderReport, outcomesTable, type RungResults } from '../../core/evaluation/index.ts'
import type { Damaged } from '../../shared/contract/damaged.ts'
import { RetortError } from '../../shared/errors.ts'
import { type Ladder, ladderSchema } from '../../shared/records/ladder.ts'
import { ensureFolder, parsedJson, readEach, takeLock, writeFileAtomic, writeJsonFile } from '../files/index.ts'
import { discardEvaluation, isRunning, listEvaluations } from './folder.ts'

const FOLDER = 'ladders'
const LADDER = 'ladder.json'
const ID = /^\d{8}-\d{6}-[0-9a-f]{4}$/

const laddersFolder = (project: string): string => join(project, FOLDER)
export const ladderFolder = (project: string, id: string): string => join(laddersFolder(project), id)

/** Whole or not at all; the folder is made. */
export function writeLadder(project: string, ladder: Ladder): void {
  const folder = ladderFolder(project, ladder.id)
  ensureFolder(folder)
  writeJsonFile(join(folder, LADDER), ladder)
}

/** As it is now: one whose process is gone is stopped. Throws RetortError `no-ladder`, `ladder-damaged`. */
export function readLadder(project: string, id: string): Ladder {
  const folder = ladderFolder(project, id)
  const path = join(folder, LADDER)
  // An id is a part of a path.
  if (!ID.test(id) || !existsSync(path)) throw new RetortError({ code: 'no-ladder', message: 'the project has no such ladder', where: laddersFolder(project), found: id, expected: 'one that `retort ladder --list` names' })
  const read = ladderSchema.safeParse(parsedJson(readFileSync(path, 'utf8')))
  if (!read.success) throw new RetortError({ code: 'ladder-damaged', message: 'this ladder cannot be read', where: path, found: z.prettifyError(read.error).split('\n')[0]!, expected: 'what `retort ladder` wrote' })
  return read.data.state === 'running' && !isRunning(folder) ? { ...read.data, state: 'stopped' } : read.data
}

/** Newest first; those that cannot be read are `damagedLadders`. */
export const listLadders = (project: string): Ladder[] => readAll(project).rows
export const damagedLadders = (project: string): Damaged[] => readAll(project).damaged

function readAll(project: string): ReturnType<typeof readEach<Ladder>> {
  const folder = laddersFolder(project)
  const ids = existsSync(folder) ? readdirSync(folder).filter((name) => ID.test(name)).sort().reverse() : []
  return readEach(ids, { read: (id) => readLadder(project, id), missing: 'no-ladder' })
}

/** Held while it is climbed. Throws RetortError `ladder-busy`. */
export function lockLadder(project: string, id: string): { release(): void } {
  const lock = takeLock(join(ladderFolder(project, id), '.lock'))
  if (lock) return lock
  throw new RetortError({ code: 'ladder-busy', message: 'another process works at this ladder', where: ladderFolder(project, id), advice: 'wait for its end, or stop it' })
}

/** With its evaluations, and the training data and the runs of its rungs. Throws RetortError `no-ladder`, `ladder-busy`. */
export function discardLadder(project: string, id: string): void {
  readLadder(project, id)
  lockLadder(project, id).release()
  for (const { id: evaluation, ladder } of listEvaluations(project)) if (ladder?.id === id) discardEvaluation(project, evaluation)
  rmSync(ladderFolder(project, id), { recursive: true, force: true })
}

export const reportOf = (ladder: Ladder): ReturnType<typeof ladderReport> => ladderReport(ladder, { student: basename(ladder.spec.student) })

/** Writes the report as it stands, and beside it what came of each task; where its files lie, the report itself first. */
export function writeReport(ladder: Ladder, { folder, results }: { readonly folder: string; readonly results: readonly RungResults[] }): string[] {
  const { markdown, charts } = reportOf(ladder)
  ensureFolder(folder)
  const name = `ladder-${ladder.spec.suite}`
  const files = [{ name: `${name}.md`, text: markdown }, ...charts.map((chart) => ({ name: chart.name, text: chart.svg })), { name: `${name}.csv`, text: outcomesTable(results) }]
  return files.map(({ name: file, text }) => {
    const path = join(folder, file)
    writeFileAtomic(path, text)
    return path
  })
}
