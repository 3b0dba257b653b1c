// Files of distributions in a project's folder: their names, and what each holds.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readTopk, type TopkFile, type TopkMeta } from '../../core/formats/topk/index.ts'
import type { TeacherFile } from '../../shared/contract/teaching.ts'
import { errorInLine } from '../../shared/errors.ts'
import { knownError, openByteSource, sha256 } from '../files/index.ts'
import type { WantedTeacher } from './source.ts'

const ENDING = '.topk'
/** `project`: its folder. */
export const teachersFolder = (project: string): string => join(project, 'teachers')

/**
 * The file that is made where none is named: another one for each header, so that what is asked for once more goes on with its
 * own file, and nothing else meets one that it cannot go on with. `project`: its folder.
 */
export const teacherFileIn = (project: string, { teacher, k, meta }: { teacher: WantedTeacher; k: number; meta: TopkMeta }): string =>
  join(teachersFolder(project), `${nameOf(teacher)}.${meta.context}.top${k}.${sha256(JSON.stringify(meta)).slice(0, 8)}${ENDING}`)

/** For people: models of endpoints have names such as org/model:tag, which no file can have. */
const nameOf = (teacher: WantedTeacher): string =>
  teacher.type === 'local' ? basename(teacher.path).replace(/\.gguf$/i, '') : `${teacher.endpoint.id}-${teacher.model}`.replace(/[^\w.-]+/g, '-')

/** Newest first. */
export function listTeacherFiles(project: string): TeacherFile[] {
  const folder = teachersFolder(project)
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(ENDING) && !name.startsWith('.')) : []
  return names.flatMap((name) => rowOf(join(folder, name))).sort((a, b) => b.modified.localeCompare(a.modified))
}

function rowOf(path: string): TeacherFile[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile()) return []
  const row = { path, name: basename(path), bytes: stats.size, modified: stats.mtime.toISOString() }
  try {
    return [{ ...row, holds: holdsOf(path), problem: null }]
  } catch (error) {
    const known = knownError(error)
    if (!known) throw error
    return [{ ...row, holds: null, problem: errorInLine(known) }]
  }
}

function meanMass(records: TopkFile['records']): number | null {
  const tokens = records.reduce((sum, { count }) => sum + count, 0)
  return tokens === 0 ? null : records.reduce((sum, { mass }) => sum + mass, 0) / tokens
}

/** Mean probability of what the distributions of a file name; null: there are none yet, or it cannot be read. */
export const massInFile = (path: string): number | null => rowOf(path)[0]?.holds?.mass ?? null

function holdsOf(path: string): NonNullable<TeacherFile['holds']> {
  const source = openByteSource(path)
  try {
    const { k, meta, records } = readTopk(source)
    const tokens = records.reduce((sum, { count }) => sum + count, 0)
    const { label, context, overlap, student: { fingerprint } } = meta
    return { label, k, context, tokens, mass: meanMass(records), overlap, fingerprint }
  } finally {
    source.close()
  }
}
