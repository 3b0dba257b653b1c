// Looks whether this machine can do the work: each check yields a status, what was found, and advice.
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { DoctorCheck, DoctorReport } from '../shared/contract/doctor.ts'
import { freeMemory } from './freeMemory.ts'
import { appFolders, studentFolders, type Machine } from './paths.ts'
import { reportProviders } from './providerDesk.ts'
import { nodeEnvironment } from './workers/forkWorker.ts'

const run = promisify(execFile)
const GB = 1e9
const gigabytes = (bytes: number): string => `${(bytes / GB).toFixed(1)} GB`

/** LoRA on a 135M student at 512 tokens was measured at up to 3.9 GB (trainer design page). */
const COMFORTABLE_MEMORY = 4 * GB
const COMFORTABLE_DISK = 5 * GB

export async function examineMachine(options: { machine: Machine; signal: AbortSignal }): Promise<DoctorReport> {
  const { machine, signal } = options
  const natives = await Promise.all(NATIVE.map((row) => nativeCheck(row, signal)))
  const checks = [nodeCheck(), ...natives, memoryCheck(), coresCheck(), folderCheck(machine), ...modelChecks(machine)]
  const providers = await reportProviders(machine, { signal })
  const cpu = providers.providers.find(({ name }) => name === 'cpu')
  if (cpu?.reason) checks.push({ name: 'training on the processor', status: 'failed', found: cpu.reason, advice: 'delete node_modules and run npm run setup' })
  return { ok: checks.every((check) => check.status !== 'failed'), checks, providers }
}

function nodeCheck(): DoctorCheck {
  const found = `Node ${process.versions.node} on ${process.platform}-${process.arch}`
  return Number(process.versions.node.split('.')[0]) >= 24
    ? { name: 'node', status: 'ok', found }
    : { name: 'node', status: 'failed', found, advice: 'Retort needs Node 24; start it with npm run, which uses its own' }
}

/** Programs for a child process, because a library that does not fit the processor may end the process it is in. */
const NATIVE = [
  {
    name: 'sqlite',
    program: `const { DatabaseSync } = await import('node:sqlite')
      const db = new DatabaseSync(':memory:')
      db.exec('create virtual table t using fts5(x)')
      console.log('SQLite ' + db.prepare('select sqlite_version() v').get().v + ' with FTS5')`,
  },
  {
    name: 'onnxruntime',
    // See engine/runtime/noTelemetry.ts.
    program: `process.env.ORT_DISABLE_TELEMETRY = '1'
      const { default: ort } = await import(packages['onnxruntime-node'])
      console.log('ONNX Runtime ' + ort.env.versions.node)`,
  },
  {
    name: 'llama',
    program: `const { getLlama } = await import(packages['node-llama-cpp'])
      const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1 })
      console.log('llama.cpp ' + llama.llamaCppRelease.release + ', prebuilt, cpu')
      await llama.dispose()`,
  },
] as const

/** Named by where they lie: a script without a file finds no package by its name when the app is an archive. */
function locate(): Record<string, string> {
  const { resolve } = createRequire(import.meta.url)
  return Object.fromEntries(['onnxruntime-node', 'node-llama-cpp'].map((name) => [name, pathToFileURL(resolve(name)).href]))
}

async function nativeCheck(row: (typeof NATIVE)[number], signal: AbortSignal): Promise<DoctorCheck> {
  const { name, program } = row
  try {
    const script = `const packages = ${JSON.stringify(locate())}; (async () => { ${program} })()`
    const { stdout } = await run(process.execPath, ['--eval', script], { env: nodeEnvironment(), signal, timeout: 60_000 })
    return { name, status: 'ok', found: stdout.trim() }
  } catch (error) {
    signal.throwIfAborted()
    const found = error instanceof Error ? error.message.trim().split('\n').slice(0, 12).join('\n') : String(error)
    return { name, status: 'failed', found, advice: 'delete node_modules and run npm run setup' }
  }
}

function memoryCheck(): DoctorCheck {
  const found = `${gigabytes(freeMemory())} free of ${gigabytes(totalmem())}`
  return totalmem() >= COMFORTABLE_MEMORY
    ? { name: 'memory', status: 'ok', found }
    : { name: 'memory', status: 'warning', found, advice: `training wants ${gigabytes(COMFORTABLE_MEMORY)} or more` }
}

const coresCheck = (): DoctorCheck => ({ name: 'cores', status: 'ok', found: `${availableParallelism()} usable` })

/** The app's folder may not exist yet: then its nearest existing parent must be writable. */
function folderCheck(machine: Machine): DoctorCheck {
  const { data } = appFolders(machine)
  let existing = data
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  const found = data === existing ? data : `${data} (not made yet)`
  try {
    accessSync(existing, constants.W_OK)
  } catch {
    return { name: 'data folder', status: 'failed', found, advice: `make ${existing} writable, or set RETORT_HOME` }
  }
  const disk = statfsSync(existing)
  const free = disk.bavail * disk.bsize
  if (free >= COMFORTABLE_DISK) return { name: 'data folder', status: 'ok', found: `${found}, ${gigabytes(free)} free` }
  const advice = `models and checkpoints want ${gigabytes(COMFORTABLE_DISK)} or more`
  return { name: 'data folder', status: 'warning', found: `${found}, ${gigabytes(free)} free`, advice }
}

function modelChecks(machine: Machine): DoctorCheck[] {
  const folders = studentFolders(machine)
  const files = folders.flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.gguf')).map((file) => join(folder, file)) : [],
  )
  if (files.length > 0) return files.map((found) => ({ name: 'model', status: 'ok', found }))
  const advice = `put a GGUF file into ${appFolders(machine).models}, or name one with --student`
  return [{ name: 'model', status: 'warning', found: `none in ${folders.join(' or ')}`, advice }]
}
