// A run by a plan before it is made: masks for each recipe, complexity and ranks, which examples each stage takes, its steps.
import {
  complexityOf, factsOf, groupOf, METRICS, methodOf, ranksOf, selectStages, type Candidate, type StageContent, type Unit,
} from '../../core/pipeline/curriculum/index.ts'
import { chosenRecipe, planStages, type RunPlan } from '../../core/pipeline/training/index.ts'
import type { Left } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { emptyTeacher } from '../../shared/teacherCoverage.ts'
import type { TokenKind } from '../../shared/records/example.ts'
import type { Plan } from '../../shared/records/plan.ts'
import { draftRun, type Draft, type Member, type PrepareInput } from './prepareRun.ts'
import type { SplitExample } from './runFolder.ts'
import { everySettings, runPlanOf, stageSettings, type StagedPlan } from './stagedPlan.ts'
import type { LossSource } from './studentLosses.ts'
import { teacherEntropies } from './teaching.ts'

export type PlanMember = Member & { readonly tags: readonly string[] }

export type PlanPhase = 'masking' | 'scoring'

export type PlanDraftInput = Omit<PrepareInput, 'members' | 'onProgress'> & {
  readonly members: readonly PlanMember[]
  readonly plan: Plan
  readonly losses: LossSource
  /** Awaited before each masking; throwing ends it. */
  readonly onProgress: (phase: PlanPhase, done: number, total: number) => Promise<void> | void
  readonly signal: AbortSignal
}

export type PlanDraft = Draft & {
  readonly runPlan: RunPlan
  readonly staged: StagedPlan
  readonly candidates: readonly Candidate[]
  /** Complexity, parallel to the candidates. */
  readonly values: readonly number[]
  readonly contents: readonly StageContent[]
  /** Whether the teacher's entropy is known of every candidate; null: the complexity does not ask for it. */
  readonly entropyKnown: boolean | null
}

type Masked = {
  /** By the recipes' keys. */
  readonly drafts: ReadonlyMap<string, Draft>
  /** Training examples of all recipes, and where each trajectory's are among them. */
  readonly train: readonly SplitExample[]
  readonly places: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>
}

/** As `draftRun`; what would be thrown for it stands in `blocked`. Throws RetortError `bad-plan` for what no run can do. */
export async function draftPlan(input: PlanDraftInput): Promise<PlanDraft> {
  const { plan, settings } = input
  const masked = await maskAll(input)
  const { candidates, values, entropyKnown, left } = await measure(input, masked)
  const all = stagesOf(input, { masked, candidates })
  const drafts = [...masked.drafts.values()]
  // What no stage draws is not kept: its place is taken by the next that is.
  const used = [...new Set(all.staged.stages.flatMap(({ own, earlier }) => [...own, ...earlier].flatMap(({ examples }) => examples)))].sort((a, b) => a - b)
  const newPlace = new Map(used.map((old, index) => [old, index]))
  const moved = (units: readonly Unit[]) => units.map((unit) => ({ ...unit, examples: unit.examples.map((old) => newPlace.get(old)!) }))
  const staged: StagedPlan = { stages: all.staged.stages.map(({ recipe, own, earlier }) => ({ recipe, own: moved(own), earlier: moved(earlier) })) }
  const train = used.map((old) => masked.train[old]!)
  const runPlan = runPlanOf({ examples: train, settings, plan, staged })
  const { steps } = planStages(runPlan)
  const heldout = drafts[0]!.examples.filter(({ split }) => split === 'heldout')
  const taken = new Set(train.map(({ trajectoryId }) => trajectoryId))
  const untaken = candidates.filter(({ id }) => !taken.has(id)).map(({ id }): Left => ({ trajectoryId: id, reason: 'no stage of the plan takes it' }))
  return {
    ...tallyOf(train),
    recipe: [...new Set(drafts.map((draft) => draft.recipe))].join(', then '),
    ...teacherOf(drafts),
    examples: [...heldout, ...train],
    plan: steps,
    steps: steps.length,
    longest: [...heldout, ...train].reduce((most, { ids }) => Math.max(most, ids.length), 0),
    left: [...distinct(drafts.flatMap((draft) => draft.left)), ...left, ...untaken],
    blocked: drafts.find(({ blocked }) => blocked?.code === 'too-long')?.blocked ?? unusable(plan, { steps: steps.length, heldout, drafts }) ?? emptyTeacher(teacherOf(drafts).teacher),
    runPlan,
    staged,
    candidates,
    values,
    contents: all.contents,
    entropyKnown,
  }
}

