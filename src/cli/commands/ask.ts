// `retort ask`: a teacher's continuations of a step of a trajectory, and one of them put in its place.
import { resolve } from 'node:path'
import type { OpenedBy } from '../../engine/teaching/index.ts'
import { type AskEstimate, type Asked, type AskReply, askReplySchema, askSettingsSchema, type Continuation } from '../../shared/contract/asking.ts'
import { prefillSchema } from '../../shared/records/prefill.ts'
import { suiteNameSchema } from '../../shared/records/suite.ts'
import { type CommandContext, defineCommand, type OptionTable, type Values } from '../command.ts'
import { usageError } from '../parse.ts'
import { costLimit } from '../teacherOptions.ts'

const OPTIONS = {
  step: { kind: 'int', value: 'K', help: "number of the agent's turn, from 0", required: true, min: 0 },
  teacher: { kind: 'text', value: 'T', help: 'base URL of an endpoint, a GGUF file, or expert (with --suite)', required: true },
  model: { kind: 'text', value: 'NAME', help: "the endpoint's model" },
  protocol: { kind: 'text', value: 'NAME', help: 'what the endpoint speaks', choices: ['openai-compatible', 'anthropic'], default: 'openai-compatible' },
  'key-env': { kind: 'text', value: 'NAME', help: 'environment variable that holds its key (default: no key)' },
  prefill: { kind: 'text', value: 'HOW', help: 'how it continues a message', choices: prefillSchema.options },
  suite: { kind: 'text', value: 'SUITE', help: 'of an expert: whose tasks', choices: suiteNameSchema.options },
  'suite-seed': { kind: 'int', value: 'K', help: 'of an expert: seed of the tasks', default: 0, min: 0 },
  n: { kind: 'int', value: 'N', help: 'continuations', default: 4, min: 1, max: 32 },
  temperature: { kind: 'number', value: 'X', help: '0 takes the likeliest token', default: 0.7, min: 0, max: 4 },
  'top-p': { kind: 'number', value: 'X', help: 'share of probability to sample from', default: 1, min: 0.01, max: 1 },
  seed: { kind: 'int', value: 'N', help: 'of the first; each further one has the next', default: 0, min: 0, max: 0xffffff },
  'turn-tokens': { kind: 'int', value: 'N', help: 'tokens of a continuation at most', default: 512, min: 1 },
  'price-in': { kind: 'number', value: 'X', help: 'price of a million tokens that are read', min: 0 },
  'price-out': { kind: 'number', value: 'X', help: 'price of a million tokens that are written', min: 0 },
  budget: { kind: 'number', value: 'X', help: 'what it may cost at most', min: 0 },
  estimate: { kind: 'flag', help: 'only say what it would cost' },
  accept: { kind: 'int', value: 'I', help: 'put this continuation in the place of the step', min: 0 },
  author: { kind: 'text', value: 'NAME', help: 'who accepts it', default: 'retort ask' },
} as const satisfies OptionTable

type Options = Values<typeof OPTIONS>

async function teacherOf({ teacher, model, protocol: kind, prefill, 'key-env': keyVariable }: Options, { engine, cwd }: CommandContext): Promise<OpenedBy> {
  if (teacher === 'expert') return { type: 'expert', settings: {} }
  if (!/^https?:\/\//.test(teacher)) return { type: 'local', path: engine.findStudent(resolve(cwd, teacher)).path }
  if (model === undefined) throw usageError({ message: 'who the teacher is must be clear', where: 'retort ask', found: '--teacher URL without --model', expected: '--model NAME with it' })
  return { type: 'endpoint', endpoint: await engine.namedEndpoint({ url: teacher, keyVariable, kind, ...(prefill === undefined ? {} : { prefill }) }), model }
}

function* estimateLines({ requests, promptTokens, tokens, cost, most, basis }: AskEstimate): Iterable<string> {
  yield `${requests} requests: about ${promptTokens} tokens read, ${tokens} written${cost === null ? ' (prices are not known: --price-in, --price-out)' : `, ${cost.toFixed(6)}`}; at most ${most.tokens} tokens${most.cost === null ? '' : `, ${most.cost.toFixed(6)}`}`
  yield `from ${basis}`
}

function* continuationLines({ index, turn, problem, same, error, tokens }: Continuation): Iterable<string> {
  yield `-- ${index}${same ? ', as recorded' : ''}${problem === null ? '' : `, ${problem}`}${tokens === null ? '' : `, ${tokens} tokens`}`
  yield turn === null ? `failed: ${error?.message ?? 'no answer'}` : turn.text
}

async function ask(options: Options, context: CommandContext): Promise<{ estimate: AskEstimate; asked: Asked | null }> {
  const { engine, project, args, out, signal } = context
  const { 'price-in': input, 'price-out': output } = options
  if ((input === undefined) !== (output === undefined)) throw usageError({ message: 'prices are known whole or not at all', where: 'retort ask', found: 'one of them', expected: '--price-in and --price-out' })
  const settings = askSettingsSchema.parse({
    step: options.step, n: options.n, temperature: options.temperature, topP: options['top-p'], seed: options.seed, turnTokens: options['turn-tokens'],
    prices: input === undefined || output === undefined ? null : { input, output }, budget: { cost: costLimit(options.budget, 'ask') ?? null, tokens: null }, suite: options.suite, suiteSeed: options['suite-seed'],
  })
  const question = { project, trajectory: args[0] ?? '', teacher: await teacherOf(options, context), settings }
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
    'The teacher is given what was before the step, as the trajectory is corrected now. What it would cost is said first. With --accept\n' +
    'one of the continuations takes the place of the step: that is one correction with its undo, marks the first error, and keeps both\n' +
    'turns as a preference.',
  positionals: { names: 'ID', help: "the trajectory's id, or its beginning", min: 1, max: 1 },
  options: OPTIONS,
  document: askReplySchema,
  async run(options, context): Promise<AskReply> {
    if (options.estimate && options.accept !== undefined) throw usageError({ message: 'nothing is asked by --estimate', where: 'retort ask', found: '--estimate with --accept', expected: 'one of them' })
    if (options.accept !== undefined && options.accept >= options.n) throw usageError({ message: 'there is no such continuation', where: '--accept', found: String(options.accept), expected: `0 to ${options.n - 1}` })
    const { estimate, asked } = await ask(options, context)
    if (options.accept === undefined || asked === null) return { estimate, asked, accepted: null }
    const { engine, project } = context
    return { estimate, asked, accepted: await engine.acceptContinuation({ project, asked: asked.id, continuation: options.accept, author: options.author }) }
  },
  *human({ asked, accepted }) {
    if (!asked) return
    yield `-- recorded, step ${asked.step} (turn ${asked.turn})`
    yield asked.recorded.text
    for (const continuation of asked.continuations) yield* continuationLines(continuation)
    const { usage } = asked
    yield `[${asked.teacher}: ${usage.requests} requests, ${usage.promptTokens} + ${usage.tokens} tokens${usage.cost === null ? '' : `, ${usage.cost.toFixed(6)}`}; asked ${asked.id}]`
    if (accepted) yield `accepted: ${accepted.entry.title}; preference ${accepted.preference}`
  },
  failed: ({ asked }) => asked !== null && asked.continuations.every(({ turn }) => turn === null),
})
