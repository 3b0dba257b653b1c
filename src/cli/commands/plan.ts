// `retort plan`: makes a curriculum, says what it would do, and how hard the trajectories are.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { Proposal } from '../../engine/engine.ts'
import { complexityReportSchema, simulationSchema } from '../../shared/contract/planning.ts'
import { COMPLEXITY_METRICS, planSchema, stageSchema, type Complexity, type Plan } from '../../shared/records/plan.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { COMMON_OPTIONS, usageError } from '../parse.ts'
import { difficultyLines, planLines, simulationLines } from '../planLines.ts'
import { givenOf, RUN_OPTIONS, settingsOf } from '../runOptions.ts'
import { requireEffect } from './train.ts'

const madeSchema = z.object({ path: z.string(), plan: planSchema })

const COMPLEXITY = ['metric', 'reason-weight', 'act-weight', 'entropy-weight'] as const
const MADE = ['stages', 'name', 'order', 'passes', 'replay', 'gate', 'gate-every', 'if-closed', 'gamma', 'c0', 'pacing-steps', 'out', 'force'] as const

/** Options of each action beside --student and those of a run; any other would be silently without effect. */
const TAKES = {
  make: [...COMPLEXITY, ...MADE, 'recipe', 'lr'],
  simulate: ['rate', 'probe'],
  difficulty: [...COMPLEXITY, 'bins'],
} as const
type Action = keyof typeof TAKES

export const plan = defineCommand({
  name: 'plan',
  summary: 'make a curriculum, and see what it would do before it runs',
  details:
    'make writes a plan of equal parts from easy to hard, to be changed with any editor; simulate says tokens, steps, time and memory of each\n' +
    'stage, with the options of `retort train` as they will be given there; difficulty shows how hard the trajectories are.\n' +
    'Complexity `sad`: a |reason tokens| + b |act tokens| + g mean teacher entropy. `loss` scores with the untrained student, once for each trajectory.\n' +
    'Run it with: retort train --plan FILE',
  positionals: { names: 'make|simulate FILE|difficulty', help: 'what to do', min: 1, max: 2 },
  options: {
    stages: { kind: 'int', value: 'N', help: 'make: how many stages (default: 3)', min: 1, max: 50 },
    metric: { kind: 'text', value: 'NAME', help: 'what makes a trajectory hard (default: sad)', choices: COMPLEXITY_METRICS },
    'reason-weight': { kind: 'number', value: 'X', help: 'a of sad (default: 1)', min: 0 },
    'act-weight': { kind: 'number', value: 'X', help: 'b of sad (default: 1)', min: 0 },
    'entropy-weight': { kind: 'number', value: 'X', help: 'g of sad (default: 0)', min: 0 },
    name: { kind: 'text', value: 'TEXT', help: "make: the plan's name" },
    order: { kind: 'text', value: 'NAME', help: 'make: within a stage (default: easy-to-hard)', choices: stageSchema.shape.order.unwrap().options },
    passes: { kind: 'number', value: 'X', help: 'make: passes over each stage; with a gate at most so many (default: 1)' },
    replay: { kind: 'number', value: 'SHARE', help: 'make: share of earlier stages from the second on (default: 0.2)', min: 0, max: 0.9 },
    gate: { kind: 'number', value: 'SHARE', help: 'make: a stage ends early at this accuracy of held-out ACT tokens; the last has no gate', min: 0, max: 1 },
    'gate-every': { kind: 'int', value: 'N', help: 'make: steps between two measurements (default: 10)', min: 1 },
    'if-closed': { kind: 'text', value: 'WHAT', help: 'make: when a gate never opens (default: advance)', choices: ['advance', 'stop'] },
    gamma: { kind: 'number', value: 'X', help: 'make: strength of competence-based pacing; 0: off (default: 0)', min: 0, max: 50 },
    c0: { kind: 'number', value: 'X', help: 'make: competence at the start (default: 0.2)', min: 0, max: 1 },
    'pacing-steps': { kind: 'int', value: 'N', help: 'make: steps to full competence (default: half of the run)', min: 1 },
    out: { kind: 'text', value: 'FILE', help: 'make: where the plan goes' },
    force: { kind: 'flag', help: 'make: replace a file that is there' },
    rate: { kind: 'number', value: 'X', help: 'simulate: tokens a second (default: of the newest run with this student)', min: 0.001 },
    probe: { kind: 'flag', help: 'simulate: measure the rate, training on a pass of the plan for some steps' },
    bins: { kind: 'int', value: 'N', help: 'difficulty: bins of the histogram (default: 20)', min: 1, max: 200 },
    student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
    ...RUN_OPTIONS,
  },
  document: z.union([simulationSchema, complexityReportSchema, madeSchema]),
  async run(options, context) {
    const { args: [action = '', file], engine, cwd } = context
    if (!Object.hasOwn(TAKES, action)) throw usage('unknown action', action, Object.keys(TAKES).join(', '))
    const given = Object.keys(options).filter((name) => !Object.hasOwn(COMMON_OPTIONS, name) && isSet(options[name as keyof typeof options]))
    refuseOthers(action as Action, given)
    if (action !== 'simulate' && file !== undefined) throw usage(`${action} takes no file`, file, `retort plan ${action} with options`)
    if (action === 'make') {
      if (options.out === undefined) throw usage('the plan has to go somewhere', 'no --out', '--out FILE')
      const path = resolve(cwd, options.out)
      if (existsSync(path) && !options.force) throw usage('this file is there already', path, 'another file, or --force')
      const made = withChanges(await engine.proposePlan(proposalOf(options)), options)
      await engine.writePlan(path, made)
      return { path, plan: made }
    }
    const world = { project: context.project, student: engine.findStudent(options.student).path, settings: settingsOf(options, context.cwd), signal: context.signal }
    return withProgress(context, async (onProgress) => {
      if (action === 'difficulty') return engine.measureComplexity({ ...world, onProgress, complexity: complexityOf(options), bins: options.bins ?? 20 })
      if (file === undefined) throw usage('the plan has to be named', 'no file', 'retort plan simulate FILE')
      const read = await engine.readPlan(resolve(cwd, file))
      requireEffect(read, givenOf(options))
      return engine.simulatePlan({ ...world, onProgress, plan: read, rate: options.probe ? 'probe' : options.rate })
    })
  },
  *human(document) {
    if ('bins' in document) yield* difficultyLines(document)
    else if ('stages' in document) yield* simulationLines(document)
    else yield* planLines(document)
  },
})

