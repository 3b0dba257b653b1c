// Node's cache of compiled modules, stripped types included, in the app's own cache folder: nobody else can write there.
import { existsSync, mkdirSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { appFolders, thisMachine } from '../engine/paths.ts'

/** For this process and those it starts. Each entry is checked against its file's content; without a cache all works as well. */
export function keepCompiled(): void {
  if (process.env['NODE_COMPILE_CACHE'] || process.env['NODE_DISABLE_COMPILE_CACHE']) return
  const { cache } = appFolders(thisMachine())
  const folder = join(cache, 'compiled')
  try {
    // Level by level, and nothing above the app's own folder: a command that only says its version makes no home.
    for (const level of [cache, folder]) if (!existsSync(level)) mkdirSync(level)
  } catch {
    return
  }
  const { directory } = module.enableCompileCache(folder)
  if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = folder
}
