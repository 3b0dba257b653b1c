// Python for agents: blocks in a process without rights. What a block leaves behind is there for the next; a copy runs the blocks again.
import { fork } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { defineTool, openKit } from '../../core/agent/index.ts'
import { installationRoot } from '../paths.ts'
import { workerEntry } from '../workers/entry.ts'
import { type CodeTool, codeObservation } from './code.ts'
import { type JobPool, openJobPool } from './jobPool.ts'
import type { PythonJob, PythonResult } from './runPython.ts'

const MOST_CODE = 50_000
const MOST_OUTPUT = 20_000
/** To start, and to run again what ran before. */
const PREPARING_SECONDS = 60

const LOST =
  `The state is lost: Python had to start again, and could not run the earlier blocks again within ${PREPARING_SECONDS} s. This block was not run; variables have to be made anew.`

/** Where Pyodide's files lie: beside the code, and as real files in the packaged app. */
const pyodideFolder = (): string => dirname(fileURLToPath(import.meta.resolve('pyodide'))).replace(/\.asar(?=[\\/])/, '.asar.unpacked')

/**
 * The environment holds no keys. `--permission`: no files but those that it is made of, no processes, no workers, no add-ons. Node 24
 * cannot refuse the network; the process has lost the means to it before any code of an agent runs.
 */
const startPython = () =>
  fork(workerEntry('python'), [], {
    // What Pyodide says of its own end is of no use to a user.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    execArgv: ['--permission', `--allow-fs-read=${installationRoot}`, `--allow-fs-read=${pyodideFolder()}`, '--disallow-code-generation-from-strings', '--no-warnings'],
    env: { TZ: 'UTC', ...(process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }) },
  })

type PythonPool = JobPool<PythonJob, PythonResult>

const openPythonPool = (): PythonPool => openJobPool<PythonJob, PythonResult>({ start: startPython, most: 1, preparing: PREPARING_SECONDS })

/**
 * A block that takes longer than its call is ended with its process. The next one starts from what was before: the blocks so far run
 * again, in a time of their own, and where that fails the agent is told that the state is lost, and begins afresh.
 */
export function openPython({ pool = openPythonPool() }: { readonly pool?: PythonPool } = {}): CodeTool {
  const row = defineTool<readonly string[], { code: string }>({
    name: 'python',
    aliases: ['py', 'python3', 'code', ''],
    description: 'runs Python (standard library alone) and gives what it prints, or else what its last line comes to; variables stay for the next block',
    arguments: z.strictObject({ code: z.string().min(1).max(MOST_CODE) }),
    async run({ code }, { state, ...context }) {
      const outcome = await pool.ask({ before: state, code, mostOutput: MOST_OUTPUT }, context)
      if (outcome === 'not-prepared' && state.length === 0) return { status: 'failed', text: 'Python did not start. The code was not run.' }
      if (outcome === 'not-prepared') return { status: 'failed', text: LOST, state: [] }
      if (outcome === 'stopped') return { status: 'failed', text: 'The code was stopped.' }
      return { ...codeObservation(outcome.result), state: [...state, code] }
    },
  })
  return { kit: () => openKit<readonly string[]>({ tools: [row], start: [] }), dispose: pool.dispose }
}
