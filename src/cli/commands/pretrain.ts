// `retort pretrain`: a model from text alone, as a GGUF file that can be a student.
import { resolve } from 'node:path'
import type { PretrainWatch } from '../../engine/pretraining/index.ts'
import { pretrainReportSchema, startSchema } from '../../shared/contract/pretraining.ts'
import { mergedTypeSchema } from '../../shared/contract/exporting.ts'
import { quoted } from '../../shared/quoted.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { usageError } from '../parse.ts'
import { createProgressBars } from '../progressBars.ts'

/** `--digits` as llama.cpp names the division of texts. */
const PRE = { joined: 'gpt-2', single: 'smollm' } as const

/** With `--resume` the run's own settings hold. */
const ONLY_NEW = [
  'text', 'config', 'vocab', 'digits', 'start', 'tokens', 'epochs', 'batch-tokens', 'lr', 'warmup', 'weight-decay', 'clip', 'seed', 'threads', 'heldout', 'heldout-every',
  'checkpoint-every',
] as const

function watchOf({ out, signal }: Pick<CommandContext, 'out' | 'signal'>): PretrainWatch & { end(): void } {
  const { show, say, end } = createProgressBars(out)
  return {
    signal,
    onStep: ({ step, loss, tokens, seconds }, total) => {
      const note = `loss ${loss === null ? '-' : loss.toFixed(4)}  ${(tokens / seconds).toFixed(0)} tokens/s`
      show('pretrain', 'steps').update({ done: step, total, note })
    },
    onMeasuring: (done, total) => show('held-out', 'windows').update({ done, total }),
    onHeldout: (step, nll) => say(`held-out loss after step ${step}: ${nll.toFixed(4)} nats a token`),
    note: say,
    end,
  }
}

