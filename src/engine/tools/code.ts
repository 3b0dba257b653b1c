// Code for agents: JavaScript blocks in a sandbox. What a block leaves behind is there for the next; each candidate has its own copy.
import { z } from 'zod'
import { defineTool, type Kit, type Observation, openKit } from '../../core/agent/index.ts'
import { forkWorker } from '../workers/forkWorker.ts'
import type { CodeImage } from './codeImage.ts'
import { type JobPool, openJobPool } from './jobPool.ts'
import type { CodeJob, CodeResult } from './runCode.ts'

/** Shared by all episodes; `dispose` it after the last. */
export type CodeTool = {
  readonly kit: () => Kit
  readonly dispose: () => Promise<void>
}

const MOST_CODE = 50_000
const MOST_OUTPUT = 20_000
/** Of a block; the time of the call, when shorter, ends it harder: with its process. */
const BLOCK_SECONDS = 10

/** The processes in which blocks are run, one at a time each. */
export const openCodePool = (): JobPool<CodeJob, CodeResult> =>
  openJobPool<CodeJob, CodeResult>({ start: () => forkWorker('code', { output: ['ignore', 'inherit'], env: { TZ: 'UTC' } }) })

/** `seconds`: of a block. */
export function openCode({ seconds = BLOCK_SECONDS }: { readonly seconds?: number } = {}): CodeTool {
  const work = openCodePool()
  const row = defineTool<CodeImage | null, { code: string }>({
    name: 'javascript',
    aliases: ['js', 'code', 'node', 'mjs', ''],
    description: 'runs JavaScript and gives what it prints (console.log), or else what its last line comes to; variables stay for the next block',
    arguments: z.strictObject({ code: z.string().min(1).max(MOST_CODE) }),
    async run({ code }, { state, ...context }) {
      const outcome = await work.ask({ code, image: state, seconds, mostOutput: MOST_OUTPUT }, context)
      if (typeof outcome === 'string') return { status: 'failed', text: 'The code was stopped.' }
      const { image } = outcome.result
      return { ...codeObservation(outcome.result), ...(image ? { state: image } : {}) }
    },
  })
  return {
    kit: () => openKit<CodeImage | null>({ tools: [row], start: null }),
    dispose: work.dispose,
  }
}

/** What an agent is told of a block: what it printed, then its error, or its value where it has one. */
export function codeObservation({ printed, omitted, value, answer, error }: Omit<CodeResult, 'image'>): Observation {
  const more = omitted === 0 ? '' : `[${omitted} more characters printed]\n`
  const output = `${printed}${more}`.trimEnd()
  if (answer !== null) return { status: 'ok', text: output, ends: { answer } }
  const lines = [...(output === '' ? [] : [output]), ...(error === null ? (value === null ? [] : [value]) : [error])]
  return { status: error === null ? 'ok' : 'failed', text: lines.length === 0 ? 'Nothing was printed.' : lines.join('\n') }
}
