// The checkout as the house tests see it: every file but those that git ignores.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** What .gitignore names; `.git` is a file in a linked work tree. */
const IGNORED = new Set(['.git', 'node_modules', 'out', 'release', '.setup', '__pycache__'])

/** Paths relative to the root, `/`-separated, sorted. */
export function repositoryFiles(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !IGNORED.has(name) && !name.endsWith('.log'))
    .flatMap((entry) => (entry.isDirectory() ? repositoryFiles(`${folder}${entry.name}/`) : [`${folder}${entry.name}`]))
    .sort()
}

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')