type Options = {
  readonly stages: number | undefined
  readonly metric: (typeof COMPLEXITY_METRICS)[number] | undefined
  readonly 'reason-weight': number | undefined
  readonly 'act-weight': number | undefined
  readonly 'entropy-weight': number | undefined
  readonly name: string | undefined
  readonly recipe: Proposal['recipe']
  readonly replay: number | undefined
}
type Changes = {
  readonly order: Plan['stages'][number]['order'] | undefined
  readonly passes: number | undefined
  readonly lr: number | undefined
  readonly gate: number | undefined
  readonly 'gate-every': number | undefined
  readonly 'if-closed': 'advance' | 'stop' | undefined
  readonly gamma: number | undefined
  readonly c0: number | undefined
  readonly 'pacing-steps': number | undefined
}

const isSet = (value: unknown): boolean => value !== undefined && value !== false

const usage = (message: string, found: string, expected: string): Error => usageError({ message, where: 'retort plan', found, expected })

function refuseOthers(action: Action, given: readonly string[]): void {
  const own = new Set<string>([...TAKES[action], ...(action === 'make' ? [] : ['student', ...Object.keys(RUN_OPTIONS)])])
  const without = given.filter((name) => !own.has(name))
  if (without.length > 0) throw usage(`${action} has no use for this`, without.map((name) => `--${name}`).join(', '), [...own].map((name) => `--${name}`).join(', '))
}

function complexityOf({ metric = 'sad', ...weights }: Options): Complexity {
  const given = Object.entries({ a: weights['reason-weight'], b: weights['act-weight'], g: weights['entropy-weight'] }).filter(([, value]) => value !== undefined)
  if (metric === 'sad') return { metric, a: 1, b: 1, g: 0, ...Object.fromEntries(given) }
  if (given.length > 0) throw usage(`the metric ${metric} has no weights`, '--reason-weight, --act-weight or --entropy-weight', '--metric sad')
  return { metric }
}

const proposalOf = (options: Options): Proposal =>
  ({ stages: options.stages ?? 3, complexity: complexityOf(options), recipe: options.recipe, name: options.name, replay: options.replay })

/** What a proposal leaves as it is unless it is asked for. */
function withChanges(made: Plan, options: Changes): Plan {
  const { order, passes, lr, gate: actAccuracy, gamma } = options
  const every = options['gate-every']
  const closed = options['if-closed']
  if (actAccuracy === undefined && (every !== undefined || closed !== undefined)) throw usage('there is no gate', '--gate-every or --if-closed', '--gate SHARE beside it')
  if (gamma === undefined && (options.c0 !== undefined || options['pacing-steps'] !== undefined)) throw usage('there is no pacing', '--c0 or --pacing-steps', '--gamma X beside it')
  const gate = actAccuracy === undefined ? null : { actAccuracy, every: every ?? 10, otherwise: closed ?? 'advance' }
  return planSchema.parse({
    ...made,
    ...(gamma !== undefined && { pacing: { gamma, ...(options.c0 !== undefined && { c0: options.c0 }), steps: options['pacing-steps'] ?? null } }),
    stages: made.stages.map((stage, index) => ({
      ...stage,
      ...(order && { order }),
      ...(passes !== undefined && { length: { unit: 'passes', passes } }),
      ...(lr !== undefined && { lr }),
      gate: index === made.stages.length - 1 ? null : gate,
    })),
  })
}

type OnProgress = (phase: 'masking' | 'scoring', done: number, total: number) => void
const UNITS = { masking: { label: 'mask', unit: 'trajectories' }, scoring: { label: 'score', unit: 'examples' } } as const

async function withProgress<Result>({ out }: CommandContext, work: (onProgress: OnProgress) => Promise<Result>): Promise<Result> {
  let bar: { phase: string; progress: ReturnType<typeof out.progress> } | null = null
  try {
    return await work((phase, done, total) => {
      if (bar?.phase !== phase) {
        bar?.progress.end()
        const { label, unit } = UNITS[phase]
        bar = { phase, progress: out.progress(label, unit) }
      }
      bar.progress.update({ done, total })
    })
  } finally {
    ;(bar as { progress: { end(): void } } | null)?.progress.end()
  }
}
