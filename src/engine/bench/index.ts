// Benchmarks, each measurement in a process of its own so that memory is that of the measured thing alone.
import type { LoraConfig } from '../../core/nn/index.ts'
import type { ImportBench } from '../../shared/contract/importing.ts'
import type { BenchReport } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Compute, ProviderName } from '../../shared/records/provider.ts'
import { openStudent } from '../llama/index.ts'
import { appFolders, thisMachine } from '../paths.ts'
import { PROVIDERS } from '../runtime/providers/table.ts'
import { forkWorker } from '../workers/forkWorker.ts'
import { prepareImport, type ImportJob } from './importBench.ts'
import type { BenchJob, BenchSequence, StepBench } from './trainingBench.ts'

export type BenchRequest = {
  readonly student: string
  readonly cacheDir: string
  /** The sequences of a step; or the first `tokens` tokens of a text, repeated as needed, as one sequence. */
  readonly from: { readonly sequences: readonly BenchSequence[] } | { readonly text: string; readonly tokens: number }
  /** Tokens of a pass; null: all of a step in one. */
  readonly passTokens: number | null
  readonly lora: LoraConfig
  readonly recompute: boolean
  readonly steps: number
  readonly threads: number
  readonly provider: ProviderName
  readonly compute: Compute
  readonly onPhase: (phase: string) => void
  readonly signal: AbortSignal
}

export type BenchQuestion =
  | { readonly measure: 'steps' | 'limit'; readonly job: BenchJob }
  | { readonly measure: 'import'; readonly job: ImportJob }
export type BenchAnswer = StepBench | ImportBench | number | { readonly error: string }

/** Libraries of a provider are found through its process's environment. */
function environmentOf(question: BenchQuestion): Readonly<Record<string, string>> {
  if (question.measure === 'import') return {}
  return PROVIDERS[question.job.provider ?? 'cpu'].environment({ dataFolder: appFolders(thisMachine()).data, env: process.env })
}

function ask<Answer>(question: BenchQuestion, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const failed = (found: string): void => reject(new RetortError({ code: 'bench-failed', message: 'the measurement failed', found }))
    const child = forkWorker('bench', { output: ['ignore', 'inherit'], signal, env: environmentOf(question) })
    child.on('message', (answer: BenchAnswer) =>
      typeof answer === 'object' && 'error' in answer ? failed(answer.error) : resolve(answer as Answer),
    )
    child.on('error', reject)
    child.on('exit', (code, killed) => failed(killed ? `signal ${killed}` : `exit code ${code}`))
    child.send(question)
  })
}

async function sequencesOf({ student: path, from, signal }: BenchRequest): Promise<readonly BenchSequence[]> {
  if ('sequences' in from) return from.sequences
  const { text, tokens } = from
  const student = await openStudent({ path, weights: 'none', signal })
  try {
    const ids = student.tokenizer.encode(text)
    if (ids.length === 0) throw new RetortError({ code: 'bench-text', message: 'the text has no tokens', expected: 'some text' })
    return [{ ids: Array.from({ length: tokens }, (_, i) => ids[i % ids.length] as number) }]
  } finally {
    await student.dispose()
  }
}

/** Whole training steps, the same sequences in each, beside the rate of the matrix products alone. */
export async function benchTraining(request: BenchRequest): Promise<BenchReport> {
  const { student, cacheDir, passTokens, lora, recompute, steps, threads, provider, compute, onPhase, signal } = request
  const sequences = await sequencesOf(request)
  const job: BenchJob = { student, cacheDir, sequences, ...(passTokens !== null && { passTokens }), lora, recompute, steps, threads, provider, compute }
  onPhase('matrix products alone')
  const limitBefore = await ask<number>({ measure: 'limit', job }, signal)
  onPhase('training steps')
  const measured = await ask<StepBench>({ measure: 'steps', job }, signal)
  onPhase('matrix products again')
  const limitAfter = await ask<number>({ measure: 'limit', job }, signal)
  // A machine slows down and speeds up: the better of both sides of the measurement is the limit.
  const limitGflops = Math.max(limitBefore, limitAfter)
  return { ...measured, limitGflops, tokens: sequences.reduce((sum, { ids }) => sum + ids.length, 0), rank: lora.rank, threads, provider, compute }
}

export type { BenchJob, BenchSequence } from './trainingBench.ts'

/** Whole training steps on one sequence, and nothing else: how fast this machine trains now. */
export const benchPass = (job: BenchJob, signal: AbortSignal): Promise<StepBench> => ask<StepBench>({ measure: 'steps', job }, signal)

export type ImportRequest = {
  readonly records: number
  /** FireAct's JSONL, whose steps the records are made of. */
  readonly source: string
  readonly onPhase: (phase: string) => void
  readonly signal: AbortSignal
}

/** Import of seeded records into a new project, and lists and searches over them; nothing of it stays. */
export async function benchImporting({ records, source, onPhase, signal }: ImportRequest): Promise<ImportBench> {
  onPhase(`writing ${records} records`)
  const { job, dispose } = prepareImport(records, source)
  try {
    onPhase('importing them')
    return await ask<ImportBench>({ measure: 'import', job }, signal)
  } finally {
    dispose()
  }
}
