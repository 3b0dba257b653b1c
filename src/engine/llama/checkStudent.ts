// Looks through a student's file before llama.cpp does, which ends the process on some of what a malformed file can say.
import { type Gguf, implausibleModel, readGguf } from '../../core/formats/gguf/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { openByteSource } from '../files/index.ts'
import { problemOf, type Problem } from '../models/index.ts'

/** What a model is opened as: what errors call it. */
export type Role = 'student' | 'teacher'

/** What the file says. Throws RetortError `student-not-loaded` for no GGUF, or what cannot be a whole language model. */
export function checkStudent(path: string, as: Role = 'student'): Gguf {
  const refuse = (problem: Problem): never => {
    throw new RetortError({
      code: 'student-not-loaded',
      message: `The ${as} cannot be loaded`,
      where: path,
      advice: `take the file from its source again, or another ${as}`,
      ...problem,
    })
  }
  try {
    const source = openByteSource(path)
    try {
      const gguf = readGguf(source)
      const implausible = implausibleModel(gguf)
      return implausible === null ? gguf : refuse(implausible)
    } finally {
      source.close()
    }
  } catch (error) {
    if (error instanceof RetortError && error.code === 'student-not-loaded') throw error
    return refuse(problemOf(error, { path, expected: 'a GGUF file of a language model' }))
  }
}
