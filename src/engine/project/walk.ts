// The files that paths stand for: files as they are, folders with all that is in them.
import { readdirSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { RetortError } from '../../shared/errors.ts'

export type FoundFile = { path: string; size: number } | { path: string; /** Why it is not read. */ reason: string }

/** Throws RetortError `path-missing` unless each of the paths exists. */
export function requirePaths(paths: readonly string[]): void {
  const missing = paths.find((path) => !statSync(path, { throwIfNoEntry: false }))
  if (missing === undefined) return
  throw new RetortError({
    code: 'path-missing',
    message: 'there is nothing to import',
    found: 'nothing',
    expected: 'a file or a folder',
    where: missing,
  })
}

/**
 * Folders are walked in order of names (UTF-16 code units); links are followed, each folder once. Inside folders, what
 * has a hidden name is not read, nor is `exclude` (an absolute path); both are named with the reason. Throws when one
 * of `paths` does not exist.
 */
export function findFiles(paths: readonly string[], exclude: string): FoundFile[] {
  requirePaths(paths)
  const seen = new Set<string>()
  return paths.flatMap((path) => visit(path, { seen, exclude }))
}

type Walk = { seen: Set<string>; exclude: string }

function visit(path: string, walk: Walk): FoundFile[] {
  const found = look(path)
  switch (found.type) {
    case 'unread':
      return [{ path, reason: found.reason }]
    case 'file':
      return [{ path, size: found.size }]
    case 'folder':
      if (found.real === walk.exclude) return [{ path, reason: OWN_FOLDER }]
      if (walk.seen.has(found.real)) return [{ path, reason: 'found a folder that was walked before' }]
      walk.seen.add(found.real)
      return found.names.flatMap((name) => {
        const inner = join(path, name)
        return name.startsWith('.') ? [{ path: inner, reason: HIDDEN }] : visit(inner, walk)
      })
  }
}

const OWN_FOLDER = "found this project's own folder, expected files to import"
const HIDDEN = 'found a hidden name in a folder, expected it to be named directly if it is meant'

type Seen =
  | { type: 'file'; size: number }
  | { type: 'folder'; real: string; names: string[] }
  | { type: 'unread'; reason: string }

function look(path: string): Seen {
  try {
    const stats = statSync(path)
    if (stats.isFile()) return { type: 'file', size: stats.size }
    if (stats.isDirectory()) return { type: 'folder', real: realpathSync(path), names: readdirSync(path).sort() }
    return { type: 'unread', reason: 'found neither a file nor a folder, expected one of them' }
  } catch (error) {
    return { type: 'unread', reason: `cannot be read: ${(error as Error).message}` }
  }
}
