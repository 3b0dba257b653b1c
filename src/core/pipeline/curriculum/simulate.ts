// What a run by a plan comes to before it runs: tokens, steps, time and memory of each stage, and what looks wrong.
import type { PlanWarning, Simulation, StageLoad } from '../../../shared/contract/planning.ts'
import type { Plan, Stage } from '../../../shared/records/plan.ts'
import type { RecipeName } from '../../../shared/records/recipe.ts'
import type { Candidate } from './select.ts'
import { groupOf } from './select.ts'
import { pacingSteps } from './pacing.ts'

/** A step as far as its cost goes. */
export type StepLoad = {
  readonly stage: number
  /** Through the model, and those with a loss weight. */
  readonly tokens: number
  readonly trainedTokens: number
  readonly lr: number
  /** Examples, and those of them from earlier stages. */
  readonly drawn: number
  readonly replayed: number
  /** Of each pass: what runs, shared beginnings counted once, and supervised rows. */
  readonly passes: readonly { readonly tokens: number; readonly rows: number }[]
  /** Time, in tokens of a plain run (see `tokenCost`). */
  readonly cost: number
}

/** What a stage takes. */
export type StageContent = {
  readonly recipe: RecipeName
  /** Indices of candidates. */
  readonly own: readonly number[]
  /** Of those, what the recipe has examples of. */
  readonly trajectories: number
  readonly examples: number
  /** Trajectories that replay can draw. */
  readonly earlier: number
  readonly longest: number
}

export type HeldoutLoad = {
  readonly tokens: number
  /** ACT tokens on the whole side: without any, no gate can be measured. */
  readonly actTokens: number
  /** Of one measurement while training. */
  readonly eachTokens: number
  /** Time of a token, in tokens of a plain run. */
  readonly tokenCost: number
  /** Measurements of the curve while a number of steps are trained. */
  readonly during: (steps: { readonly from: number; readonly to: number }) => number
}

export type SimulationInput = {
  readonly plan: Plan
  readonly candidates: readonly Candidate[]
  /** Complexity, parallel to the candidates. */
  readonly values: readonly number[]
  readonly contents: readonly StageContent[]
  /** When no gate opens. */
  readonly steps: readonly StepLoad[]
  /** Steps that the plan has, of which the run's settings may cut some. */
  readonly maxSteps: number | undefined
  readonly heldout: HeldoutLoad
  readonly rate: Rate | null
  /** Time before the first step, in tokens of a plain run: the plain student's distributions, where a stage asks for them. */
  readonly before: number
  /** Highest resident memory for these passes of a stage, in bytes; null: cannot be told. */
  readonly memoryOf: (load: { readonly stage: number; readonly passes: StepLoad['passes'] }) => number | null
  readonly entropyKnown: boolean
}

/**
 * How fast this machine trains: tokens of examples a second with this very plan, or tokens that run through the graph of a plain
 * run, which settings and shared beginnings change.
 */
export type Rate = NonNullable<Simulation['rate']> & { readonly of: 'this plan' | 'a plain run' }

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number => items.reduce((total, item) => total + of(item), 0)

export type Simulated = Pick<Simulation, 'stages' | 'total' | 'rate' | 'warnings'>

/** The run when no gate opens before its stage is used up: at most this. */
export function simulatePlan(input: SimulationInput): Simulated {
  const { plan, steps, heldout } = input
  const [tokens, cost] = [sum(steps, (step) => step.tokens), sum(steps, (step) => step.cost)]
  // Tokens of examples for each token of a plain run.
  const share = cost === 0 ? 1 : tokens / cost
  const rate = input.rate && { from: input.rate.from, run: input.rate.run, tokensPerSecond: input.rate.tokensPerSecond * (input.rate.of === 'this plan' ? 1 : share) }
  const secondsOf = (plain: number): number | null => (rate ? (plain * share) / rate.tokensPerSecond : null)
  const stages = plan.stages.map((stage, index) => stageLoad(input, { stage, index, secondsOf }))
  const measured = secondsOf(2 * heldout.tokens * heldout.tokenCost)
  const add = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b)
  const memory = stages.filter((stage) => stage.steps > 0).map(({ peakMemoryBytes }) => peakMemoryBytes)
  const total: Simulated['total'] = {
    steps: steps.length,
    tokens: sum(stages, ({ tokens }) => tokens),
    trainedTokens: sum(stages, ({ trainedTokens }) => trainedTokens),
    seconds: stages.reduce<number | null>((all, { seconds }) => add(all, seconds), secondsOf(input.before)),
    // Before the first step and after the last the whole side is measured.
    heldoutSeconds: stages.reduce<number | null>((all, { heldoutSeconds }) => add(all, heldoutSeconds), measured),
    peakMemoryBytes: memory.reduce<number | null>((most, bytes) => (most === null || bytes === null ? null : Math.max(most, bytes)), 0),
  }
  return { stages, total, rate, warnings: [...plan.stages.flatMap((stage, index) => stageWarnings(input, stage, index)), ...planWarnings(input)] }
}

type Staged = { readonly stage: Stage; readonly index: number; readonly secondsOf: (plain: number) => number | null }

