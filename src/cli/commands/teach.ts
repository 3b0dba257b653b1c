// `retort teach`: a teacher works at a suite's tasks, and its good episodes become trajectories of the project.
import type { BatchRequest, OpenedBy } from '../../engine/teaching/index.ts'
import { teachReplySchema, type RolloutEstimate, type RolloutProgress, type RolloutReport, type TeachReply } from '../../shared/contract/rollouts.ts'
import { RetortError } from '../../shared/errors.ts'
import { agentStyleSchema } from '../../shared/records/episode.ts'
import { suiteNameSchema } from '../../shared/records/suite.ts'
import { type CommandContext, defineCommand, type OptionTable, type Values } from '../command.ts'
import { FAMILIES, familiesOf } from '../names.ts'
import { counted, exceededLines, expectedText, moneyText, paidText } from '../counted.ts'
import { usageError } from '../parse.ts'
import { REPEATS, repeatsOf } from '../repeats.ts'
import { budgetOf, newBudget, openedTeacher, pricesOf, TEACHER_AGAIN, TEACHER_OPTIONS, teacherAgain, thoughtOf, trafficOf } from '../teacherOptions.ts'

const OPTIONS = {
  suite: { kind: 'text', value: 'SUITE', help: 'whose tasks', choices: suiteNameSchema.options },
  ...TEACHER_OPTIONS,
  n: { kind: 'int', value: 'N', help: 'tasks of the training split', default: 20, min: 1, max: 100_000 },
  first: { kind: 'int', value: 'I', help: 'number of the first of them, from 0', default: 0, min: 0 },
  families: FAMILIES,
  seed: { kind: 'int', value: 'K', help: 'seed of the tasks, and of the sampling', default: 0, min: 0 },
  'per-task': { kind: 'int', value: 'N', help: 'episodes of each task', default: 1, min: 1, max: 64 },
  style: { kind: 'text', value: 'STYLE', help: "how it calls (default: the suite's own)", choices: agentStyleSchema.options },
  temperature: { kind: 'number', value: 'X', help: '0 takes the likeliest token', default: 0, min: 0, max: 4 },
  'top-p': { kind: 'number', value: 'X', help: 'share of probability to sample from', default: 1, min: 0.01, max: 1 },
  steps: { kind: 'int', value: 'N', help: "turns of an episode at most (default: the suite's own)", min: 1 },
  'turn-tokens': { kind: 'int', value: 'N', help: "tokens of a turn at most, thinking among them (default: the suite's own; of an endpoint 2048)", min: 1 },
  repeats: REPEATS,
  'first-thought': { kind: 'text', value: 'WHERE', help: 'the first turn begins with its own chain of thought: off, all, or families of tasks with commas between', default: 'off' },
  'student-prompt': { kind: 'text', value: 'TEXT', help: "system message of the student in what is kept, in place of the teacher's long one; '' for none (default: the suite's short one)" },
  logprobs: { kind: 'int', value: 'K', help: "log-probabilities of K tokens at each place, where the endpoint gives them", default: 0, min: 0, max: 20 },
  restate: { kind: 'number', value: 'X', help: 'of an expert: share of episodes that first say what is asked', min: 0, max: 1 },
  recovery: { kind: 'number', value: 'X', help: 'of an expert: share of episodes with a slip that is mended', min: 0, max: 1 },
  stepwise: { kind: 'number', value: 'X', help: 'of an expert: share of episodes that go one operation at a time', min: 0, max: 1 },
  estimate: { kind: 'flag', help: 'only say what it would take' },
  resume: { kind: 'text', value: 'BATCH', help: 'go on with this batch of the project; the other options that count are --key-env, budgets, and how fast it is asked' },
} as const satisfies OptionTable

type Options = Values<typeof OPTIONS>

const OF_EXPERT = ['restate', 'recovery', 'stepwise'] as const

/** What an expert shows belongs to an expert. */
async function teacherOf(options: Options, context: CommandContext): Promise<OpenedBy> {
  const shown = OF_EXPERT.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const]))
  const opened = await openedTeacher(options, context, 'teach')
  if (opened.type === 'expert') return { type: 'expert', settings: Object.fromEntries(shown) }
  if (shown.length === 0) return opened
  throw usageError({ message: 'who the teacher is must be clear', where: 'retort teach', found: `${shown.map(([name]) => `--${name}`).join(', ')} with --teacher ${options.teacher}`, expected: '--teacher expert with it' })
}

/** The likeliest token is the same each time: each episode of a task is paid for, and all but one are thrown away. A script has voices. */
function refuseSame({ teacher, temperature, 'per-task': perTask }: Options): void {
  if (teacher === 'expert' || perTask === 1 || temperature > 0) return
  throw usageError({ message: 'episodes of a task would be the same', where: 'retort teach', found: `--per-task ${perTask} with --temperature 0`, expected: '--temperature above 0 with it, or one episode of each task' })
}

async function requestOf(options: Options, context: CommandContext): Promise<BatchRequest> {
  if (options.suite === undefined) throw usageError({ message: 'there are no tasks', where: 'retort teach', found: 'no --suite', expected: `--suite ${suiteNameSchema.options.join('|')}, or --resume BATCH` })
  refuseSame(options)
  const { suite, seed, first, style, temperature, steps, logprobs } = options
  return {
    suite, seed, first, style, temperature, steps, logprobs, tasks: options.n, ...familiesOf(options.families, 'teach'), perTask: options['per-task'], topP: options['top-p'],
    turnTokens: options['turn-tokens'], repeats: repeatsOf(options.repeats, 'teach'), firstThought: thoughtOf(options['first-thought']), teacher: await teacherOf(options, context), provider: null,
    prices: pricesOf(options, 'teach'), budget: budgetOf(options, 'teach'), traffic: trafficOf(options), studentPrompt: options['student-prompt'] ?? null,
  }
}

