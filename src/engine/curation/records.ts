// The curations that a project keeps: a file each in its folder `curations`; those that were applied, and the newest other one.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { curationSchema, type Curation } from '../../shared/records/curation.ts'
import { RetortError } from '../../shared/errors.ts'
import { readJsonFile, writeJsonFile } from '../files/index.ts'
import type { Project } from '../project/index.ts'

/** With what applying it changed; `entry`: of the journal. */
const keptSchema = curationSchema.extend({ applied: z.object({ entry: z.int(), at: z.string() }).nullable() })
export type KeptCuration = z.infer<typeof keptSchema>

const ENDING = '.json'
const folderOf = ({ folder }: Project): string => join(folder, 'curations')
const fileOf = (project: Project, id: string): string => join(folderOf(project), `${id}${ENDING}`)

/** Journals of judges, kept beside the curations. */
export const judgeFolder = (project: Project): string => join(folderOf(project), 'judge')

/** Names of files, newest first. */
function idsOf(project: Project): string[] {
  const folder = folderOf(project)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => /^[0-9a-f]{16}\.json$/.test(name))
  return names.map((name) => ({ id: name.slice(0, -ENDING.length), at: statSync(join(folder, name)).mtimeMs })).sort((a, b) => b.at - a.at).map(({ id }) => id)
}

/** On the disk when it returns. Those before it that were not applied go. */
export function keepCuration(project: Project, curation: Curation): void {
  for (const id of idsOf(project)) if (findCuration(project, id)?.applied === null) rmSync(fileOf(project, id), { force: true })
  writeJsonFile(fileOf(project, curation.id), { ...curation, applied: null } satisfies KeptCuration)
}

export const markApplied = (project: Project, curation: KeptCuration, applied: NonNullable<KeptCuration['applied']>): void =>
  writeJsonFile(fileOf(project, curation.id), { ...curation, applied } satisfies KeptCuration)

const findCuration = (project: Project, id: string): KeptCuration | null => readJsonFile(fileOf(project, id), keptSchema)

/** The newest; null: none was made. */
export function newestCuration(project: Project): KeptCuration | null {
  const [id] = idsOf(project)
  return id === undefined ? null : findCuration(project, id)
}

/** Throws RetortError `curation-missing`. */
export function getCuration(project: Project, id: string): KeptCuration {
  const found = /^[0-9a-f]{16}$/.test(id) ? findCuration(project, id) : null
  if (found) return found
  throw new RetortError({ code: 'curation-missing', message: 'the project has no such curation', found: id, where: folderOf(project), advice: 'run it again' })
}