/** Of the recipe that asks the most of it. */
function teacherOf(drafts: readonly Draft[]): Pick<Draft, 'teacher' | 'lessons'> {
  const [most] = drafts.flatMap(({ teacher }) => teacher ?? []).sort((a, b) => b.of - a.of)
  // The recipes' examples have the same tokens: the first lesson of a key is that of all.
  const lessons = drafts.map((draft) => draft.lessons ?? [])
  const known = new Set<string>()
  const all = lessons.flatMap((own) => {
    const more = own.filter(({ key }) => !known.has(key))
    for (const { key } of own) known.add(key)
    return more
  })
  return { ...(most && { teacher: most }), ...(drafts.some((draft) => draft.lessons) && { lessons: all }) }
}

/** Each recipe gives its own weights to the same tokens, and may refuse what another takes. */
async function maskAll(input: PlanDraftInput): Promise<Masked> {
  const { members } = input
  const recipes = new Map(everySettings(input).map((settings) => [chosenRecipe(settings).key, settings]))
  const drafts = new Map<string, Draft>()
  const places = new Map<string, Map<string, number[]>>()
  const train: SplitExample[] = []
  for (const [index, [recipe, settings]] of [...recipes].entries()) {
    const onProgress = async (done: number): Promise<void> =>
      input.onProgress('masking', index * members.length + done, recipes.size * members.length)
    const draft = await draftRun({ ...input, settings, onProgress })
    drafts.set(recipe, draft)
    const own = new Map<string, number[]>()
    for (const example of draft.examples) {
      if (example.split !== 'train') continue
      own.set(example.trajectoryId, [...(own.get(example.trajectoryId) ?? []), train.length])
      train.push(recipes.size === 1 ? example : { ...example, id: `${example.id}@${recipe}` })
    }
    places.set(recipe, own)
  }
  return { drafts, train, places }
}

const OUTCOMES = { true: 'success', false: 'failure', null: 'unknown' } as const

/** Of every trajectory that some recipe takes: what filters ask for, and how hard it is. */
async function measure(input: PlanDraftInput, { train, places }: Masked) {
  const { plan: { complexity }, members, losses, signal, settings, student } = input
  const maps = [...places.values()]
  const taken = members.flatMap((member) => {
    const found = member.split === 'train' ? maps.map((own) => own.get(member.trajectory.id)).find((indices) => indices !== undefined) : undefined
    return found ? [{ member, examples: found.map((index) => train[index]!) }] : []
  })
  const known = METRICS[complexity.metric].scored
    ? await losses({
        examples: taken.flatMap(({ examples }) => examples),
        hashes: new Map(taken.map(({ member }) => [member.trajectory.id, member.hash ?? member.trajectory.contentHash])),
        onProgress: (done, total) => void input.onProgress('scoring', done, total),
        signal,
      })
    : null
  const entropies = complexity.metric === 'sad' && complexity.g > 0 ? teacherEntropies(settings.teacher, taken.map(({ examples }) => examples), student) : null
  const left: Left[] = []
  const measured = taken.flatMap(({ member, examples }) => {
    const { trajectory, spans } = member
    const teacherEntropy = entropies?.get(trajectory.id) ?? null
    const value = complexityOf(factsOf({ trajectory, spans, examples, teacherEntropy, loss: known?.get(trajectory.id) ?? null }), complexity)
    if (value !== null) return [{ member, value }]
    left.push({ trajectoryId: trajectory.id, reason: 'its complexity is unknown: it has no agent token to score' })
    return []
  })
  const values = measured.map(({ value }) => value)
  const ranks = ranksOf(values)
  const candidates = measured.map(({ member: { trajectory, spans, tags } }, index): Candidate => {
    const { id, taskId, source, outcome } = trajectory
    const success = String(outcome?.success ?? null) as keyof typeof OUTCOMES
    return {
      id, taskId, format: source.format, file: source.file, method: methodOf({ trajectory, spans }), tags, outcome: OUTCOMES[success], rank: ranks[index]!,
    }
  })
  const entropyKnown = entropies && measured.every(({ member }) => entropies.has(member.trajectory.id))
  return { candidates, values, entropyKnown, left }
}

