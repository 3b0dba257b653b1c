// What a plan would do with a project's trajectories, and how hard these are: found by the same code that makes a run.
import { complexityOf, factsOf, histogram, hundredths, METRICS, simulatePlan, type Rate, type StepLoad } from '../../core/pipeline/curriculum/index.ts'
import { heldoutPart } from '../../core/pipeline/evaluation/index.ts'
import { mostOf, passLoads, stepTokens, type PlannedStep } from '../../core/pipeline/training/index.ts'
import type { ComplexityReport, Simulation } from '../../shared/contract/planning.ts'
import { PLAN_VERSION, planSchema, type Complexity, type Plan } from '../../shared/records/plan.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import type { Student } from '../llama/index.ts'
import { baseCost, scoringCost, tokenCost } from '../../shared/tokenCost.ts'
import type { RevisionNow } from '../project/index.ts'
import { actTokens, draftPlan, type PlanDraft, type PlanPhase } from './draftPlan.ts'
import { needOf, type MemoryEstimate } from './memoryFit.ts'
import type { MaskMemory } from './prepareRun.ts'
import type { SplitExample } from './runFolder.ts'
import { fillSettings, type SettingsInput } from './settings.ts'
import { stageSettings } from './stagedPlan.ts'
import type { LossSource } from './studentLosses.ts'

/** How fast this machine trains: told, measured on a pass of the plan, or known from a run; null: unknown. */
export type RateSource = (pass: ProbePass | null) => Promise<Rate | null>
/** A pass as the plan packs it, each sequence up to its last token with a loss weight, and the tokens of it that run. */
export type ProbePass = {
  readonly sequences: readonly { readonly ids: readonly number[]; readonly supervised: readonly boolean[] }[]
  readonly tokens: number
  readonly settings: TrainSettings
}

export type PlanWorld = {
  readonly settings: SettingsInput
  readonly revisionOf: (heldout: number) => RevisionNow
  readonly openStudent: () => Promise<{ readonly student: Student; readonly masks?: MaskMemory }>
  readonly losses: LossSource
  readonly onProgress: (phase: PlanPhase, done: number, total: number) => void
  readonly signal: AbortSignal
}

export type SimulateInput = PlanWorld & { readonly plan: Plan; readonly rate: RateSource; readonly memory: MemoryEstimate }

/** The settings with the context that the student allows, and the run by the plan as it would be made now. */
export async function draftNow(world: PlanWorld, plan: Plan): Promise<{ draft: PlanDraft; settings: TrainSettings; data: RevisionNow }> {
  const given = fillSettings(world.settings)
  const data = world.revisionOf(given.heldout)
  world.onProgress('masking', 0, data.members.length)
  const { student, masks } = await world.openStudent()
  const settings = { ...given, context: Math.min(given.context, student.trainedContext) }
  const draft = await draftPlan({
    members: data.members,
    student,
    settings,
    plan,
    losses: world.losses,
    ...(masks && { known: masks }),
    onProgress: async (phase, done, total) => {
      world.onProgress(phase, done, total)
      await new Promise((resolve) => setImmediate(resolve))
      world.signal.throwIfAborted()
    },
    signal: world.signal,
  })
  return { draft, settings, data }
}

export async function simulate(input: SimulateInput): Promise<Simulation> {
  const { plan } = input
  const { draft, settings, data } = await draftNow(input, plan)
  const train = draft.examples.filter(({ split }) => split === 'train')
  const heldout = draft.examples.filter(({ split }) => split === 'heldout')
  const rate = await input.rate(probePass(draft, { train, settings }))
  const earlier = draft.staged.stages.map((stage) => new Set(stage.earlier.flatMap(({ examples }) => examples)))
  const { candidates, values, contents } = draft
  const staged = plan.stages.map((stage) => stageSettings(settings, stage))
  const simulated = simulatePlan({
    plan,
    candidates,
    values,
    contents,
    steps: draft.plan.map((step, index) => loadOf(step, { index, train, earlier: earlier[step.stage]!, settings: staged[step.stage]! })),
    maxSteps: settings.maxSteps,
    heldout: heldoutLoad(heldout, settings),
    rate,
    before: staged.some(({ stayClose }) => stayClose > 0) ? baseCost(settings) * train.reduce((sum, { ids }) => sum + ids.length, 0) : 0,
    memoryOf: ({ stage, passes }) => input.memory(needOf(draft, { settings, stages: [staged[stage]!], passes: mostOf(passes), gated: plan.stages[stage]!.gate !== null })),
    entropyKnown: draft.entropyKnown !== false,
  })
  const trajectories = { train: candidates.length, heldout: new Set(heldout.map((example) => example.trajectoryId)).size, rejected: data.rejected.length }
  const left = [
    ...data.rejected.map((id) => ({ id, reason: 'a reviewer rejected it' })),
    ...draft.left.map(({ trajectoryId, reason }) => ({ id: trajectoryId, reason })),
  ]
  return { plan, ...simulated, trajectories, left }
}

