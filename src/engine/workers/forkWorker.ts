// Starts the entry of a child process, the same under Node and inside Electron.
import { fork, type ChildProcess, type StdioOptions } from 'node:child_process'
import { workerEntry, type WorkerName } from './entry.ts'

/** Environment in which this process's own executable is Node: inside Electron it has to be told. */
export const nodeEnvironment = (): NodeJS.ProcessEnv =>
  process.versions['electron'] === undefined ? process.env : { ...process.env, ELECTRON_RUN_AS_NODE: '1' }

export type WorkerOptions = {
  /** stdout and stderr; what a worker says goes over IPC. */
  readonly output: readonly [stdout: 'ignore' | number, stderr: 'inherit' | number]
  /** Aborting kills it. */
  readonly signal?: AbortSignal
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** Flags of this process are not handed on, so that a debugger's port is not taken twice. */
export const forkWorker = (name: WorkerName, { output, signal, env }: WorkerOptions): ChildProcess => {
  const stdio: StdioOptions = ['ignore', ...output, 'ipc']
  return fork(workerEntry(name), [], {
    stdio,
    serialization: 'advanced',
    execArgv: [],
    env: { ...nodeEnvironment(), ...env },
    ...(signal ? { signal } : {}),
  })
}
