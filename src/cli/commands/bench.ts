// `retort bench train` and `retort bench import`: speed and memory of training and of imports on this machine.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { resourcesFolder } from '../../engine/paths.ts'
import type { BenchSequence } from '../../engine/bench/index.ts'
import { importBenchSchema, type ImportBench } from '../../shared/contract/importing.ts'
import { benchReportSchema, type BenchReport } from '../../shared/contract/training.ts'
import { computeSchema, providerChoiceSchema } from '../../shared/records/provider.ts'
import { defineCommand } from '../command.ts'
import { usageError } from '../parse.ts'

const PASSAGE = join(resourcesFolder, 'bench/passage.txt')
const EPISODES = join(resourcesFolder, 'demo/hotpotqa_multimethod.openai.jsonl')

export const bench = defineCommand({
  name: 'bench',
  summary: 'measure training, or imports, on this machine: speed and memory',
  details:
    'train: whole steps (forward, backward, clipping, AdamW) on one sequence, all tokens supervised; one more step first that is not ' +
    'timed. import: seeded records in three formats into a new project, and lists and searches over them; nothing of it stays.',
  positionals: { names: 'train|import', help: 'what to measure', min: 1, max: 1 },
  options: {
    student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
    tokens: { kind: 'int', value: 'N', help: 'tokens of the sequence', default: 512, min: 2 },
    rank: { kind: 'int', value: 'N', help: 'LoRA rank; alpha is twice the rank', default: 16, min: 1 },
    steps: { kind: 'int', value: 'N', help: 'timed steps', default: 6, min: 1 },
    threads: { kind: 'int', value: 'N', help: 'threads (default: all cores)', min: 1 },
    recompute: { kind: 'flag', help: 'compute blocks again in the backward pass: less memory, more time' },
    provider: { kind: 'text', value: 'NAME', help: 'train: where the graphs run (default: cpu)', choices: providerChoiceSchema.options },
    compute: { kind: 'text', value: 'NAME', help: 'train: precision of frozen weights and activations (default: f32)', choices: computeSchema.options },
    sequences: { kind: 'text', value: 'FILE', help: 'train: sequences of a step in place of one from a text: the examples.jsonl of a masked-jsonl export' },
    'pass-tokens': { kind: 'int', value: 'N', help: 'train: tokens of a pass (default: all sequences in one)', min: 1 },
    records: { kind: 'int', value: 'N', help: 'records to import', default: 100_000, min: 1 },
    text: { kind: 'text', value: 'FILE', help: 'text the tokens are taken from (default: a passage that comes along)' },
  },
  document: z.union([benchReportSchema, importBenchSchema]),
  async run(options, { args, engine, cwd, out, signal }) {
    const onPhase = (phase: string): void => out.note(phase)
    if (args[0] === 'import') return engine.benchImport({ records: options.records, source: EPISODES, onPhase, signal })
    if (args[0] !== 'train') {
      throw usageError({ message: 'unknown benchmark', where: 'retort bench', found: args[0] ?? 'nothing', expected: 'train or import' })
    }
    const { path } = engine.findStudent(options.student)
    out.note(`student: ${path}`)
    const { provider: choice = 'cpu', compute = 'f32' } = options
    const provider = await engine.pickProvider(choice, { compute, signal })
    return engine.benchTraining({
      provider,
      compute,
      student: path,
      from: options.sequences === undefined
        ? { text: readFileSync(options.text === undefined ? PASSAGE : resolve(cwd, options.text), 'utf8'), tokens: options.tokens }
        : { sequences: readSequences(resolve(cwd, options.sequences)) },
      passTokens: options['pass-tokens'] ?? null,
      lora: { rank: options.rank, alpha: 2 * options.rank },
      recompute: options.recompute,
      steps: options.steps,
      threads: options.threads ?? availableParallelism(),
      onPhase,
      signal,
    })
  },
  human: (document) => ('records' in document ? importLines(document) : trainLines(document)),
})

function* trainLines({ provider, compute, tokensPerSecond, supervisedPerSecond, gflops, limitGflops, peakMemoryBytes, optimiserShare, tokens, threads, lossFirst }: BenchReport): Generator<string> {
  yield `${tokensPerSecond.toFixed(1)} tokens/s (${tokens} tokens, ${threads} threads, ${provider} in ${compute}), first loss ${lossFirst.toFixed(5)}; ${supervisedPerSecond.toFixed(1)} supervised tokens/s`
  yield `${gflops.toFixed(0)} GFLOP/s, ${((100 * gflops) / limitGflops).toFixed(0)} % of the ${limitGflops.toFixed(0)} that matrix products alone reach`
  yield `peak memory ${(peakMemoryBytes / 1e9).toFixed(2)} GB; clipping and optimiser ${(100 * optimiserShare).toFixed(1)} % of a step`
}

const sequenceSchema = z.object({ ids: z.array(z.int().min(0)).min(2), weights: z.array(z.number()) })

/** Lines of token ids with a weight each; those of weight 0 are not supervised. */
const readSequences = (path: string): BenchSequence[] =>
  readFileSync(path, 'utf8').split('\n').filter((line) => line !== '').map((line) => {
    const { ids, weights } = sequenceSchema.parse(JSON.parse(line))
    return { ids, supervised: weights.map((weight) => weight > 0) }
  })

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)
const spread = ({ median, p95, most }: ImportBench['listMs']): string =>
  `${median.toFixed(1)} ms (median), ${p95.toFixed(1)} ms (95 %), ${most.toFixed(1)} ms (longest)`

function* importLines(report: ImportBench): Generator<string> {
  const { records, bytes, seconds, cpuSeconds, megabytesPerSecond } = report
  yield `${records} records, ${megabytes(bytes)} MB in ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor time): ${megabytesPerSecond.toFixed(1)} MB/s, ${(records / seconds).toFixed(0)} records/s`
  yield `peak memory ${megabytes(report.peakMemoryBytes)} MB, database ${megabytes(report.databaseBytes)} MB, ${report.progressEvents} reports of progress`
  yield `list: first page ${report.firstListMs.toFixed(1)} ms, then ${spread(report.listMs)}`
  yield `search: ${spread(report.searchMs)}`
}
