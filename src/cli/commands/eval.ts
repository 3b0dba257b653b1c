// `retort eval`: a student works at a suite's tasks; what it solves, with an interval, and every episode kept.
import { resolve } from 'node:path'
import { z } from 'zod'
import { damagedSchema } from '../../shared/contract/damaged.ts'
import { type EvaluationProgress, evaluationReportSchema, type EvaluationWish } from '../../shared/contract/evaluating.ts'
import { whichSchema } from '../../shared/contract/training.ts'
import { agentStyleSchema } from '../../shared/records/episode.ts'
import { evaluationSchema, promptingSchema, type Solver } from '../../shared/records/evaluation.ts'
import { suiteNameSchema, taskSplitSchema } from '../../shared/records/suite.ts'
import { defineCommand, type CommandContext, type Values } from '../command.ts'
import { FAMILIES, familiesOf } from '../names.ts'
import { evaluationLines, evaluationList } from '../evaluationLines.ts'
import { usageError } from '../parse.ts'
import { REPEATS, wantedRepeats } from '../repeats.ts'
import { budgetOf, newBudget, pricesOf, TEACHER_OPTIONS, trafficOf } from '../teacherOptions.ts'

const OPTIONS = {
  suite: { kind: 'text', value: 'SUITE', help: 'suite of tasks', choices: suiteNameSchema.options },
  student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
  adapter: { kind: 'text', value: 'FILE', help: 'llama.cpp LoRA GGUF' },
  run: { kind: 'text', value: 'RUN', help: 'the adapter of this run of the project, instead of --adapter' },
  which: { kind: 'text', value: 'WHICH', help: 'of --run: the last or the best of its held-out curve', choices: whichSchema.options },
  scale: { kind: 'number', value: 'X', help: "the adapter's strength", default: 1 },
  endpoint: { kind: 'text', value: 'URL', help: 'or: base URL of an OpenAI-compatible endpoint' },
  model: { kind: 'text', value: 'NAME', help: "the endpoint's model" },
  'key-env': TEACHER_OPTIONS['key-env'],
  rpm: TEACHER_OPTIONS.rpm,
  tpm: TEACHER_OPTIONS.tpm,
  tries: TEACHER_OPTIONS.tries,
  patience: TEACHER_OPTIONS.patience,
  'price-in': TEACHER_OPTIONS['price-in'],
  'price-out': TEACHER_OPTIONS['price-out'],
  budget: TEACHER_OPTIONS.budget,
  'budget-tokens': TEACHER_OPTIONS['budget-tokens'],
  expert: { kind: 'flag', help: "or: the suite's own expert, for what can be reached" },
  split: { kind: 'text', value: 'SPLIT', help: 'which tasks: like those of training but never among them, or out of domain', choices: taskSplitSchema.options, default: 'held-out' },
  tasks: { kind: 'int', value: 'N', help: 'how many', default: 40, min: 1, max: 10_000 },
  seed: { kind: 'int', value: 'K', help: 'seed of the tasks', default: 1, min: 0 },
  families: FAMILIES,
  'tasks-file': { kind: 'text', value: 'FILE', help: 'tasks from a file instead: JSON or JSONL with a question and an answer each' },
  prompt: { kind: 'text', value: 'WAY', help: 'as an agent with tools, for a chain of thought without, or that behind looked-up passages', choices: promptingSchema.options, default: 'agent' },
  style: { kind: 'text', value: 'STYLE', help: "how it calls (default: the suite's way)", choices: agentStyleSchema.options },
  example: { kind: 'flag', help: 'put one worked task of training before each question' },
  system: { kind: 'text', value: 'TEXT', help: "system message (default: the suite's)" },
  sag: { kind: 'int', value: 'N', help: 'self-consistent actions: samples of each step that vote', min: 2, max: 64 },
  temperature: { kind: 'number', value: 'X', help: 'of --sag', default: 0.4, min: 0 },
  'top-p': { kind: 'number', value: 'X', help: 'of --sag', default: 0.8, min: 0.01, max: 1 },
  'sampling-seed': { kind: 'int', value: 'N', help: 'of --sag', default: 0, min: 0 },
  steps: { kind: 'int', value: 'N', help: "turns of an episode at most (default: the suite's)", min: 1 },
  'turn-tokens': { kind: 'int', value: 'N', help: "tokens of a turn at most (default: the suite's own; 512 for a chain of thought)", min: 1, max: 100_000 },
  repeats: REPEATS,
  context: { kind: 'int', value: 'N', help: "tokens of context of an episode (default: 4096, at most the student's own)", min: 16 },
  'side-by-side': { kind: 'int', value: 'N', help: 'episodes at a time (default: what suits this machine)', min: 1, max: 64 },
  threads: { kind: 'int', value: 'N', help: 'cores of a student of this machine (default: all)', min: 1, max: 64 },
  resume: { kind: 'text', value: 'ID', help: 'go on with an evaluation that was stopped or failed, instead of a new one; the other options that count are --key-env, budgets, and how fast is asked and worked' },
  list: { kind: 'flag', help: 'only list the evaluations of the project' },
} as const