function stageLoad({ steps, contents, values, heldout, memoryOf }: SimulationInput, { stage: { name, gate }, index, secondsOf }: Staged): StageLoad {
  const own = steps.filter(({ stage }) => stage === index)
  const from = steps.findIndex(({ stage }) => stage === index)
  const { recipe, own: members, trajectories, examples, longest } = contents[index]!
  const complexities = members.map((member) => values[member]!)
  const tokens = sum(own, (step) => step.tokens)
  const gateChecks = gate === null ? 0 : Math.ceil(own.length / gate.every)
  const measured = own.length === 0 ? 0 : heldout.during({ from, to: from + own.length }) + gateChecks
  return {
    name,
    recipe,
    trajectories,
    examples,
    longest,
    steps: own.length,
    tokens,
    trainedTokens: sum(own, (step) => step.trainedTokens),
    drawn: sum(own, ({ drawn }) => drawn),
    replayed: sum(own, ({ replayed }) => replayed),
    complexity: complexities.length === 0 ? null : summary(complexities),
    lr: own.length === 0 ? null : { first: own[0]!.lr, last: own.at(-1)!.lr },
    gateChecks,
    seconds: secondsOf(sum(own, (step) => step.cost)),
    heldoutSeconds: secondsOf(measured * heldout.eachTokens * heldout.tokenCost),
    peakMemoryBytes: own.length === 0 ? 0 : memoryOf({ stage: index, passes: own.flatMap(({ passes }) => passes) }),
  }
}

const summary = (values: readonly number[]): NonNullable<StageLoad['complexity']> => ({
  least: Math.min(...values),
  mean: sum(values, (value) => value) / values.length,
  most: Math.max(...values),
})

function stageWarnings({ contents, candidates, steps, heldout, maxSteps }: SimulationInput, stage: Stage, index: number): PlanWarning[] {
  const { own, trajectories, earlier } = contents[index]!
  const { gate, mix, replay, filter } = stage
  const made = steps.filter((step) => step.stage === index).length
  const warnings: PlanWarning[] = []
  const warn = (code: PlanWarning['code'], message: string): void => void warnings.push({ stage: index, code, message })
  if (own.length === 0) warn('no-trajectories', `no trajectory of the training side passes its filter (${filterText(stage)})`)
  else if (trajectories === 0) warn('no-trajectories', `its recipe takes none of the ${own.length} trajectories that pass its filter`)
  else if (made === 0) warn('no-steps', maxSteps === undefined ? 'it has no steps' : `the run ends after ${maxSteps} steps, before it begins`)
  else if (maxSteps === steps.length && steps.at(-1)?.stage === index) {
    if (stage.length.unit !== 'steps' || made < stage.length.steps) warn('cut-off', `the run ends after ${maxSteps} steps, which may be before its end`)
  }
  if (replay > 0 && earlier === 0) {
    warn('replay-without-earlier', index === 0 ? 'it is the first stage: there is nothing to replay' : 'earlier stages have nothing that it has not itself: there is nothing to replay')
  }
  if (gate && heldout.actTokens === 0) warn('gate-unmeasurable', 'its gate cannot be measured: no ACT token is held out')
  else if (gate && made > 0 && gate.every > made) {
    warn('gate-never-checked', `its gate is measured every ${gate.every} steps, but it has only ${made}: at its end`)
  }
  for (const beginning of filter.ids ?? []) {
    if (!candidates.some(({ id }) => id.startsWith(beginning))) warn('ids-missing', `no trajectory of the training side has the id ${beginning}`)
  }
  return [...warnings, ...(mix === null ? [] : mixWarnings(mix, { own, candidates, index }))]
}

const filterText = ({ filter }: Stage): string => (Object.keys(filter).length === 0 ? 'it lets all through' : JSON.stringify(filter))

function mixWarnings(
  { by, shares }: NonNullable<Stage['mix']>,
  { own, candidates, index }: { own: readonly number[]; candidates: readonly Candidate[]; index: number },
): PlanWarning[] {
  const counts = new Map<string, number>()
  for (const member of own) {
    const group = groupOf(candidates[member]!, by)
    counts.set(group, (counts.get(group) ?? 0) + 1)
  }
  const named = Object.entries(shares).filter(([, share]) => share > 0)
  return [
    ...named.flatMap(([group]): PlanWarning[] =>
      counts.has(group) ? [] : [{ stage: index, code: 'mix-group-missing', message: `its mix names ${by} ${group}, of which it has no trajectory` }],
    ),
    ...[...counts].flatMap(([group, count]): PlanWarning[] =>
      (shares[group] ?? 0) > 0
        ? []
        : [{ stage: index, code: 'mix-group-left-out', message: `its mix leaves out ${by} ${group}: ${count} ${count === 1 ? 'trajectory is' : 'trajectories are'} not drawn` }],
    ),
  ]
}

function planWarnings({ plan, steps, rate, contents, entropyKnown }: SimulationInput): PlanWarning[] {
  const { complexity, pacing, stages } = plan
  const warnings: PlanWarning[] = []
  const warn = (code: PlanWarning['code'], message: string): void => void warnings.push({ stage: null, code, message })
  if (complexity.metric === 'sad' && complexity.g > 0 && !entropyKnown) {
    warn('entropy-unknown', "the teacher's entropy is not known, so it counts as 0 in the complexity")
  }
  if (rate === null) warn('rate-unknown', 'no run with this student says how fast this machine trains: times are left open')
  if (pacing && pacing.gamma > 0 && pacingSteps(pacing, steps.length) > steps.length) {
    warn('pacing-too-long', `competence is full after ${pacing.steps} steps, but the run has ${steps.length}: the hardest are never at full weight`)
  }
  stages.forEach(({ gate }, index) => {
    const later = contents.slice(index + 1).some(({ trajectories }) => trajectories > 0)
    if (gate?.otherwise === 'stop' && later) {
      warnings.push({ stage: index, code: 'never-reached', message: 'the run ends here when its gate does not open: later stages are then not reached' })
    }
  })
  return warnings
}
