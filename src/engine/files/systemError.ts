// What the system says about a file (no such file, no access, disk full) as an error that a person can act on.
import { RetortError } from '../../shared/errors.ts'

type Kind = { readonly code: string; readonly message: string; readonly expected?: string; readonly advice?: string }

/** By the codes of errno(3), as Node gives them. */
const KINDS: Readonly<Record<string, Kind>> = {
  ENOENT: { code: 'file-missing', message: 'there is no such file or folder' },
  EACCES: { code: 'no-access', message: 'no permission for this file or folder' },
  EPERM: { code: 'no-access', message: 'this is not permitted for this file or folder' },
  EISDIR: { code: 'not-a-file', message: 'this is a folder', expected: 'a file' },
  ENOTDIR: { code: 'not-a-folder', message: 'a part of this path is a file', expected: 'a folder' },
  EEXIST: { code: 'file-exists', message: 'there is already something else at this path' },
  ENOTEMPTY: { code: 'file-exists', message: 'this folder is not empty' },
  EROFS: { code: 'read-only', message: 'this is on a read-only file system' },
  ENOSPC: { code: 'disk-full', message: 'the disk is full', advice: 'make room, then try again' },
  EDQUOT: { code: 'disk-full', message: 'the disk quota is used up', advice: 'make room, then try again' },
  EFBIG: { code: 'disk-full', message: 'this file may not grow further: a limit of the file system or of this process is reached', advice: 'make room, or raise the limit, then try again' },
  ENAMETOOLONG: { code: 'bad-path', message: 'this name is too long for the file system' },
  ELOOP: { code: 'bad-path', message: 'the links at this path form a circle' },
  EMFILE: { code: 'too-many-files', message: 'this process has too many files open' },
}

/** The error as a RetortError when it is the system's about a file, else null. `path` is named instead of the error's own. */
export function systemError(error: unknown, path?: string): RetortError | null {
  if (!(error instanceof Error)) return null
  const { code, syscall, path: own } = error as NodeJS.ErrnoException
  const kind = code !== undefined && syscall !== undefined && Object.hasOwn(KINDS, code) ? KINDS[code] : undefined
  const where = path ?? own
  return kind ? new RetortError({ ...kind, found: `${code} (${syscall})`, ...(where !== undefined && { where }), cause: error }) : null
}

/** The error if it is one that a person can act on: ours as it is, the system's about a file in our words; else null. */
export const knownError = (error: unknown, path?: string): RetortError | null => (error instanceof RetortError ? error : systemError(error, path))

/** The same; one that nobody foresaw gets this code and message. */
export const asRetortError = (error: unknown, unforeseen: { readonly code: string; readonly message: string }): RetortError =>
  knownError(error) ?? new RetortError({ ...unforeseen, found: error instanceof Error ? error.message : String(error), cause: error })
