// The teacher of a run that was made: found again, and refused where it is another one or covers less.
import { existsSync } from 'node:fs'
import { basename, dirname, join, win32 } from 'node:path'
import type { TrainedOn } from '../../shared/contract/training.ts'
import type { RetortError } from '../../shared/errors.ts'
import type { MaskedExample } from '../../shared/records/example.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import { massInFile, openTeacher, sameTeacher, sayTeacher, teacherChanged, teachersFolder, withContent, type OpenTeacher } from '../teacher/index.ts'
import { runFiles, type RunConfig } from './runFolder.ts'
import { asked } from './teaching.ts'

type Known = NonNullable<TrainedOn['teacher']>
/** By what a run's teacher is known; runs that were made before it was kept say less. */
export type KnownTeacher = Pick<Known, 'fingerprint'> & Partial<Pick<Known, 'k' | 'meta'>>

/**
 * Where the teacher of a run lies: as its settings say or, where nothing is there, in the folder `teachers` of the project that
 * holds the run's folder `dir`, since projects are moved. What is found there must be the same teacher, so a run has to know it.
 */
export function runTeacherPath(dir: string, path: string, { meta }: Pick<KnownTeacher, 'meta'>): string {
  if (existsSync(path) || meta === undefined) return path
  const own = join(teachersFolder(dirname(dirname(dir))), basename(win32.basename(path)))
  return existsSync(own) ? own : path
}

/** Opens the file of a run that trains. Throws RetortError `teacher-changed` for another teacher's, and when rows are gone that the run counts on. */
export function openRunTeacher(path: string, examples: readonly MaskedExample[], known: KnownTeacher): OpenTeacher {
  if (!existsSync(path)) throw teacherGone(path, 'no such file')
  const teacher = openTeacher(path, asked(examples), known)
  try {
    requireSame(path, teacher, known)
    const { tokens, of } = teacher.coverage()
    if (tokens !== of) throw teacherGone(path, `distributions of ${tokens} of ${of} tokens`)
    return teacher
  } catch (error) {
    teacher.close()
    throw error
  }
}

function requireSame(path: string, { k, meta }: Pick<OpenTeacher, 'k' | 'meta'>, known: KnownTeacher): void {
  const say = (of: Pick<OpenTeacher, 'k' | 'meta'>): string => `${sayTeacher(of.meta)}, top ${of.k}`
  if (k === (known.k ?? k) && (!known.meta || sameTeacher(meta, known.meta))) return
  throw teacherChanged({ where: path, found: say({ k, meta }), expected: say({ k: known.k ?? k, meta: known.meta ?? meta }), advice: 'put the file back, or start a new run' })
}

/** Before a run is made that repeats another. Throws RetortError `teacher-changed`. */
export async function requireRunTeacher(path: string, { known, live }: { readonly known: KnownTeacher; /** It is a model. */ readonly live: boolean }): Promise<void> {
  if (!existsSync(path)) throw teacherGone(path, 'no such file')
  if (!live) return openRunTeacher(path, [], known).close()
  const { k, meta } = known
  if (meta && k !== undefined) requireSame(path, { k, meta: await withContent(meta, path) }, known)
}

/** What a run keeps of a teacher that is a model: with the sha256 of its file. */
export const withTeacherFile = async (teacher: Known, { teacher: path }: Pick<TrainSettings, 'teacher'>): Promise<Known> =>
  teacher.meta && path !== undefined ? { ...teacher, meta: await withContent(teacher.meta, path) } : teacher

/** What a run trains on, with what its teacher has said so far where that is a model. `dir`: its folder. */
export function trainedOnNow(dir: string, { trainedOn, lessons }: Pick<RunConfig, 'trainedOn' | 'lessons'>): TrainedOn {
  const { teacher } = trainedOn
  return teacher && lessons ? { ...trainedOn, teacher: { ...teacher, mass: massInFile(runFiles(dir).taught) } } : trainedOn
}

export const teacherGone = (path: string, found: string): RetortError =>
  teacherChanged({ where: path, found, expected: 'the file as it was, or with more in it', advice: 'put the file back, make it again with `retort teacher`, or start a new run' })
