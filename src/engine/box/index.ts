// Boxes of tools on this machine: made in the sandbox, kept as folders, mounted, measured.
export { benchBox, type BenchBox, benchTable } from './bench.ts'
export { createBox, type CreateBox, type CreatedBox } from './create.ts'
export { boxServerWords, type OpenBox, readBox } from './folder.ts'
export { serveBox } from './serve.ts'
export type { BoxTeacher } from './teacher.ts'
export { verifyBox } from './verify.ts'
