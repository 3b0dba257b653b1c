// A teacher's distributions: scored by llama.cpp or by an endpoint, kept in a file, read by every run that asks for them.
export { listTeacherFiles, teacherFileIn } from './files.ts'
export { scoreTeacher, type TeachRequest } from './scoreTeacher.ts'
export type { WantedTeacher } from './source.ts'
export { openTeacher, type Asked, type OpenTeacher } from './store.ts'
export { fingerprintOf } from './tokens.ts'