export const pretrain = defineCommand({
  name: 'pretrain',
  summary: 'train a new model from text alone',
  details:
    'Learns a byte-level vocabulary (BPE) from the text, then every weight of a llama; the file that comes out has tokenizer and chat template and can be a student.\n' +
    'Text: .txt and .md (documents divided by <|endoftext|>, else a file each) and .jsonl (a line has a "text", or the "messages" of a chat); folders are searched. Documents do not see each other.\n' +
    'Ctrl-C stops and saves; --resume with the same --out goes on exactly where it stopped; with --steps, to another end (the learning rate\n' +
    'falls to 0 there); with --window, in longer or shorter windows, which gives the model another context. Exit code 1 when it stops before its end.\n' +
    'A FILE for --config is JSON: layers, width, heads, kvHeads, inner, and where wanted tied and ropeBase.',
  positionals: { names: '[PATH ...]', help: 'further files and folders of text', min: 0, max: 10_000 },
  options: {
    text: { kind: 'text', value: 'PATH', help: 'file or folder of text; further ones may follow' },
    config: { kind: 'text', value: 'SHAPE', help: 'tiny (0.2 million parameters), small (5 million), or a FILE (default: small)' },
    out: { kind: 'text', value: 'FILE', help: "the model's file; the run lies beside it, in FILE without .gguf and with .pretraining (default: pretrained.gguf)", default: 'pretrained.gguf' },
    type: { kind: 'text', value: 'TYPE', help: "of the file's matrices", default: 'F32', choices: mergedTypeSchema.options },
    vocab: { kind: 'int', value: 'N', help: 'tokens of the vocabulary (default: 2048)', min: 259, max: 262_144 },
    digits: { kind: 'text', value: 'HOW', help: 'joined as the text has them, or single: a token for each (default: joined)', choices: ['joined', 'single'] },
    start: { kind: 'text', value: 'HOW', help: 'start values: plain, or copying: two blocks built by hand that copy, which small models take long to learn (default: plain)', choices: startSchema.unwrap().options },
    steps: { kind: 'int', value: 'N', help: 'optimiser steps', min: 1 },
    tokens: { kind: 'int', value: 'N', help: 'tokens to train on, repeats counted', min: 1 },
    epochs: { kind: 'number', value: 'X', help: 'passes over the text (default: 1)', min: 0.001 },
    window: { kind: 'int', value: 'N', help: "tokens of a window, the model's context (default: 512)", min: 16 },
    'batch-tokens': { kind: 'int', value: 'N', help: 'tokens of an optimiser step (default: 4096)', min: 16 },
    lr: { kind: 'number', value: 'X', help: 'peak learning rate (default: 2e-3)' },
    warmup: { kind: 'int', value: 'N', help: 'warm-up steps; then the rate falls to 0 by half a cosine (default: a twentieth)', min: 0 },
    'weight-decay': { kind: 'number', value: 'X', help: 'of matrices, not of norms and the embedding (default: 0.1)', min: 0 },
    clip: { kind: 'number', value: 'X', help: 'largest global gradient norm; 0: no clipping (default: 1)', min: 0 },
    seed: { kind: 'int', value: 'N', help: 'seed of start values, order and split (default: 1)', min: 0 },
    threads: { kind: 'int', value: 'N', help: 'threads (default: all cores)', min: 1 },
    recompute: { kind: 'flag', help: 'compute blocks again in the backward pass: less memory, more time' },
    heldout: { kind: 'number', value: 'SHARE', help: 'share of the text that is held out (default: 0.05)', min: 0, max: 0.5 },
    'heldout-every': { kind: 'int', value: 'N', help: 'steps between measurements of the held-out loss; 0: at the end only (default: 0)', min: 0 },
    'checkpoint-every': { kind: 'int', value: 'N', help: 'steps between checkpoints (default: 20)', min: 1 },
    resume: { kind: 'flag', help: 'go on with the run beside --out' },
  },
  document: pretrainReportSchema,
  async run(options, context) {
    const { args, cwd, engine } = context
    const out = resolve(cwd, options.out)
    const dir = `${out.replace(/\.gguf$/, '')}.pretraining`
    const { type } = options
    const watch = watchOf(context)
    try {
      if (options.resume) {
        const extra: string[] = ONLY_NEW.filter((name) => options[name] !== undefined).map((name) => `--${name}`)
        if (options.recompute) extra.push('--recompute')
        if (args.length > 0) extra.push(...args)
        if (extra.length > 0) throw usageError({ message: 'a run keeps what it was started with', where: 'retort pretrain --resume', found: extra.join(' '), expected: 'no other option but --out, --type, --steps and --window' })
        const { steps, window } = options
        return await engine.resumePretraining({ dir, out, type, change: { steps, window } }, watch)
      }
      const text = [...(options.text === undefined ? [] : [options.text]), ...args].map((path) => resolve(cwd, path))
      if (text.length === 0) throw usageError({ message: 'there is no text', where: 'retort pretrain', expected: '--text PATH' })
      const given = (['steps', 'tokens', 'epochs'] as const).flatMap((of) => (options[of] === undefined ? [] : [{ of, value: options[of] }]))
      if (given.length > 1) throw usageError({ message: 'these say the same thing twice', where: 'retort pretrain', found: given.map(({ of }) => `--${of}`).join(', '), expected: 'one of them' })
      const { config = 'small' } = options
      return await engine.pretrain(
        {
          text, dir, out, type,
          shape: ['small', 'tiny'].includes(config) ? config : resolve(cwd, config),
          extent: given[0] ?? { of: 'epochs', value: 1 },
          settings: {
            vocabulary: options.vocab, pre: options.digits && PRE[options.digits], start: options.start, window: options.window, batchTokens: options['batch-tokens'], lr: options.lr, warmupSteps: options.warmup,
            weightDecay: options['weight-decay'], clipNorm: options.clip, seed: options.seed, threads: options.threads, recompute: options.recompute,
            heldout: options.heldout, heldoutEvery: options['heldout-every'], checkpointEvery: options['checkpoint-every'],
          },
        },
        watch,
      )
    } finally {
      watch.end()
    }
  },
  failed: ({ state }) => state === 'stopped',
  *human({ state, steps, plannedSteps, parameters, vocabulary, tokens, loss, heldout, tokensPerSecond, peakMemoryBytes, path, bytes, type }, { out }) {
    yield `${state}: ${steps} of ${plannedSteps} steps, ${tokens.trained} trained tokens; ${(parameters / 1e6).toFixed(2)} million parameters, ${vocabulary} tokens of vocabulary`
    if (loss.first !== null && loss.last !== null) yield `loss of the first step ${loss.first.toFixed(4)}, of the last ${loss.last.toFixed(4)} nats a token`
    if (heldout) yield `held-out loss ${heldout.nll.toFixed(4)} nats a token, ${(heldout.perByte / Math.LN2).toFixed(4)} bits a byte, over ${heldout.tokens} tokens`
    yield `${tokensPerSecond === null ? '-' : tokensPerSecond.toFixed(0)} tokens/s, peak memory ${(peakMemoryBytes / 1e9).toFixed(2)} GB`
    yield `${path} (${bytes} bytes, ${type})`
    if (state === 'stopped') yield `go on with: retort pretrain --resume --out ${quoted(out)}`
  },
})
