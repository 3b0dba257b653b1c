// The student file of a run as it lies now: where it was, where the user says, or in the known folders.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readModelConfig, type ModelConfig } from '../../core/nn/index.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import { openByteSource, sha256File } from '../files/index.ts'
import { checkStudent } from '../llama/index.ts'
import type { RunConfig } from './runFolder.ts'

/** A student's dimensions, from its header alone. Throws RetortError for one that cannot be trained, naming the file. */
export function readStudentModel(path: string): ModelConfig {
  const gguf = checkStudent(path)
  const source = openByteSource(path)
  try {
    return readModelConfig(gguf, source)
  } catch (error) {
    if (!(error instanceof RetortError) || error.code !== 'unsupported-model') throw error
    throw new RetortError({ ...errorParts(error), where: path, advice: 'take another student, or another conversion of this one', cause: error })
  } finally {
    source.close()
  }
}

/** The error for a file that is not the run's student. */
export const otherStudent = ({ student }: RunConfig, found: { path: string; sha256: string }): RetortError =>
  new RetortError({
    code: 'student-changed',
    message: 'this file is not the student that the run was started with',
    where: found.path,
    found: `sha256 ${found.sha256}`,
    expected: `sha256 ${student.sha256}`,
    advice: 'name the right file with --student FILE',
  })

export type StudentSearch = {
  /** The file that the user named. */
  readonly given: string | undefined
  /** Where a file with the run's sha256 is looked for when the recorded one is gone. */
  readonly folders: readonly string[]
  /** Told which file is taken in place of the recorded one. */
  readonly onFound: (text: string) => void
}

/**
 * Path of the run's student. A named file must have the run's sha256 (else RetortError `student-changed`); the recorded
 * one is checked by the trainer, which reads it anyway. Throws RetortError `student-missing` when there is none.
 */
export async function findRunStudent(config: RunConfig, { given, folders, onFound }: StudentSearch): Promise<string> {
  const { path, sha256 } = config.student
  if (given !== undefined) {
    const found = await sha256File(given)
    if (found !== sha256) throw otherStudent(config, { path: given, sha256: found })
    return given
  }
  if (existsSync(path)) return path
  for (const candidate of folders.flatMap(ggufFiles)) {
    if (statSync(candidate).size !== config.student.bytes || (await sha256File(candidate)) !== sha256) continue
    onFound(`the student is no longer at ${path}; going on with ${candidate}, which has the same content`)
    return candidate
  }
  throw new RetortError({
    code: 'student-missing',
    message: 'the student file of this run is not there',
    where: path,
    expected: `the file with sha256 ${sha256}`,
    advice: `name it with --student FILE, or put it into ${folders.join(' or ')}`,
  })
}

const ggufFiles = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.gguf')).sort().map((name) => join(folder, name)) : []
