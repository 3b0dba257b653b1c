// `retort ask`: a teacher's continuations of a step of a trajectory, and one of them put in its place.
import type { OpenedBy } from '../../engine/teaching/index.ts'
import { type Accepted, type AskEstimate, type Asked, type AskReply, askReplySchema, askSettingsSchema, type Continuation, unacceptable } from '../../shared/contract/asking.ts'
import { suiteNameSchema } from '../../shared/records/suite.ts'
import { type CommandContext, defineCommand, type OptionTable, type Values } from '../command.ts'
import { counted, estimateLines, moneyText } from '../counted.ts'
import { usageError } from '../parse.ts'
import { budgetOf, openedTeacher, pricesOf, TEACHER_OPTIONS } from '../teacherOptions.ts'

const OPTIONS = {
  step: { kind: 'int', value: 'K', help: "number of the agent's turn, from 0", min: 0 },
  teacher: { kind: 'text', value: 'T', help: 'base URL of an endpoint, a GGUF file, or expert (with --suite)' },
  model: TEACHER_OPTIONS.model,
  protocol: TEACHER_OPTIONS.protocol,
  'key-env': TEACHER_OPTIONS['key-env'],
  prefill: TEACHER_OPTIONS.prefill,
  suite: { kind: 'text', value: 'SUITE', help: 'of an expert: whose tasks', choices: suiteNameSchema.options },
  'suite-seed': { kind: 'int', value: 'K', help: 'of an expert: seed of the tasks', default: 0, min: 0 },
  n: { kind: 'int', value: 'N', help: 'continuations', default: 4, min: 1, max: 32 },
  temperature: { kind: 'number', value: 'X', help: '0 takes the likeliest token', default: 0.7, min: 0, max: 4 },
  'top-p': { kind: 'number', value: 'X', help: 'share of probability to sample from', default: 1, min: 0.01, max: 1 },
  seed: { kind: 'int', value: 'N', help: 'of the first; each further one has the next', default: 0, min: 0, max: 0xffffff },
  'turn-tokens': { kind: 'int', value: 'N', help: 'tokens of a continuation at most', default: 512, min: 1 },
  'price-in': TEACHER_OPTIONS['price-in'],
  'price-out': TEACHER_OPTIONS['price-out'],
  budget: TEACHER_OPTIONS.budget,
  'budget-tokens': TEACHER_OPTIONS['budget-tokens'],
  estimate: { kind: 'flag', help: 'only say what it would cost' },
  accept: { kind: 'int', value: 'I', help: 'put this continuation of --asked in the place of its step; nothing is asked', min: 0 },
  asked: { kind: 'text', value: 'ASKING', help: 'of --accept: which asking, as its last line named it' },
  author: { kind: 'text', value: 'NAME', help: 'who accepts it', default: 'retort ask' },
} as const satisfies OptionTable

type Options = Values<typeof OPTIONS>

const refuse = (message: string, found: string, expected: string): Error => usageError({ message, where: 'retort ask', found, expected })

async function teacherOf(options: Options & { teacher: string }, context: CommandContext): Promise<OpenedBy> {
  if (options.teacher === 'expert' && options.suite === undefined) {
    throw refuse('an expert knows the tasks of a suite', '--teacher expert without --suite', `--suite ${suiteNameSchema.options.join('|')}, of which the trajectory is, and its --suite-seed`)
  }
  return openedTeacher(options, context, 'ask')
}

function* continuationLines({ index, turn, end, problem, same, sameDoing, error, tokens }: Continuation): Iterable<string> {
  yield `-- ${index}${same ? ', as recorded' : sameDoing ? '' : ', another action'}${problem === null ? '' : `, ${problem}`}${turn === null || end === 'stop' || end === 'cut' ? '' : `, not whole: ended by ${end}`}${tokens === null ? '' : `, ${tokens} tokens`}`
  yield turn === null ? `failed: ${error ? [error.message, error.found].filter(Boolean).join(': ') : 'no answer'}` : turn.text
}

