// Python for agents: blocks in a process without rights. What a block leaves behind is there for the next; a copy runs the blocks again.
import { fork } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { defineTool, openKit } from '../../core/agent/index.ts'
import { installationRoot } from '../paths.ts'
import { workerEntry } from '../workers/entry.ts'
import { type CodeTool, codeObservation } from './code.ts'
import { openJobPool } from './jobPool.ts'
import type { PythonJob, PythonResult } from './runPython.ts'

const MOST_CODE = 50_000
const MOST_OUTPUT = 20_000

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

/** A block that takes longer than its call is ended with its process; the next one starts from what was before. */
export function openPython(): CodeTool {
  const work = openJobPool<PythonJob, PythonResult>({ start: startPython, most: 1 })
  const row = defineTool<readonly string[], { code: string }>({
    name: 'python',
    aliases: ['py', 'python3', 'code', ''],
    description: 'runs Python (standard library alone) and gives what it prints, or else what its last line comes to; variables stay for the next block',
    arguments: z.strictObject({ code: z.string().min(1).max(MOST_CODE) }),
    async run({ code }, { state, ...context }) {
      const outcome = await work.ask({ before: state, code, mostOutput: MOST_OUTPUT }, context)
      if (typeof outcome === 'string') return { status: 'failed', text: 'The code was stopped.' }
      return { ...codeObservation(outcome.result), state: [...state, code] }
    },
  })
  return { kit: () => openKit<readonly string[]>({ tools: [row], start: [] }), dispose: work.dispose }
}