/** What one of the teachers is writing, its end; a terminal shows as much of it as there is room for. */
function written(working: RolloutProgress['working']): string {
  const text = working.find((one) => one.text !== '')?.text.replace(/\s+/g, ' ').trim() ?? ''
  return text === '' ? '' : `  "${text.slice(-LAST_WRITTEN)}"`
}

const LAST_WRITTEN = 60

async function make(options: Options, context: CommandContext): Promise<RolloutReport> {
  const { engine, project, out, signal } = context
  const progress = out.progress('teach', 'episodes')
  let told: string | null = null
  const watch = {
    signal,
    onProgress: ({ done, total, kept, usage, notice, working }: RolloutProgress) => {
      if (notice !== null && notice !== told) out.note(notice)
      told = notice
      progress.update({ done, total, note: `${kept} kept${usage.cost ? `, ${moneyText(usage.cost)}` : ''}${written(working)}` })
    },
  }
  try {
    if (options.resume === undefined) return await engine.makeRollouts({ project, request: await requestOf(options, context), watch })
    return await engine.resumeRollouts({ project, batch: options.resume, budget: newBudget(options, 'teach'), traffic: trafficOf(options), find: (kept) => teacherAgain(kept, options, context), watch })
  } finally {
    progress.end()
  }
}

function* estimateLines({ episodes, requests, promptTokens, tokens, cost, most, basis }: RolloutEstimate): Iterable<string> {
  yield `${counted(episodes, 'episode')}, about ${counted(requests, 'request')}: ${promptTokens} tokens read, ${tokens} written${expectedText(cost)}`
  yield `at most ${counted(most.requests, 'request')} and ${most.tokens} tokens${most.cost === null || most.cost === 0 ? '' : `, ${moneyText(most.cost)}`}`
  yield `from ${basis}`
}

function* reportLines(report: RolloutReport): Iterable<string> {
  const { kept, duplicates, rejected, rejections, done, total, usage, coverage, firstThoughts, lost, state, reason, batch, budget, folder, teacher } = report
  yield `${teacher}: ${done} of ${counted(total, 'episode')}, ${kept} kept${duplicates > 0 ? ` (${duplicates} ${duplicates === 1 ? 'was' : 'were'} in the project already)` : ''}, ${rejected} rejected`
  for (const { reason: why, count, detail } of rejections) yield `  ${count} x ${why}${detail === undefined || detail === '' ? '' : count === 1 ? `: ${detail}` : `, the last: ${detail}`}`
  const { answered = usage.requests, failed = 0, cost } = usage
  yield `${counted(answered, 'answer')}, ${usage.promptTokens} tokens read, ${usage.tokens} written${paidText(cost)}${failed > 0 ? `; failed calls: ${failed}` : ''}${usage.replayed > 0 ? `, ${counted(usage.replayed, 'answer')} from the journal` : ''}`
  if (usage.assumed > 0) yield `  ${counted(usage.assumed, 'call')} whose usage was not said, counted at ${usage.assumed === 1 ? 'its' : 'their'} most${lost > 0 ? `; ${lost} ${lost === 1 ? 'was' : 'were'} open when the batch was cut off` : ''}`
  yield* exceededLines(usage, budget)
  if (coverage.asked) yield `log-probabilities: ${coverage.tokens} of ${coverage.of} tokens written`
  if (firstThoughts.continued + firstThoughts.instructed > 0) yield `first thoughts: ${firstThoughts.continued} continued, ${firstThoughts.instructed} asked for in words`
  if (state !== 'finished') yield `${reason ?? state}; go on with --resume ${batch}`
  yield folder
}

export const teach = defineCommand({
  name: 'teach',
  summary: "let a teacher work at a suite's tasks, and keep its good episodes as trajectories",
  details:
    'Kept are episodes with the right answer whose every turn could be read. The teacher is asked with a long prompt that says how the\n' +
    'tasks are best solved; what is kept has the short one that a student is served with, or --student-prompt, so that the student learns\n' +
    "to do without it (prompt distillation). All of them, kept or not, are in the project's folder rollouts. Every answer is on the disk\n" +
    'before anything follows from it: what is stopped or killed goes on with --resume, and asks nothing twice. What\n' +
    'another batch of the project was answered to the same request is taken from there: another --seed asks anew. With a budget it stops\n' +
    'before the request that might exceed it; and where nothing of 50 episodes is kept, it ends too, and goes on with --resume.',
  options: OPTIONS,
  together: { alone: { resume: { besides: TEACHER_AGAIN, why: 'a batch keeps what it was begun with' } } },
  document: teachReplySchema,
  async run(options, context): Promise<TeachReply> {
    const { engine, signal } = context
    if (options.estimate) return { estimate: await engine.estimateRollouts(await requestOf(options, context), signal), report: null }
    const report = await make(options, context)
    // What is done is kept and said; the command was ended nevertheless.
    if (signal.aborted) throw new RetortError({ code: 'stopped', message: 'stopped by the user', found: `${report.done} of ${report.total} episodes`, where: report.folder, advice: `go on with --resume ${report.batch}` })
    return { estimate: null, report }
  },
  *human({ estimate, report }) {
    if (estimate) yield* estimateLines(estimate)
    if (report) yield* reportLines(report)
  },
  failed: ({ report }) => report !== null && (report.state === 'failed' || report.kept === 0),
})
