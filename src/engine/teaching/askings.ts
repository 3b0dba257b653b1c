// Askings of a teacher, kept in the project's folder `asked`: each with its continuations, and whether its step still stands.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson } from '../../core/pipeline/trajectory/index.ts'
import { type Asked, askedSchema, type ShownAsked } from '../../shared/contract/asking.ts'
import { RetortError } from '../../shared/errors.ts'
import { sha256, writeJsonFile } from '../files/index.ts'
import { type CorrectedTrajectory, getTrajectory, type Project } from '../project/index.ts'
import { journalPath } from './batch.ts'

export const askedFolder = (project: string): string => join(project, 'asked')
const fileOf = (folder: string): string => join(folder, 'asked.json')

export const writeAsked = (project: string, asked: Asked): void => writeJsonFile(fileOf(join(askedFolder(project), asked.id)), asked)

/** Another one when anything that was asked about is another: the turns up to the step, and the tools. */
export const standsOf = ({ trajectory: { tools, turns } }: CorrectedTrajectory, turn: number): string =>
  sha256(canonicalJson({ tools, turns: turns.slice(0, turn + 1) }))

/** Throws RetortError `no-asking`. */
export function readAsked(project: string, id: string): Asked {
  const path = fileOf(join(askedFolder(project), id))
  if (/^[a-z0-9-]+$/.test(id) && existsSync(path)) return askedSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  throw new RetortError({ code: 'no-asking', message: 'the project has no such asking of a teacher', found: id, where: askedFolder(project), expected: 'one that `retort ask` has named' })
}

/** Journals of all askings of the project, those that were killed among them: an answer that one has is not asked for again. */
export function askedJournals(project: string): string[] {
  const folder = askedFolder(project)
  return existsSync(folder) ? readdirSync(folder).sort().map((id) => journalPath(join(folder, id))) : []
}

/** Newest first. */
export function listAsked(project: string, trajectory: string): Asked[] {
  const folder = askedFolder(project)
  if (!existsSync(folder)) return []
  const all = readdirSync(folder).filter((id) => existsSync(fileOf(join(folder, id)))).map((id) => readAsked(project, id))
  return all.filter((asked) => asked.trajectory === trajectory).sort((a, b) => b.at.localeCompare(a.at))
}

/** With whether a continuation may take the place of the step now. */
export function shownAsked(project: Project, trajectory: string): ShownAsked[] {
  const all = listAsked(project.folder, trajectory)
  if (all.length === 0) return []
  const corrected = getTrajectory(project, trajectory)
  return all.map((asked) => ({ ...asked, stands: asked.stands === standsOf(corrected, asked.turn) }))
}