function stagesOf({ plan, settings }: PlanDraftInput, { masked, candidates }: { masked: Masked; candidates: readonly Candidate[] }) {
  const members = selectStages(candidates, plan.stages)
  const staged: StagedPlan = { stages: [] }
  const contents: StageContent[] = []
  plan.stages.forEach((stage, index) => {
    const chosen = stageSettings(settings, stage)
    const { recipe } = chosen
    const places = masked.places.get(chosenRecipe(chosen).key)!
    const unitsOf = (which: readonly number[]) =>
      which.flatMap((member) => {
        const candidate = candidates[member]!
        const examples = places.get(candidate.id)
        return examples ? [{ examples: [...examples], rank: candidate.rank, group: stage.mix ? groupOf(candidate, stage.mix.by) : null }] : []
      })
    const mine = new Set(members[index])
    const before = [...new Set(members.slice(0, index).flat())].filter((member) => !mine.has(member)).sort((a, b) => a - b)
    const own = unitsOf(members[index]!)
    const earlier = stage.replay > 0 ? unitsOf(before) : []
    staged.stages.push({ recipe, own, earlier })
    contents.push({
      recipe,
      own: members[index]!,
      trajectories: own.length,
      examples: own.reduce((sum, { examples }) => sum + examples.length, 0),
      earlier: earlier.length,
      longest: [...own, ...earlier].flatMap(({ examples }) => examples).reduce((most, i) => Math.max(most, masked.train[i]!.ids.length), 0),
    })
  })
  return { staged, contents }
}

function tallyOf(train: readonly SplitExample[]) {
  const counts: Partial<Record<TokenKind, number>> = {}
  for (const { ce, kl, kinds } of train) {
    kinds.forEach((kind, token) => {
      if (ce[token]! > 0 || kl[token]! > 0) counts[kind] = (counts[kind] ?? 0) + 1
    })
  }
  return {
    counts,
    tokens: train.reduce((sum, { ids }) => sum + ids.length, 0),
    straddling: train.reduce((sum, { straddling }) => sum + straddling, 0),
  }
}

function distinct(left: readonly Left[]): Left[] {
  const seen = new Map(left.map((one) => [`${one.trajectoryId} ${one.reason}`, one]))
  return [...seen.values()]
}

/** ACT tokens on the held-out side. */
export const actTokens = (heldout: readonly SplitExample[]): number =>
  heldout.reduce((sum, { kinds, own }) => sum + kinds.filter((kind, token) => kind === 'act' && token >= Math.max(own, 1)).length, 0)

function unusable(plan: Plan, { steps, heldout, drafts }: { steps: number; heldout: readonly SplitExample[]; drafts: readonly Draft[] }): RetortError | null {
  const nothing = drafts.find(({ blocked }) => blocked !== null)?.blocked
  if (steps === 0) {
    return nothing ?? new RetortError({
      code: 'plan-empty',
      message: 'no stage of the plan takes any trajectory',
      where: plan.name,
      expected: 'a stage whose filter lets some of the training side through',
      advice: 'look at the stages with `retort plan simulate FILE`',
    })
  }
  const gated = plan.stages.find(({ gate }) => gate !== null)
  if (!gated || actTokens(heldout) > 0) return null
  return new RetortError({
    code: 'gate-unmeasurable',
    message: 'a gate of the plan cannot be measured',
    where: `stage ${gated.name}`,
    found: `${heldout.length} held-out examples without an ACT token`,
    expected: 'some, to tell whether the student puts them first',
    advice: 'hold out a larger share of the tasks (--heldout), or take the gate out of the plan',
  })
}
