// `retort bench train`: speed and memory of training on this machine, beside what its matrix products alone reach.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { installationRoot } from '../../engine/paths.ts'
import { benchReportSchema } from '../../shared/contract/training.ts'
import { defineCommand } from '../command.ts'
import { usageError } from '../parse.ts'

const PASSAGE = join(installationRoot, 'resources/bench/passage.txt')

export const bench = defineCommand({
  name: 'bench',
  summary: 'measure training speed and memory on this machine',
  details: 'Whole steps (forward, backward, clipping, AdamW) on one sequence, all tokens supervised; one more step first that is not timed.',
  positionals: { names: 'train', help: 'what to measure: training is what there is', min: 1, max: 1 },
  options: {
    student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
    tokens: { kind: 'int', value: 'N', help: 'tokens of the sequence', default: 512, min: 2 },
    rank: { kind: 'int', value: 'N', help: 'LoRA rank; alpha is twice the rank', default: 16, min: 1 },
    steps: { kind: 'int', value: 'N', help: 'timed steps', default: 6, min: 1 },
    threads: { kind: 'int', value: 'N', help: 'threads (default: all cores)', min: 1 },
    recompute: { kind: 'flag', help: 'compute blocks again in the backward pass: less memory, more time' },
    text: { kind: 'text', value: 'FILE', help: 'text the tokens are taken from (default: a passage that comes along)' },
  },
  document: benchReportSchema,
  async run(options, { args, engine, cwd, out, signal }) {
    if (args[0] !== 'train') throw usageError({ message: 'unknown benchmark', where: 'retort bench', found: args[0] ?? 'nothing', expected: 'train' })
    const { path } = engine.findStudent(options.student)
    out.note(`student: ${path}`)
    return engine.benchTraining({
      student: path,
      text: readFileSync(options.text === undefined ? PASSAGE : resolve(cwd, options.text), 'utf8'),
      tokens: options.tokens,
      lora: { rank: options.rank, alpha: 2 * options.rank },
      recompute: options.recompute,
      steps: options.steps,
      threads: options.threads ?? availableParallelism(),
      onPhase: (phase) => out.note(phase),
      signal,
    })
  },
  *human({ tokensPerSecond, gflops, limitGflops, peakMemoryBytes, optimiserShare, tokens, threads, lossFirst }) {
    yield `${tokensPerSecond.toFixed(1)} tokens/s (${tokens} tokens, ${threads} threads), first loss ${lossFirst.toFixed(5)}`
    yield `${gflops.toFixed(0)} GFLOP/s, ${((100 * gflops) / limitGflops).toFixed(0)} % of the ${limitGflops.toFixed(0)} that matrix products alone reach`
    yield `peak memory ${(peakMemoryBytes / 1e9).toFixed(2)} GB; clipping and optimiser ${(100 * optimiserShare).toFixed(1)} % of a step`
  },
})
