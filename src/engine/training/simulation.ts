// What a plan would do with a project's trajectories, and how hard these are: found by the same code that makes a run.
import { complexityOf, factsOf, histogram, hundredths, METRICS, simulatePlan, type StepLoad } from '../../core/pipeline/curriculum/index.ts'
import { heldoutPart } from '../../core/pipeline/evaluation/index.ts'
import { stepTokens, type PlannedStep } from '../../core/pipeline/training/index.ts'
import type { ComplexityReport, Simulation } from '../../shared/contract/planning.ts'
import { PLAN_VERSION, planSchema, type Complexity, type Plan } from '../../shared/records/plan.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import type { Student } from '../llama/index.ts'
import type { RevisionNow } from '../project/index.ts'
import { actTokens, draftPlan, type PlanDraft, type PlanPhase } from './draftPlan.ts'
import type { MaskMemory } from './prepareRun.ts'
import type { SplitExample } from './runFolder.ts'
import { fillSettings, type SettingsInput } from './settings.ts'
import type { LossSource } from './studentLosses.ts'

/** How fast this machine trains: told, measured on a pass of the plan, or known from a run; null: unknown. */
export type RateSource = (pass: ProbePass | null) => Promise<Simulation['rate']>
/** A pass as the plan packs it: its tokens one behind the other, and which have a loss weight. */
export type ProbePass = { readonly ids: readonly number[]; readonly supervised: readonly boolean[]; readonly settings: TrainSettings }

/** Highest resident memory of the trainer for passes of so many tokens, in bytes. */
export type MemoryEstimate = (load: { readonly passTokens: number }, settings: TrainSettings) => number | null

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
  const simulated = simulatePlan({
    plan,
    candidates,
    values,
    contents,
    steps: draft.plan.map((step, index) => loadOf(step, { index, train, earlier: earlier[step.stage]! })),
    maxSteps: settings.maxSteps,
    heldout: heldoutLoad(heldout, settings),
    rate,
    memoryOf: (load) => input.memory(load, settings),
    entropyKnown: draft.entropyKnown !== false,
  })
  const trajectories = { train: candidates.length, heldout: new Set(heldout.map((example) => example.trajectoryId)).size, rejected: data.rejected.length }
  const left = [
    ...data.rejected.map((id) => ({ id, reason: 'a reviewer rejected it' })),
    ...draft.left.map(({ trajectoryId, reason }) => ({ id: trajectoryId, reason })),
  ]
  return { plan, ...simulated, trajectories, rate, left }
}

const trainedOf = ({ ce, kl }: SplitExample): number => ce.reduce((sum, weight, token) => (weight > 0 || kl[token]! > 0 ? sum + 1 : sum), 0)

function loadOf(step: PlannedStep, of: { index: number; train: readonly SplitExample[]; earlier: ReadonlySet<number> }): StepLoad {
  const { index, train, earlier } = of
  return {
    stage: step.stage,
    lr: step.lr,
    tokens: stepTokens(index, step, train),
    trainedTokens: step.examples.reduce((sum, example) => sum + trainedOf(train[example]!), 0),
    drawn: step.examples.length,
    replayed: step.examples.filter((example) => earlier.has(example)).length,
    passes: step.passes.map((pass) => pass.reduce((sum, example) => sum + train[example]!.ids.length, 0)),
  }
}

function heldoutLoad(heldout: readonly SplitExample[], { heldoutEvery: every, heldoutTokens: most, seed }: TrainSettings) {
  const lengths = heldout.map(({ ids }) => ids.length)
  const all = lengths.reduce((sum, length) => sum + length, 0)
  const part = heldoutPart(lengths, { most, seed })
  return {
    tokens: all,
    actTokens: actTokens(heldout),
    eachTokens: part === null ? all : lengths.reduce((sum, length, index) => (part.has(index) ? sum + length : sum), 0),
    during: ({ from, to }: { from: number; to: number }) => (every > 0 && all > 0 ? Math.floor(to / every) - Math.floor(from / every) : 0),
  }
}

/** The pass in the middle of all by length: neither the last crumbs nor the longest example. */
function probePass({ plan }: PlanDraft, { train, settings }: { train: readonly SplitExample[]; settings: TrainSettings }): ProbePass | null {
  const tokensOf = (pass: readonly number[]): number => pass.reduce((sum, example) => sum + train[example]!.ids.length, 0)
  const passes = plan.flatMap(({ passes }) => passes).sort((a, b) => tokensOf(a) - tokensOf(b))
  const middle = passes[Math.floor(passes.length / 2)]
  if (!middle) return null
  const examples = middle.map((example) => train[example]!)
  return {
    ids: examples.flatMap(({ ids }) => ids),
    supervised: examples.flatMap(({ ce, kl }) => ce.map((weight, token) => weight > 0 || kl[token]! > 0)),
    settings,
  }
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
