// `retort train`: trains a LoRA adapter on the project's trajectories, or goes on with a run.
import { resolve } from 'node:path'
import { trainSummarySchema, type TrainSummary } from '../../shared/contract/training.ts'
import type { Plan } from '../../shared/records/plan.ts'
import { computeSchema, providerChoiceSchema } from '../../shared/records/provider.ts'
import { defineCommand } from '../command.ts'
import { labelKilled } from '../labelKilled.ts'
import { usageError } from '../parse.ts'
import { givenOf, RUN_OPTIONS, settingsOf } from '../runOptions.ts'
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
  const { teacher } = summary
  if (teacher && teacher.mass !== null) yield `teacher: ${teacher.label}; the ${teacher.k} named tokens have ${(100 * teacher.mass).toFixed(1)} % of the probability`
  yield `${summary.tokensPerSecond.toFixed(0)} tokens/s, peak memory of the trainer ${(summary.peakMemoryBytes / 1e9).toFixed(2)} GB`
  if (summary.stages) {
    const figure = (value: number | null): string => (value === null ? '-' : value.toFixed(4))
    yield* table(
      ['stage', 'steps', 'tokens', 'trained', 'seconds', 'loss first', 'last', 'gate'],
      summary.stages.map(({ name, steps, tokens, trainedTokens, seconds, loss, gate }) => [
        name, steps, tokens, trainedTokens, seconds.toFixed(1), figure(loss.first), figure(loss.last),
        gate.map(({ step, actAccuracy, decision }) => `step ${step}: ${actAccuracy === null ? '-' : `${(100 * actAccuracy).toFixed(1)} %`} ${decision}`).join('; '),
      ]),
    )
  }
  if (summary.endedEarly !== null) yield `ended early: ${summary.endedEarly}`
  if (summary.noGain !== undefined) yield `WARNING: ${summary.noGain}`
  else if (summary.best) yield `best after step ${summary.best.step}: held-out ${summary.best.on === 'loss' ? `loss ${summary.best.value.toFixed(4)}` : `accuracy of ACT tokens ${(100 * summary.best.value).toFixed(2)} %`}`
  yield `adapter ${summary.adapter}`
  if (summary.bestAdapter !== null) yield `best adapter ${summary.bestAdapter}`
  yield `metrics ${summary.metrics}`
  if (summary.state === 'stopped') yield `go on with: retort train --resume ${summary.run}`
}

/** Throws a usage error for options that the plan leaves no room for: they would be silently without effect. */
export function requireEffect(plan: Plan, given: readonly string[]): void {
  const open = (of: (stage: Plan['stages'][number]) => unknown): boolean => plan.stages.some((stage) => of(stage) === null)
  const without = given.filter(
    (name) => name === 'epochs' || (name === 'recipe' && !open(({ recipe }) => recipe)) || (name === 'lr' && !open(({ lr }) => lr)),
  )
  if (without.length === 0) return
  throw usageError({
    message: 'the plan says this itself, for each stage',
    where: 'retort --plan',
    found: without.map((name) => `--${name}`).join(', '),
    expected: 'the plan without them, or a plan whose stages leave them open (null)',
  })
}

export const train = defineCommand({
  name: 'train',
  summary: "train an adapter on the project's trajectories",
  details:
    'Ctrl-C stops and saves; --resume goes on exactly where it stopped. The data, split and settings of a run are fixed when it starts.\n' +
    'Exit code 1 when it stops before its end, so that `train && export` exports whole runs only; the document says "stopped".',
  options: {
    student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
    ...RUN_OPTIONS,
    provider: { kind: 'text', value: 'NAME', help: 'where the graphs run; auto: the fastest that passed its self-test (default: cpu)', choices: providerChoiceSchema.options },
    compute: { kind: 'text', value: 'NAME', help: 'f16: frozen weights and activations in half precision, for graphics cards (default: f32)', choices: computeSchema.options },
    'change-provider': { kind: 'flag', help: 'with --resume: go on with --provider although the run was started with another' },
    plan: { kind: 'text', value: 'FILE', help: 'curriculum, as `retort plan make` writes it; stages that leave recipe or learning rate open take those given here' },
    'allow-memory-overrun': { kind: 'flag', help: 'start a run that is estimated not to fit into memory all the same; the machine may become unusable, or the system may end programs' },
    like: { kind: 'text', value: 'RUN', help: 'a new run that repeats this one exactly: its examples, settings, seed and student; --student says where the student lies now' },
    resume: { kind: 'text', value: 'RUN', help: 'go on with this run of the project; --student says where its student lies now' },
  },
  document: trainSummarySchema,
  async run(options, { project, cwd, engine, out, signal }) {
    const old = options.resume !== undefined ? 'resume' : options.like !== undefined ? 'like' : null
    if (old !== null) {
      const extra = [
        ...givenOf(options),
        ...(options.plan === undefined ? [] : ['plan']),
        ...(options.compute === undefined ? [] : ['compute']),
        ...(old === 'like' && options.provider !== undefined ? ['provider'] : []),
        ...(old === 'resume' && options['allow-memory-overrun'] ? ['allow-memory-overrun'] : []),
        ...(options.resume !== undefined && options.like !== undefined ? ['like'] : []),
      ]
      if (extra.length > 0)
        throw usageError({ message: old === 'like' ? 'a run that repeats another one has its settings' : 'a run keeps the settings it was started with', where: `retort train --${old}`, found: extra.map((name) => `--${name}`).join(', '), expected: 'no other option but --student' })
    }
    const watch = watchTraining(out, { signal })
    const { 'allow-memory-overrun': allowMemoryOverrun } = options
    try {
      if (options.resume !== undefined) {
        const student = options.student === undefined ? undefined : engine.findStudent(options.student).path
        const { provider: choice, 'change-provider': changeProvider } = options
        const provider = choice === undefined ? undefined : await engine.pickProvider(choice, { signal })
        return await engine.resume({ project, run: options.resume, student, provider, changeProvider, watch })
      }
      if (options.like !== undefined) {
        const student = options.student === undefined ? undefined : engine.findStudent(options.student).path
        return await engine.trainLike({ project, run: options.like, student, allowMemoryOverrun, watch })
      }
      const plan = options.plan === undefined ? null : await engine.readPlan(resolve(cwd, options.plan))
      if (plan) requireEffect(plan, givenOf(options))
      const { path } = engine.findStudent(options.student)
      out.note(`student: ${path}`)
      const { compute = 'f32' } = options
      const settings = settingsOf(options, cwd)
      const provider = await engine.pickProvider(options.provider ?? 'cpu', {
        compute, run: { settings, plan }, onTest: (name) => out.note(`testing ${name}`), onPassedOver: (text) => out.note(text), signal,
      })
      if (options.provider === 'auto') out.note(`provider: ${provider}`)
      await labelKilled({ engine, project, out })
      return await engine.train({
        project,
        student: path,
        settings: { ...settings, provider, compute },
        ...(plan && { plan }),
        allowMemoryOverrun,
        watch,
      })
    } finally {
      watch.end()
    }
  },
  human: summaryLines,
  failed: ({ state }) => state === 'stopped',
})
