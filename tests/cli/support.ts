// Runs the real command `retort` in a process of its own and reads what it printed.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import type { z } from 'zod'

const ENTRY = resolve(import.meta.dirname, '../../src/cli/retort.ts')

export type Finished = { code: number | null; stdout: string; stderr: string }

export function startRetort(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [ENTRY, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // NODE_OPTIONS of the test runner are none of the command's business.
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  })
}

export function finished(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code) => done({ code, stdout, stderr }))
  })
}

export const retort = (args: readonly string[], env: Record<string, string> = {}): Promise<Finished> =>
  finished(startRetort(args, env))

/** Runs with --json, expects success and exactly one line of JSON on stdout that satisfies the schema to the letter. */
export async function retortJson<Document>(schema: z.ZodType<Document>, args: readonly string[]): Promise<Document> {
  const { code, stdout, stderr } = await retort([...args, '--json'])
  if (code !== 0) throw new Error(`retort ${args.join(' ')} ended with ${code}: ${stderr}`)
  if (!/^[^\n]+\n$/.test(stdout)) throw new Error(`expected one line of JSON, found: ${stdout}`)
  const raw: unknown = JSON.parse(stdout)
  return schema.parse(raw)
}

/** An empty folder that goes when the test file has run. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'retort-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
