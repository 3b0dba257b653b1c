// Runs blocks of Python in Pyodide (CPython compiled to WebAssembly). Pyodide is no boundary by itself: this is for a process that has
// no rights (see python.ts), and takes from it what code within could still reach.
import { constants } from 'node:fs'
import { registerHooks } from 'node:module'
import { loadPyodide } from 'pyodide'
import { PYTHON_PRELUDE } from './pythonPrelude.ts'

export type PythonJob = {
  /** Blocks that ran before in this episode: the state. */
  readonly before: readonly string[]
  readonly code: string
  /** Characters that are kept of what is printed, and of a value, an answer, an error. */
  readonly mostOutput: number
}

/** As of a block of JavaScript: what was printed and how much more, the last expression's value, an answer, an error. */
export type PythonResult = { readonly printed: string; readonly omitted: number; readonly value: string | null; readonly answer: string | null; readonly error: string | null }

const MOST_MEMORY = 512 * 1024 * 1024
/** The clock stands still, so that blocks can be run again with the same result. */
const NOW = Date.UTC(2026, 0, 1)
/** Ways to the network and out of the interpreter, as far as they are globals. */
const REACHES = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'Worker', 'navigator', 'require']

export type PythonMachine = {
  /** Puts the interpreter into the state after these blocks. */
  readonly prepare: (before: PythonJob['before']) => void
  readonly run: (block: Omit<PythonJob, 'before'>) => PythonResult
}

/** One interpreter; blocks one after the other. */
export async function createPython(): Promise<PythonMachine> {
  limitMemory()
  // Pyodide asks Node for the numbers of flags in a way that a process without rights is refused.
  Object.defineProperty(process, 'binding', { value: () => ({ fs: constants }) })
  Date.now = () => NOW
  const python = await loadPyodide({ env: { PYTHONHASHSEED: '0', HOME: '/home' }, jsglobals: Object.create(null) as object, stdout: () => undefined, stderr: () => undefined })
  for (const name of ['js', 'pyodide_js']) python.unregisterJsModule(name)
  const [reset, run] = python.runPython(PYTHON_PRELUDE, { globals: python.toPy({}) as never }) as [() => void, (code: string, most: number) => string]
  for (const name of REACHES) Reflect.deleteProperty(globalThis, name)
  registerHooks({
    resolve: (specifier) => {
      throw new Error(`${specifier} is not there`)
    },
  })
  let done: readonly string[] = []
  return {
    prepare(before) {
      if (before.length === done.length && before.every((block, place) => block === done[place])) return
      reset()
      for (const block of before) run(block, 0)
      done = before
    },
    run({ code, mostOutput }) {
      done = [...done, code]
      return JSON.parse(run(code, mostOutput)) as PythonResult
    },
  }
}

/** Growing beyond fails as it does where a machine has no more: Python raises a MemoryError. */
function limitMemory(): void {
  const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: { readonly buffer: ArrayBuffer; grow: (this: { readonly buffer: ArrayBuffer }, pages: number) => number } } } }).WebAssembly
  const { grow } = Memory.prototype
  Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * 65_536 > MOST_MEMORY) throw new RangeError('no more memory')
    return grow.call(this, pages)
  }
}
