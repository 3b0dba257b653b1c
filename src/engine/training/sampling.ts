// Samples while training: the student with the present adapter answers held-out prompts, through llama.cpp as in chat.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Adapter } from '../../core/pipeline/adapter/index.ts'
import { writeLoraGguf } from '../../core/pipeline/adapter/index.ts'
import { sampleSchema, type Sample } from '../../shared/contract/metrics.ts'
import { RetortError } from '../../shared/errors.ts'
import { appendLine, writeFileAtomic } from '../files/index.ts'
import { openContinuer, openStudent, textOf, type Student } from '../llama/index.ts'
import type { TrainerEvent } from './protocol.ts'
import { readLines, runFiles, type RunConfig, type SplitExample } from './runFolder.ts'

type Outcome = 'go' | 'stop'

/** Tokens that an answer has at most: an agent's step is mostly shorter. */
export const SAMPLE_TOKENS = 96
/** Characters of the prompt's end that are kept. */
const TAIL = 400

export type Sampling = {
  /** Whether answers belong behind so many steps and are not there. */
  due(done: number): boolean
  /** Answers the prompts; trouble with llama.cpp or the student's file is told and ends the sampling, not the run. */
  take(done: number, adapter: Adapter): Promise<Outcome>
}

export type SamplingInput = {
  readonly dir: string
  readonly config: RunConfig
  /** The student's file. */
  readonly student: string
  readonly examples: readonly SplitExample[]
  readonly proceed: () => Promise<Outcome>
  readonly emit: (event: TrainerEvent) => void
  readonly failed: (text: string) => void
}

type Prompt = { readonly example: SplitExample; /** The first token that is trained on. */ readonly at: number }

/** The first agent turns of `count` trajectories, spread evenly over the held-out side, that leave room for an answer. */
export function samplePrompts(examples: readonly SplitExample[], { count, context }: { count: number; context: number }): Prompt[] {
  const seen = new Set<string>()
  const fitting = examples.flatMap((example): Prompt[] => {
    const at = example.ce.findIndex((weight, token) => token > 0 && (weight > 0 || example.kl[token]! > 0))
    if (example.split !== 'heldout' || at < 1 || at + SAMPLE_TOKENS > context || seen.has(example.trajectoryId)) return []
    seen.add(example.trajectoryId)
    return [{ example, at }]
  })
  const taken = Math.min(count, fitting.length)
  return Array.from({ length: taken }, (_, i) => fitting[Math.floor((i * fitting.length) / taken)] as Prompt)
}

/** All whole lines, oldest first. */
export function readSamples(dir: string): Sample[] {
  const { samples } = runFiles(dir)
  return existsSync(samples) ? [...readLines(samples, sampleSchema)].filter((sample) => sample !== null) : []
}

/** Steps whose prompts are all answered; what a killed process left of others is taken away. */
function wholeSteps(dir: string, prompts: number): Set<number> {
  const found = readSamples(dir)
  const whole = found.filter(({ step }) => found.filter((other) => other.step === step).length >= prompts)
  const path = runFiles(dir).samples
  const text = whole.map((sample) => `${JSON.stringify(sample)}\n`).join('')
  if (existsSync(path) && readFileSync(path, 'utf8') !== text) writeFileAtomic(path, text)
  return new Set(whole.map(({ step }) => step))
}

export function createSampling(input: SamplingInput): Sampling {
  const { dir, config, proceed, emit } = input
  const { samplesEvery: every, samplePrompts: count, context, threads } = config.settings
  const prompts = every > 0 ? samplePrompts(input.examples, { count, context }) : []
  const answered = every > 0 ? wholeSteps(dir, prompts.length) : new Set<number>()
  let off = every === 0

  const give = (text: string): Outcome => {
    off = true
    input.failed(text)
    return 'go'
  }
  async function answers(done: number, path: string): Promise<Sample[] | null> {
    // Opened for each time and let go behind it: between them its memory is the training's. And llama.cpp's binding keeps an adapter
    // by its path for as long as the model is open: the next one at this path would answer with the first.
    const student = await openStudent({ path: input.student, weights: 'loaded' })
    try {
      return await answersOf(student, { done, path })
    } finally {
      await student.dispose()
    }
  }
  async function answersOf(student: Student, { done, path }: { readonly done: number; readonly path: string }): Promise<Sample[] | null> {
    const { tokenizer } = student
    const size = Math.max(...prompts.map(({ at }) => at)) + SAMPLE_TOKENS
    const continuer = await openContinuer({ student, adapter: { path, scale: 1 }, context: size, threads })
    try {
      const samples: Sample[] = []
      for (const { example, at } of prompts) {
        emit({ type: 'phase', phase: 'samples', done: samples.length, total: prompts.length })
        const began = performance.now()
        const found = await continuer.continue(example.ids.slice(0, at), { maxTokens: SAMPLE_TOKENS, proceed })
        if (!found) return null
        samples.push({
          step: done,
          id: example.id,
          trajectoryId: example.trajectoryId,
          promptTokens: at,
          prompt: textOf(tokenizer, example.ids.slice(0, at)).slice(-TAIL),
          reference: textOf(tokenizer, turnAt(example, at)),
          text: found.text,
          tokens: found.ids.length,
          end: found.end,
          seconds: (performance.now() - began) / 1000,
        })
      }
      return samples
    } finally {
      await continuer.dispose()
    }
  }
  return {
    due: (done) => !off && done > 0 && done % every === 0 && !answered.has(done),
    async take(done, adapter) {
      if (prompts.length === 0) return give('there are no samples: no held-out prompt leaves room for an answer')
      // A temporary name: what a killed trainer leaves is removed by the next.
      const path = join(dir, '.samples-adapter.gguf.tmp')
      let samples: Sample[] | null
      try {
        writeFileAtomic(path, (sink) => writeLoraGguf(adapter, sink))
        samples = await answers(done, path)
      } catch (error) {
        if (error instanceof RetortError && error.code === 'disk-full') throw error
        return give(`there are no samples from here on: ${error instanceof Error ? error.message : String(error)}`)
      } finally {
        rmSync(path, { force: true })
      }
      if (!samples) return 'stop'
      appendLine(runFiles(dir).samples, samples.map((sample) => JSON.stringify(sample)).join('\n'))
      answered.add(done)
      emit({ type: 'samples', samples })
      return 'go'
    },
  }
}

/** The agent's tokens from here to the end of its turn, as many as an answer may have. */
function turnAt({ ids, kinds }: SplitExample, at: number): number[] {
  const end = kinds.findIndex((kind, token) => token >= at && (kind === 'observe' || kind === 'context' || kind === 'end'))
  return ids.slice(at, Math.min(end === -1 ? ids.length : end, at + SAMPLE_TOKENS))
}
