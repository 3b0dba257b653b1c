// `retort train`: trains a LoRA adapter on the project's trajectories, or goes on with a run.
import { trainSummarySchema, type TrainSummary } from '../../shared/contract/training.ts'
import { recipeNameSchema } from '../../shared/records/recipe.ts'
import { settingsShapeSchema } from '../../shared/records/run.ts'
import { defineCommand } from '../command.ts'
import { usageError } from '../parse.ts'
import { table } from '../text.ts'
import { watchTraining } from '../trainWatch.ts'

export function* summaryLines(summary: TrainSummary): Iterable<string> {
  const { heldout, loss } = summary
  yield `${summary.state}: run ${summary.run}, ${summary.steps} steps, ${summary.trainedTokens} trained tokens; recipe ${summary.recipe}`
  if (loss.first !== null && loss.last !== null) yield `loss of the first step ${loss.first.toFixed(4)}, of the last ${loss.last.toFixed(4)} (each on its own batch)`
  if (heldout) {
    const rows = Object.entries(heldout.byKind).map(([kind, { before, after }]) => [kind, before.toFixed(4), after.toFixed(4)])
    yield* table(['held-out nll', 'before', 'after'], [['agent tokens', heldout.before.toFixed(4), heldout.after.toFixed(4)], ...rows])
  }
  yield `${summary.tokensPerSecond.toFixed(0)} tokens/s, peak memory of the trainer ${(summary.peakMemoryBytes / 1e9).toFixed(2)} GB`
  if (summary.endedEarly !== null) yield `ended early: ${summary.endedEarly}`
  if (summary.best) yield `best after step ${summary.best.step}: held-out ${summary.best.on === 'loss' ? `loss ${summary.best.value.toFixed(4)}` : `accuracy of ACT tokens ${(100 * summary.best.value).toFixed(2)} %`}`
  yield `adapter ${summary.adapter}`
  if (summary.bestAdapter !== null) yield `best adapter ${summary.bestAdapter}`
  yield `metrics ${summary.metrics}`
  if (summary.state === 'stopped') yield `go on with: retort train --resume ${summary.run}`
}

/** Options that belong to a new run: with --resume they would be silently without effect. */
const ONLY_NEW = ['recipe', 'rank', 'alpha', 'lr', 'schedule', 'warmup', 'epochs', 'max-steps', 'batch-tokens',
  'micro-tokens', 'recompute', 'weight-decay', 'clip', 'seed', 'heldout', 'threads', 'context', 'too-long', 'checkpoint-every', 'heldout-every', 'heldout-tokens',
  'early-stop', 'patience', 'min-gain', 'samples-every', 'sample-prompts'] as const

