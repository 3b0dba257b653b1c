// Adds a line to a file of lines: the whole line or nothing of it, also where the disk is full.
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { systemError } from './systemError.ts'

/**
 * Adds `text`, which has no line end, as a line. Throws RetortError about `path` for what the system refuses, after taking
 * back what was written of the line; only a process or machine that dies here can leave a part of it.
 */
export function appendLine(path: string, text: string): void {
  try {
    const file = openSync(path, 'a')
    const before = fstatSync(file).size
    try {
      const bytes = Buffer.from(`${text}\n`)
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    } catch (error) {
      ftruncateSync(file, before)
      throw error
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}
