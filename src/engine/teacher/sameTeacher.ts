// Whether distributions are those that a run was made with: the same teacher, shown the same, in the tokens of the same student.
import { isDeepStrictEqual } from 'node:util'
import { RetortError } from '../../shared/errors.ts'
import type { TeacherMeta } from '../../shared/records/teacherMeta.ts'

/** A file is known by its content, a model elsewhere by its name; labels are for people. */
const identityOf = ({ teacher: { name, sha256 }, context, student, overlap }: TeacherMeta) => ({ who: sha256 ?? name, context, student, overlap })

export const sameTeacher = (one: TeacherMeta, other: TeacherMeta): boolean => isDeepStrictEqual(identityOf(one), identityOf(other))

/** For errors. */
export const sayTeacher = ({ label, teacher: { sha256 } }: TeacherMeta): string => (sha256 === null ? label : `${label} (sha256 ${sha256.slice(0, 12)}...)`)

export const teacherChanged = ({ where, found, expected, advice }: { readonly where: string; readonly found: string; readonly expected: string; readonly advice: string }): RetortError =>
  new RetortError({ code: 'teacher-changed', message: "the teacher's distributions are not what they were when this run was made", where, found, expected, advice })
