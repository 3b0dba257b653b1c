// A small JSON file of one process: read with its schema, written whole.
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { writeFileAtomic } from './atomicWrite.ts'
import { ensureFolder } from './folders.ts'
import { moveAside } from './keptFile.ts'

/** What the file holds. One that cannot be read as that is put aside (`<name>.damaged-1`); then, or without one: null. */
export function readJsonFile<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> | null {
  if (!existsSync(path)) return null
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    moveAside(path)
    return null
  }
}

/** On the disk when this returns; the folder is made. */
export function writeJsonFile(path: string, value: unknown): void {
  ensureFolder(dirname(path))
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`)
}

/** The text as JSON; undefined where it is none, for readers that say in their own words what they found. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
