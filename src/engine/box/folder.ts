// A box as a folder: box.json, a file for each tool, and a server that any MCP client can start with plain Node.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Made } from '../../core/box/index.ts'
import { type Box, boxSchema } from '../../shared/contract/box.ts'
import type { TaskPlace } from '../../shared/records/suite.ts'
import { RetortError } from '../../shared/errors.ts'
import { sha256, systemError, writeFileAtomic, writeJsonFile } from '../files/index.ts'
import { resourcesFolder } from '../paths.ts'

/** The box with the code of its tools. */
export type OpenBox = Omit<Box, 'tools'> & { readonly folder: string; readonly tools: Made['tools'] }

const SERVER_FILE = 'server.mjs'
const RUNNER_FILE = 'runner.mjs'

/** Throws RetortError `box-exists` where the folder holds something. */
export function writeBox(folder: string, { tools, ...box }: Omit<Box, 'tools'> & { readonly tools: Made['tools'] }): void {
  requireEmpty(folder)
  mkdirSync(join(folder, 'tools'), { recursive: true })
  for (const { file, code } of tools) writeFileAtomic(join(folder, file), `${code}\n`)
  for (const file of [SERVER_FILE, RUNNER_FILE]) copyFileSync(join(resourcesFolder, 'box', file), join(folder, file))
  writeJsonFile(join(folder, 'box.json'), { ...box, tools: tools.map(({ code: _, ...tool }) => tool) })
}

/** What any client starts. Throws RetortError `bad-box`. */
export function boxServerWords(folder: string): string[] {
  readBox(folder)
  return [process.execPath, '--no-warnings', join(folder, SERVER_FILE)]
}

/** Before the work: nothing is written over. */
export function requireEmpty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return
  throw new RetortError({ code: 'box-exists', message: 'there is something already', where: folder, expected: 'a folder that is empty or not there' })
}

/** Throws RetortError `bad-box` for what is no box, or one whose tools were changed. */
export function readBox(folder: string): OpenBox {
  const path = join(folder, 'box.json')
  const refuse = (found: string, expected: string): RetortError => new RetortError({ code: 'bad-box', message: 'this is no box of tools', where: path, found, expected })
  if (!existsSync(path)) throw refuse(existsSync(folder) ? 'a folder without box.json' : 'nothing there', 'a folder that retort box create made')
  const text = read(path)
  const parsed = boxSchema.safeParse(json(text))
  if (!parsed.success) throw refuse(parsed.error.issues[0]?.message ?? 'something else', 'a box.json that retort box create wrote')
  const tools = parsed.data.tools.map((tool) => {
    const code = read(join(folder, tool.file)).replace(/\n$/, '')
    if (sha256(code) !== tool.sha256) throw refuse(`${tool.file} with another content`, 'the file that was verified')
    return { ...tool, code }
  })
  return { ...parsed.data, tools, folder }
}

/** The first place of a split that the box's tools were not verified on. */
export const freshFrom = ({ tools }: Pick<OpenBox, 'tools'>, { split, seed }: Pick<TaskPlace, 'split' | 'seed'>): number =>
  Math.max(0, ...tools.map(({ verified }) => (verified.split === split && verified.seed === seed ? verified.tasks : 0)))

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
