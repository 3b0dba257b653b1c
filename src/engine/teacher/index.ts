// A teacher's distributions: scored once by llama.cpp, kept in a file, read by every run that asks for them.
export { scoreTeacher, type TeachRequest } from './scoreTeacher.ts'
export { openTeacher, type Asked, type OpenTeacher } from './store.ts'
export { fingerprintOf } from './tokens.ts'