type Options = Values<typeof OPTIONS>

/** Of an endpoint, also when it is gone on with. */
const AGAIN = ['key-env', 'rpm', 'tpm', 'tries', 'patience', 'budget', 'budget-tokens'] as const satisfies readonly (keyof Options)[]

/** Throws the usage error for what only an endpoint has, where a student of this machine or an expert works at the evaluation. */
async function refuseIdle(id: string, options: Options, { engine, project }: CommandContext): Promise<void> {
  const idle = AGAIN.filter((name) => options[name] !== undefined).map((name) => `--${name}`)
  if (idle.length === 0) return
  const { evaluations } = await engine.listEvaluations({ project })
  const solver = evaluations.find((one) => one.id === id)?.spec.solver.type ?? 'endpoint'
  if (solver === 'endpoint') return
  throw usageError({ message: 'it would change nothing: no endpoint is asked', where: 'retort eval --resume', found: `${idle.join(', ')} with an evaluation of ${solver === 'expert' ? 'an expert' : 'a student of this machine'}`, expected: '--resume ID without it, or with an evaluation of an endpoint' })
}

const given = <Change extends object>(change: Change): Change | undefined => (Object.values(change).some((value) => value !== undefined) ? change : undefined)

async function solverOf(options: Options, { engine, cwd, project, out }: CommandContext): Promise<Solver> {
  const refuse = (found: string, expected: string): Error => usageError({ message: 'it is not clear who works at the tasks', where: 'retort eval', found, expected })
  const ways = [options.endpoint !== undefined, options.expert, [options.student, options.adapter, options.run].some((given) => given !== undefined)]
  if (ways.filter(Boolean).length > 1) throw refuse('more than one of a student, --endpoint and --expert', 'one of them')
  if (options.expert) return { type: 'expert' }
  if (options.endpoint !== undefined) {
    if (options.model === undefined) throw refuse('--endpoint without --model', '--model NAME with it')
    return { type: 'endpoint', provider: options.endpoint, model: options.model }
  }
  if (options.adapter !== undefined && options.run !== undefined) throw refuse('--adapter and --run', 'one of them')
  const run = options.run ?? null
  const path = run === null ? options.adapter && resolve(cwd, options.adapter) : await engine.adapterOfRun({ project, run, which: options.which })
  const { path: student } = engine.findStudent(options.student)
  out.note(`student: ${student}`)
  return { type: 'local', student, adapter: path === undefined ? null : { path, scale: options.scale, run } }
}

