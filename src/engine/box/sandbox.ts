// Functions of a box in the sandbox of code: each call in a fresh interpreter, within its time.
import type { RunFunction } from '../../core/box/index.ts'
import { openCodePool } from '../tools/index.ts'

export type BoxSandbox = { readonly run: RunFunction; readonly dispose: () => Promise<void> }

/** Of a call. */
const CALL_SECONDS = 3
const MOST_OUTPUT = 10_000

/** `signal` ends what is running; `dispose` after the last call. */
export function openBoxSandbox({ signal }: { readonly signal: AbortSignal }): BoxSandbox {
  const work = openCodePool()
  return {
    async run({ code, name, args }) {
      const began = performance.now()
      const call = `${code}\n;${name}(${args.map((value) => JSON.stringify(value)).join(', ')})`
      const outcome = await work.ask({ code: call, image: null, seconds: CALL_SECONDS, mostOutput: MOST_OUTPUT }, { signal })
      const milliseconds = performance.now() - began
      if (typeof outcome === 'string') return { value: null, problem: 'it was stopped', milliseconds }
      const { value, error } = outcome.result
      return { value: value === null || value === 'null' || value === '' ? null : value, problem: error, milliseconds }
    },
    dispose: work.dispose,
  }
}