async function ask(options: Options, context: CommandContext): Promise<{ estimate: AskEstimate; asked: Asked | null }> {
  const { engine, project, args: [trajectory], out, signal } = context
  const { step, teacher } = options
  if (trajectory === undefined || step === undefined || teacher === undefined) {
    throw refuse('it is not clear what is asked for', [trajectory === undefined ? 'no ID' : '', step === undefined ? 'no --step' : '', teacher === undefined ? 'no --teacher' : ''].filter(Boolean).join(', '), 'retort ask ID --step K --teacher T; or --asked ASKING --accept I')
  }
  const settings = askSettingsSchema.parse({
    step, n: options.n, temperature: options.temperature, topP: options['top-p'], seed: options.seed, turnTokens: options['turn-tokens'],
    prices: pricesOf(options, 'ask'), budget: budgetOf(options, 'ask'), suite: options.suite, suiteSeed: options['suite-seed'],
  })
  const question = { project, trajectory, teacher: await teacherOf({ ...options, teacher }, context), settings }
  const estimate = await engine.estimateAsk(question)
  for (const line of estimateLines(estimate)) out.note(line)
  if (options.estimate) return { estimate, asked: null }
  let asked: Asked | null = null
  for await (const event of engine.askTeacher({ ...question, signal })) {
    if (event.type === 'notice') out.note(event.text)
    else if (event.type === 'asked') asked = event.asked
  }
  return { estimate, asked }
}

export const askCommand = defineCommand({
  name: 'ask',
  summary: "a teacher's continuations of a step of a trajectory; one can take its place",
  details:
    'The teacher is given what was before the step, as the trajectory is corrected now. What it would cost is said first. An answer that\n' +
    'came once, also to an asking that was stopped or killed, is not asked for again: another --seed asks anew. With --asked and --accept\n' +
    'nothing is asked: a continuation that was shown takes the place of the step. That is one correction with its undo, marks the first\n' +
    'error, and keeps both turns as a preference; later steps are not trained any more where the new step does something else.',
  positionals: { names: 'ID', help: "the trajectory's id, or its beginning", min: 0, max: 1 },
  options: OPTIONS,
  together: {
    alone: { asked: { besides: ['accept', 'author'], why: 'nothing is asked: what was shown takes the place of the step' } },
    needs: { author: ['accept'] },
  },
  document: askReplySchema,
  async run(options, context): Promise<AskReply> {
    if (options.estimate && options.accept !== undefined) throw refuse('nothing is asked by --estimate', '--estimate with --accept', 'one of them')
    const { accept, asked } = options
    if (accept === undefined && asked === undefined) return { ...(await ask(options, context)), accepted: null }
    if (accept === undefined) throw refuse('it is not clear which continuation is meant', '--asked without --accept', '--accept I with it')
    if (asked === undefined) throw refuse('only what was shown can be accepted', '--accept without --asked', '--asked ASKING with it, as the last line of retort ask ID --step K --teacher T names it')
    const { engine, project, args: [id] } = context
    if (id !== undefined && !id.startsWith(asked.split('-')[0]!) && !asked.startsWith(id)) throw refuse('this asking was of another trajectory', `${id} with --asked ${asked}`, '--asked and --accept alone')
    return { estimate: null, asked: null, accepted: await engine.acceptContinuation({ project, asked, continuation: accept, author: options.author }) }
  },
  *human({ asked, accepted }) {
    if (accepted) yield* acceptedLines(accepted)
    if (!asked) return
    yield `-- recorded, step ${asked.step} (turn ${asked.turn})`
    yield asked.recorded.text
    for (const continuation of asked.continuations) yield* continuationLines(continuation)
    const { usage, continuations } = asked
    const replayed = usage.replayed > 0 ? `, ${counted(usage.replayed, 'answer')} from the journal` : ''
    yield `[${asked.teacher}: ${counted(usage.requests, 'request')}, ${usage.promptTokens} + ${usage.tokens} tokens${usage.cost === null ? '' : `, ${moneyText(usage.cost)}`}${replayed}]`
    const can = continuations.filter((continuation) => unacceptable(continuation) === null).map(({ index }) => index)
    if (can.length > 0) yield `accept one: retort ask --asked ${asked.id} --accept ${can.join('|')}`
  },
  failed: ({ asked }) => asked !== null && asked.continuations.every(({ turn }) => turn === null),
})

function* acceptedLines(accepted: Accepted): Iterable<string> {
  yield `accepted: ${accepted.entry.title}; preference ${accepted.preference}`
  if (accepted.stale > 0) yield `it does something else than the recorded step: ${counted(accepted.stale, 'later step')} ${accepted.stale === 1 ? 'is' : 'are'} not trained any more, until the correction is undone`
}