async function wishOf(options: Options, context: CommandContext): Promise<EvaluationWish> {
  const { suite, split, tasks, seed, prompt, style, example, system, sag, temperature, steps, 'turn-tokens': turnTokens } = options
  if (suite === undefined) throw usageError({ message: 'the suite is missing', where: 'retort eval', found: 'no --suite', expected: `--suite ${suiteNameSchema.options.join('|')}, or --resume ID` })
  const tasksFile = options['tasks-file']
  return {
    suite, split, tasks, seed, prompting: prompt, example, ...familiesOf(options.families, 'eval'),
    ...(tasksFile === undefined ? {} : { tasksFile: resolve(context.cwd, tasksFile) }),
    ...(style === undefined ? {} : { style }),
    ...(system === undefined ? {} : { system }),
    ...(steps === undefined ? {} : { steps }),
    ...(turnTokens === undefined ? {} : { turnTokens }),
    ...wantedRepeats(options.repeats, 'eval'),
    solver: await solverOf(options, context),
    sag: sag === undefined ? null : { samples: sag, temperature, topP: options['top-p'] },
  }
}

export const evalCommand = defineCommand({
  name: 'eval',
  summary: "how many of a suite's tasks a student solves, with every episode kept",
  details: `The figures have 95 % intervals (Wilson). Tasks that are done are on the disk: an evaluation that was stopped goes on
with --resume ID, and --list says their ids. A task whose model failed (an endpoint that refuses) has no result and is counted apart; after
five in a row the evaluation ends, failed, and can be gone on with. What an endpoint has answered is not paid for again, and a budget counts all starts. Episodes are kept in the project's folder evaluations and never become training data by themselves.`,
  options: OPTIONS,
  together: {
    alone: {
      list: { besides: [], why: 'all evaluations of the project are listed' },
      resume: { besides: [...AGAIN, 'side-by-side', 'threads'], why: 'an evaluation keeps what it was begun with' },
    },
    needs: { ...Object.fromEntries(['price-in', 'price-out', 'model'].map((name) => [name, ['endpoint']])), ...Object.fromEntries(AGAIN.map((name) => [name, ['endpoint', 'resume']])), temperature: ['sag'], 'top-p': ['sag'], 'sampling-seed': ['sag'] },
  },
  document: z.union([evaluationReportSchema, z.object({ evaluations: z.array(evaluationSchema), damaged: z.array(damagedSchema) })]),
  async run(options, context) {
    const { engine, project, signal, out } = context
    if (options.list) return engine.listEvaluations({ project })
    if (options.resume !== undefined) await refuseIdle(options.resume, options, context)
    const bar = out.progress('eval', 'tasks')
    let told = false
    const watch = {
      signal,
      sideBySide: options['side-by-side'],
      threads: options.threads,
      ...(options.resume === undefined ? {} : { again: { budget: newBudget(options, 'eval'), traffic: given(trafficOf(options)) } }),
      onNotice: (text: string) => out.note(text),
      endpointOf: (url: string) => engine.namedEndpoint({ url, keyVariable: options['key-env'] }),
      onProgress: ({ evaluation: { id, summary, total, spec }, phase }: EvaluationProgress): void => {
        if (!told) out.note(`evaluation ${id}`)
        if (!told && total < spec.tasks.count) out.note(`FEWER TASKS: asked ${spec.tasks.count}, there are ${total}`)
        told = true
        if (phase === 'working') bar.update({ done: summary.tasks + summary.withoutResult, total, note: `${summary.successes} solved${summary.withoutResult > 0 ? `, ${summary.withoutResult} WITHOUT RESULT` : ''}` })
      },
    }
    const begin = async (): Promise<string> =>
      engine.beginEvaluation({
        project, wish: await wishOf(options, context), context: options.context, seed: options['sampling-seed'],
        terms: options.endpoint === undefined ? null : { prices: pricesOf(options, 'eval'), budget: budgetOf(options, 'eval'), traffic: trafficOf(options) },
      })
    try {
      return await engine.runEvaluation({ project, id: options.resume ?? (await begin()), ...watch })
    } finally {
      bar.end()
    }
  },
  human: (document) => ('evaluations' in document ? evaluationList(document) : evaluationLines(document)),
  failed: (document) => 'state' in document && document.state !== 'finished',
})