const trainedOf = ({ ce, kl }: SplitExample): number => ce.reduce((sum, weight, token) => (weight > 0 || kl[token]! > 0 ? sum + 1 : sum), 0)

function loadOf(step: PlannedStep, of: { index: number; train: readonly SplitExample[]; earlier: ReadonlySet<number>; settings: TrainSettings }): StepLoad {
  const { index, train, earlier, settings } = of
  const passes = passLoads(index, step, train)
  return {
    stage: step.stage,
    lr: step.lr,
    tokens: stepTokens(index, step, train),
    trainedTokens: step.examples.reduce((sum, example) => sum + trainedOf(train[example]!), 0),
    drawn: step.examples.length,
    replayed: step.examples.filter((example) => earlier.has(example)).length,
    passes,
    cost: tokenCost(settings) * passes.reduce((sum, { tokens }) => sum + tokens, 0),
  }
}

function heldoutLoad(heldout: readonly SplitExample[], { heldoutEvery: every, heldoutTokens: most, seed, base }: TrainSettings) {
  const lengths = heldout.map(({ ids }) => ids.length)
  const all = lengths.reduce((sum, length) => sum + length, 0)
  const part = heldoutPart(lengths, { most, seed })
  return {
    tokens: all,
    actTokens: actTokens(heldout),
    eachTokens: part === null ? all : lengths.reduce((sum, length, index) => (part.has(index) ? sum + length : sum), 0),
    tokenCost: scoringCost({ base }),
    during: ({ from, to }: { from: number; to: number }) => (every > 0 && all > 0 ? Math.floor(to / every) - Math.floor(from / every) : 0),
  }
}

/** The pass in the middle of all by size: neither the last crumbs nor the longest example. */
function probePass({ plan }: PlanDraft, { train, settings }: { train: readonly SplitExample[]; settings: TrainSettings }): ProbePass | null {
  const passes = plan.flatMap((step, index) => passLoads(index, step, train).map(({ tokens }, at) => ({ pass: step.passes[at]!, tokens }))).sort((a, b) => a.tokens - b.tokens)
  const middle = passes[Math.floor(passes.length / 2)]
  if (!middle) return null
  const sequences = middle.pass.map((place) => {
    const { ids, ce, kl } = train[place]!
    const supervised = ce.map((weight, token) => weight > 0 || kl[token]! > 0)
    const end = supervised.lastIndexOf(true) + 1
    return { ids: ids.slice(0, end), supervised: supervised.slice(0, end) }
  })
  return { sequences, tokens: middle.tokens, settings }
}

/** How hard the training side is, over all of it. */
export async function measureComplexity(world: PlanWorld, { complexity, bins }: { complexity: Complexity; bins: number }): Promise<ComplexityReport> {
  const plan = planSchema.parse({ version: PLAN_VERSION, name: 'all', complexity, stages: [{ name: 'all' }] })
  const { draft, data } = await draftNow(world, plan)
  const { values, left } = draft
  return {
    complexity,
    unit: METRICS[complexity.metric].unit,
    trajectories: values.length,
    bins: histogram(values, bins),
    quantiles: hundredths(values),
    heldout: await heldoutComplexity(world, { draft, data, complexity }),
    left: left.map(({ trajectoryId, reason }) => ({ id: trajectoryId, reason })),
  }
}

type HeldoutInput = { readonly draft: PlanDraft; readonly data: RevisionNow; readonly complexity: Complexity }

/** Of the held-out side, ascending; a trajectory without a value has none here either. */
async function heldoutComplexity({ losses, onProgress, signal }: PlanWorld, { draft, data, complexity }: HeldoutInput): Promise<number[]> {
  const own = new Map<string, SplitExample[]>()
  for (const example of draft.examples) {
    if (example.split === 'heldout') own.set(example.trajectoryId, [...(own.get(example.trajectoryId) ?? []), example])
  }
  const members = data.members.filter(({ trajectory }) => own.has(trajectory.id))
  const known = METRICS[complexity.metric].scored
    ? await losses({
        examples: [...own.values()].flat(),
        hashes: new Map(members.map(({ trajectory, hash }) => [trajectory.id, hash ?? trajectory.contentHash])),
        onProgress: (done, total) => onProgress('scoring', done, total),
        signal,
      })
    : null
  const values = members.flatMap(({ trajectory, spans }) => complexityOf(factsOf({ trajectory, spans, examples: own.get(trajectory.id)!, loss: known?.get(trajectory.id) ?? null }), complexity) ?? [])
  return values.sort((a, b) => a - b)
}