export const train = defineCommand({
  name: 'train',
  summary: "train an adapter on the project's trajectories",
  details:
    'Ctrl-C stops and saves; --resume goes on exactly where it stopped. The data, split and settings of a run are fixed when it starts.\n' +
    'Exit code 1 when it stops before its end, so that `train && export` exports whole runs only; the document says "stopped".',
  options: {
    student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
    recipe: { kind: 'text', value: 'NAME', help: 'span recipe (default: sad)', choices: recipeNameSchema.options },
    rank: { kind: 'int', value: 'N', help: 'LoRA rank (default: 16)', min: 1, max: 1024 },
    alpha: { kind: 'number', value: 'X', help: 'LoRA alpha; the adapter is scaled by alpha / rank (default: 32)' },
    lr: { kind: 'number', value: 'X', help: 'peak learning rate (default: 2e-4)' },
    schedule: { kind: 'text', value: 'NAME', help: 'after the warm-up (default: linear)', choices: ['linear', 'cosine', 'constant'] },
    warmup: { kind: 'int', value: 'N', help: 'warm-up steps (default: 4)', min: 0 },
    epochs: { kind: 'number', value: 'X', help: 'passes over the data (default: 1)' },
    'max-steps': { kind: 'int', value: 'N', help: 'stop the plan after this many steps', min: 1 },
    'batch-tokens': { kind: 'int', value: 'N', help: 'tokens of an optimiser step, whole examples (default: 2048)', min: 1 },
    'micro-tokens': { kind: 'int', value: 'N', help: 'tokens of one forward and backward pass (default: 256)', min: 1 },
    recompute: { kind: 'flag', help: 'compute blocks again in the backward pass: less memory, more time' },
    'weight-decay': { kind: 'number', value: 'X', help: 'decoupled weight decay (default: 0)', min: 0 },
    clip: { kind: 'number', value: 'X', help: 'largest global gradient norm; 0: no clipping (default: 1)', min: 0 },
    seed: { kind: 'int', value: 'N', help: 'seed of the start values and of the order (default: 1)', min: 0 },
    heldout: { kind: 'number', value: 'SHARE', help: 'share of tasks held out (default: 0.1)', min: 0, max: 0.9 },
    threads: { kind: 'int', value: 'N', help: 'threads (default: all cores)', min: 1 },
    context: { kind: 'int', value: 'N', help: 'longest example in tokens (default: 2048)', min: 8 },
    'too-long': { kind: 'text', value: 'WHAT', help: 'examples longer than that (default: refuse)', choices: ['refuse', 'drop', 'keep-last'] },
    'checkpoint-every': { kind: 'int', value: 'N', help: 'steps between checkpoints (default: 10)', min: 1 },
    'heldout-every': { kind: 'int', value: 'N', help: 'steps between held-out evaluations while training; 0: only before and after (default: 0)', min: 0 },
    'heldout-tokens': { kind: 'int', value: 'N', help: 'tokens of each of those, whole examples; 0: the whole held-out side (default: 0)', min: 0 },
    'early-stop': { kind: 'text', value: 'WHAT', help: 'end when held-out evaluations bring no gain in the loss, or in the accuracy of ACT tokens (default: off); evaluates every 10 steps unless --heldout-every says otherwise', choices: settingsShapeSchema.shape.earlyStop.options },
    patience: { kind: 'int', value: 'N', help: 'evaluations in a row without a gain that end it (default: 3)', min: 1 },
    'min-gain': { kind: 'number', value: 'X', help: 'a gain of this much or less is none: nats a token, or a share (default: 0)', min: 0 },
    'samples-every': { kind: 'int', value: 'N', help: 'steps between two times that the student answers held-out prompts; 0: never (default: 0)', min: 0 },
    'sample-prompts': { kind: 'int', value: 'N', help: 'how many (default: 3)', min: 1, max: 50 },
    like: { kind: 'text', value: 'RUN', help: 'a new run that repeats this one exactly: its examples, settings, seed and student; --student says where the student lies now' },
    resume: { kind: 'text', value: 'RUN', help: 'go on with this run of the project; --student says where its student lies now' },
  },
  document: trainSummarySchema,
  async run(options, { project, engine, out, signal }) {
    const old = options.resume !== undefined ? 'resume' : options.like !== undefined ? 'like' : null
    if (old !== null) {
      const extra = ONLY_NEW.filter((name) => options[name] !== undefined && options[name] !== false)
      if (options.resume !== undefined && options.like !== undefined) extra.push('like' as never)
      if (extra.length > 0)
        throw usageError({ message: old === 'like' ? 'a run that repeats another one has its settings' : 'a run keeps the settings it was started with', where: `retort train --${old}`, found: extra.map((name) => `--${name}`).join(', '), expected: 'no other option but --student' })
    }
    const watch = watchTraining(out, { signal })
    try {
      if (options.resume !== undefined) {
        const student = options.student === undefined ? undefined : engine.findStudent(options.student).path
        return await engine.resume({ project, run: options.resume, student, watch })
      }
      if (options.like !== undefined) {
        const student = options.student === undefined ? undefined : engine.findStudent(options.student).path
        return await engine.trainLike({ project, run: options.like, student, watch })
      }
      const { path } = engine.findStudent(options.student)
      out.note(`student: ${path}`)
      return await engine.train({
        project,
        student: path,
        settings: {
          recipe: options.recipe ?? 'sad',
          rank: options.rank,
          alpha: options.alpha,
          lr: options.lr,
          schedule: options.schedule,
          warmupSteps: options.warmup,
          epochs: options.epochs,
          maxSteps: options['max-steps'],
          batchTokens: options['batch-tokens'],
          microTokens: options['micro-tokens'],
          recompute: options.recompute,
          weightDecay: options['weight-decay'],
          clipNorm: options.clip,
          seed: options.seed,
          heldout: options.heldout,
          threads: options.threads,
          context: options.context,
          tooLong: options['too-long'],
          checkpointEvery: options['checkpoint-every'],
          heldoutEvery: options['heldout-every'],
          heldoutTokens: options['heldout-tokens'],
          earlyStop: options['early-stop'],
          patience: options.patience,
          minGain: options['min-gain'],
          samplesEvery: options['samples-every'],
          samplePrompts: options['sample-prompts'],
        },
        watch,
      })
    } finally {
      watch.end()
    }
  },
  human: summaryLines,
  failed: ({ state }) => state === 'stopped',
})
