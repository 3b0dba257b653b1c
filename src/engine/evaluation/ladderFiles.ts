// The files that a ladder measures with, by their content: all its rungs are of the same student, and of the same data.
import { join } from 'node:path'
import { RetortError } from '../../shared/errors.ts'
import type { Ladder, LadderSpec } from '../../shared/records/ladder.ts'
import { knownError, sha256File } from '../files/index.ts'
import { openProject } from '../project/index.ts'
import { readRunConfig, runFolderOf } from '../training/index.ts'
import { ladderFolder } from './ladderFolder.ts'
import { standingOf } from './standing.ts'

type LadderFiles = NonNullable<LadderSpec['files']>

/**
 * Those of a ladder, as it began with them; of one that does not know them yet, as they are, where no rung of it has worked with others.
 * Throws RetortError `files-changed` for a student or data that is another file now, and for a file that cannot be read.
 */
export async function ladderFiles(project: string, ladder: Pick<Ladder, 'id' | 'spec' | 'rungs'>): Promise<LadderFiles> {
  const { spec } = ladder
  if (spec.files !== undefined) {
    await requireFiles(spec)
    return spec.files
  }
  const now = await filesNow(spec)
  for (const sha256 of studentsOf(project, ladder)) requireSame({ what: 'the student', where: spec.student }, { found: now.student, expected: sha256 })
  return now
}

/** Throws as `ladderFiles` does; those of a ladder that has not begun are any. */
export async function requireFiles(spec: LadderSpec): Promise<void> {
  const { files } = spec
  if (files === undefined) return
  requireSame({ what: 'the student', where: spec.student }, { found: await hashOf(spec.student), expected: files.student })
  for (const path of dataFiles(spec)) if (files.data[path] !== undefined) requireSame({ what: 'a file of training data', where: path }, { found: await hashOf(path), expected: files.data[path] })
}

async function filesNow(spec: LadderSpec): Promise<LadderFiles> {
  const data: Record<string, string> = {}
  for (const path of dataFiles(spec)) data[path] = await hashOf(path)
  return { student: await hashOf(spec.student), data }
}

const dataFiles = ({ arms }: LadderSpec): string[] =>
  arms.flatMap(({ train, notApplicable }) => (train?.data.file === undefined || notApplicable !== undefined ? [] : [train.data.file]))

async function hashOf(path: string): Promise<string> {
  try {
    return await sha256File(path)
  } catch (error) {
    throw knownError(error, path) ?? error
  }
}

function requireSame({ what, where }: { readonly what: string; readonly where: string }, { found, expected }: { readonly found: string; readonly expected: string }): void {
  if (found === expected) return
  throw new RetortError({
    code: 'files-changed', message: `${what} is another file than when this ladder was begun`, where, found: found.slice(0, 12), expected: expected.slice(0, 12),
    advice: 'put the file back, or begin a new ladder: rungs of different files cannot be compared',
  })
}

/** Students that rungs have been trained and evaluated with before the ladder kept which. */
function studentsOf(project: string, { id, rungs }: Pick<Ladder, 'id' | 'rungs'>): Set<string> {
  const evaluated = rungs.flatMap(({ evaluations }) => evaluations.flatMap((one) => standingOf(project, one.id)?.files?.student ?? []))
  const trained = rungs.flatMap(({ data, run }) => (data === null || run === null ? [] : (studentOfRun(join(ladderFolder(project, id), 'data', data), run) ?? [])))
  return new Set([...evaluated, ...trained])
}

/** null: the run is not there, and says nothing. */
function studentOfRun(folder: string, run: string): string | null {
  try {
    const opened = openProject(folder, { create: false })
    try {
      return readRunConfig(runFolderOf(opened, run)).student.sha256
    } finally {
      opened.dispose()
    }
  } catch (error) {
    if (error instanceof RetortError) return null
    throw error
  }
}
