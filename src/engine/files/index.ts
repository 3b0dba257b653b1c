// Files: random access, atomic writes, content hashes.
export { removeTemporary, syncFile, syncFolder, writeFileAtomic } from './atomicWrite.ts'
export { ensureFolder } from './folders.ts'
export { openByteSource, type FileSource } from './byteSource.ts'
export { sha256, sha256File } from './sha256.ts'
export { fingerprintLines, writeJsonLines } from './jsonLines.ts'
export { systemError } from './systemError.ts'
export type { LineSourceOptions } from './lineSource.ts'
export { openLineSource } from './lineSource.ts'
