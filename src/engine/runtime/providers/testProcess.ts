// Runs the self-test of a provider in a child process and says how it ended, whatever happens to that process.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Agreement, OnCpu } from '../../../shared/contract/providers.ts'
import { forkWorker } from '../../workers/forkWorker.ts'
import type { Trial } from './selfTest.ts'
import { PROVIDERS, type ProviderPlace } from './table.ts'

export type TestQuestion = Trial & { readonly speed: boolean; readonly threads: number }
/** `folder` is for its files. */
export type TestRequest = TestQuestion & { readonly folder: string }
export type TestAnswer =
  | { readonly type: 'compared'; readonly agreement: Agreement; readonly onCpu: OnCpu }
  | { readonly type: 'measured'; readonly tokensPerSecond: number }
  | { readonly type: 'failed'; readonly found: string }

/** `failure`: why it did not come to its end; comparisons made before that stand. */
export type TestOutcome = {
  readonly compared: { readonly agreement: Agreement; readonly onCpu: OnCpu } | null
  readonly tokensPerSecond: number | null
  readonly failure: string | null
}

export type TestOptions = {
  readonly place: ProviderPlace
  readonly signal: AbortSignal
  /** Compiling shaders takes its time; a driver that hangs shall not. */
  readonly timeoutMs: number
}

/** Never throws for what the provider does; rejects when aborted. */
export async function testInProcess(question: TestQuestion, { place, signal, timeoutMs }: TestOptions): Promise<TestOutcome> {
  signal.throwIfAborted()
  const folder = mkdtempSync(join(tmpdir(), 'retort-provider-'))
  const log = join(folder, 'stderr')
  const output = openSync(log, 'w')
  try {
    const child = forkWorker('provider', { output: [output, output], env: PROVIDERS[question.provider].environment(place) })
    let outcome: TestOutcome = { compared: null, tokensPerSecond: null, failure: null }
    let late = false
    const end = (): void => void child.kill('SIGKILL')
    const timer = setTimeout(() => {
      late = true
      end()
    }, timeoutMs)
    signal.addEventListener('abort', end)
    child.on('message', (answer: TestAnswer) => (outcome = added(outcome, answer)))
    const ended = new Promise<string | null>((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('close', (code, killed) => {
        if (late) return resolve(`no result within ${timeoutMs / 1000} s`)
        resolve(code === 0 ? null : `its process died: ${killed ? `signal ${killed}` : `exit code ${code}`}`)
      })
    })
    child.send({ ...question, folder } satisfies TestRequest, () => {})
    const died = await ended.finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
    })
    signal.throwIfAborted()
    const failure = outcome.failure ?? died
    return failure === null ? outcome : { ...outcome, failure: withLog(failure, readFileSync(log, 'utf8')) }
  } finally {
    closeSync(output)
    rmSync(folder, { recursive: true, force: true })
  }
}

function added(outcome: TestOutcome, answer: TestAnswer): TestOutcome {
  switch (answer.type) {
    case 'compared':
      return { ...outcome, compared: { agreement: answer.agreement, onCpu: answer.onCpu } }
    case 'measured':
      return { ...outcome, tokensPerSecond: answer.tokensPerSecond }
    case 'failed':
      return { ...outcome, failure: answer.found }
  }
}

const CONTROL = new RegExp(String.raw`\u001b\[[0-9;]*m`, 'g')
/** Lines of the log that say why: the library prints them, and its error says only that there was one. */
const TELLING = /cannot open shared object|Couldn't load|failure|No supported adapters|not found|Error|error:/

function withLog(failure: string, log: string): string {
  const lines = log.replace(CONTROL, '').split('\n').map((line) => line.trim()).filter((line) => TELLING.test(line))
  const told = [...new Set(lines.map((line) => /with error: (.*)$/.exec(line)?.[1] ?? line))].slice(-2)
  return [shortened(failure), ...told.map(shortened).filter((line) => !failure.includes(line))].join('; ')
}

const LONGEST = 300
/** ONNX Runtime puts its own function's type in front of what happened. */
function shortened(text: string): string {
  const bare = text.replace(/^.*?(CUDA failure|Failed to get)/s, '$1').split('\n')[0]?.trim() ?? ''
  return bare.length > LONGEST ? `${bare.slice(0, LONGEST)}…` : bare
}
