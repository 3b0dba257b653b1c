// The environment of a run: what it was trained with beside its settings and data, written down by each trainer that finds another one.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { environmentSchema, type Environment } from '../../shared/contract/training.ts'
import { writeFileAtomic } from '../files/index.ts'
import { runFiles } from './runFolder.ts'

/** One entry for each stretch of a run, the newest last. */
const environmentsSchema = z.array(environmentSchema)

const manifestSchema = z.object({ name: z.string(), version: z.string() })

/** Of the package that a folder belongs to: the sources, a bundle and a packaged app lie at different depths of it. */
function versionAbove(folder: string, name: string): string {
  for (let at = folder; dirname(at) !== at; at = dirname(at)) {
    const path = join(at, 'package.json')
    const found = existsSync(path) ? manifestSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data : undefined
    if (found?.name === name) return found.version
  }
  return 'unknown'
}

/** Of this program. */
export const appVersion = (): string => versionAbove(import.meta.dirname, 'retort')

export const environmentNow = (threads: number): Omit<Environment, 'at' | 'fromStep'> => ({
  app: appVersion(),
  node: process.versions.node,
  onnxruntime: versionAbove(createRequire(import.meta.url).resolve('onnxruntime-node'), 'onnxruntime-node'),
  platform: process.platform,
  release: release(),
  arch: process.arch,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  threads,
})

/** Empty where there is none, or none that can be read: it decides nothing. */
export function readEnvironments(dir: string): Environment[] {
  const path = runFiles(dir).environment
  try {
    return existsSync(path) ? environmentsSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : []
  } catch {
    return []
  }
}

/** What may change the last bits of a number: not the memory, nor the kernel's version. */
const DECIDING = ['app', 'node', 'onnxruntime', 'platform', 'arch', 'cpu', 'threads'] as const

/** Writes the environment down where it is another one than before; yields what is different, null for nothing. */
export function noteEnvironment(dir: string, now: ReturnType<typeof environmentNow>, fromStep: number): string | null {
  const known = readEnvironments(dir)
  const last = known.at(-1)
  const changed = last ? DECIDING.filter((key) => last[key] !== now[key]) : []
  if (last && changed.length === 0) return null
  const all: Environment[] = [...known, { at: new Date().toISOString(), fromStep, ...now }]
  writeFileAtomic(runFiles(dir).environment, `${JSON.stringify(all, null, 2)}\n`)
  return last ? changed.map((key) => `${key} ${now[key]} instead of ${last[key]}`).join(', ') : null
}
