// `retort suite`: the suites, their tasks, and their experts at work.
import { type ExpertReport, suiteReplySchema, type SuiteList, type SuiteReply, type SuiteTasks } from '../../shared/contract/suites.ts'
import { type SuiteName, suiteNameSchema, taskSplitSchema } from '../../shared/records/suite.ts'
import { defineCommand } from '../command.ts'
import { FAMILIES, familiesOf } from '../names.ts'
import { usageError } from '../parse.ts'

const ACTIONS = ['list', 'show', 'expert'] as const
type Action = (typeof ACTIONS)[number]

type Asked = { readonly action: 'list' } | { readonly action: Exclude<Action, 'list'>; readonly suite: SuiteName }

function asked(args: readonly string[]): Asked {
  const [given = 'list', name] = args
  const refuse = (found: string, expected: string): Error => usageError({ message: 'it is not clear what to do', where: 'retort suite', found, expected })
  const action = ACTIONS.find((known) => known === given)
  if (!action) throw refuse(given, ACTIONS.join(', '))
  if (action === 'list') {
    if (name !== undefined) throw refuse(args.join(' '), 'list alone')
    return { action }
  }
  const suite = suiteNameSchema.safeParse(name)
  if (!suite.success) throw refuse(args.join(' '), `${action} with one of ${suiteNameSchema.options.join(', ')}`)
  return { action, suite: suite.data }
}

function* listLines({ suites }: SuiteList): Generator<string> {
  for (const { name, title, summary, style, styles, steps, families } of suites) {
    yield `${name.padEnd(10)} ${title}`
    yield `           ${summary}`
    const others = styles.filter((one) => one !== style)
    yield `           ${style} (or ${others.join(', ')}), ${steps} steps at most; families: ${families.train.length} for training, ${families.ood.length} out of domain`
  }
}

function* taskLines({ suite, split, seed, prompt, tasks }: SuiteTasks): Generator<string> {
  yield `${suite.title}: ${split}, seed ${seed}`
  yield `students are told: ${prompt}`
  for (const { id, family, question, answer } of tasks) {
    yield ''
    yield `${id}  (${family})`
    yield question
    if (answer !== null) yield `answer: ${answer}`
  }
}

function* expertLines({ suite, split, seed, tasks, solved, steps, calls, seconds, thoughts, failed, sample }: ExpertReport): Generator<string> {
  yield `expert of ${suite}, ${split}, seed ${seed}: ${solved} of ${tasks} solved (${tasks === 0 ? 0 : ((100 * solved) / tasks).toFixed(1)} %)`
  yield `${steps.toFixed(2)} steps and ${calls.toFixed(2)} calls a task, ${(seconds * 1000).toFixed(2)} ms a task`
  yield `${thoughts.distinct} of ${thoughts.total} thoughts differ (numbers counted as equal)`
  for (const { id, end, detail } of failed) yield `failed: ${id}: ${detail} (${end})`
  if (!sample) return
  yield ''
  yield sample.id
  for (const { role, text } of sample.turns) yield role === 'system' || role === 'user' ? `[${role}] ${text}` : text
}

function lines(reply: SuiteReply): Iterable<string> {
  switch (reply.action) {
    case 'list':
      return listLines(reply)
    case 'show':
      return taskLines(reply)
    case 'expert':
      return expertLines(reply)
  }
}

export const suite = defineCommand({
  name: 'suite',
  summary: 'the suites of tasks: list them, show tasks, let an expert work at them',
  details:
    'show SUITE prints tasks of a split; expert SUITE lets the scripted expert work at them through the agent loop and prints how many it\n' +
    'solves, and its first episode. The same split, seed and number give the same task everywhere.',
  positionals: { names: '[list|show SUITE|expert SUITE]', help: 'what to do; nothing: list', min: 0, max: 2 },
  options: {
    split: { kind: 'text', value: 'SPLIT', help: 'which tasks', choices: taskSplitSchema.options, default: 'train' },
    seed: { kind: 'int', value: 'K', help: 'seed of the tasks, and of the expert', default: 0, min: 0 },
    n: { kind: 'int', value: 'N', help: 'how many (default: 5 to show, 100 for the expert)', min: 1, max: 100_000 },
    families: FAMILIES,
    restate: { kind: 'number', value: 'X', help: 'of the expert: share of episodes that first say what is asked', min: 0, max: 1 },
    recovery: { kind: 'number', value: 'X', help: 'of the expert: share of episodes with a slip that is mended', min: 0, max: 1 },
    stepwise: { kind: 'number', value: 'X', help: 'of the expert: share of episodes that go one operation at a time', min: 0, max: 1 },
  },
  document: suiteReplySchema,
  async run({ split, seed, n, families, ...given }, { args, engine, out, signal }): Promise<SuiteReply> {
    const what = asked(args)
    if (what.action === 'list') return engine.listSuites()
    const { suite: name } = what
    const of = { suite: name, split, seed, ...familiesOf(families, 'suite') }
    if (what.action === 'show') return engine.showTasks({ ...of, count: n ?? 5 })
    const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const count = n ?? 100
    const progress = out.progress(`expert of ${name}`, 'tasks')
    const onDone = (done: number): void => progress.update({ done, total: count })
    return engine.tryExpert({ ...of, count, settings, onDone, signal }).finally(() => progress.end())
  },
  human: lines,
  failed: (reply) => reply.action === 'expert' && reply.solved < reply.tasks * 0.98,
})
