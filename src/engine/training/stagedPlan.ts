// A plan with its filters applied, as a run's folder keeps it: which examples each stage takes. And what its gates decided.
import { z } from 'zod'
import { plainPlan, type RunPlan, type TokenSequence } from '../../core/pipeline/training/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Plan, Stage } from '../../shared/records/plan.ts'
import { recipeNameSchema, type RecipeName } from '../../shared/records/recipe.ts'
import { SPAN_WEIGHTS, trainSettingsSchema, type TrainSettings } from '../../shared/records/run.ts'

const unitSchema = z.object({ examples: z.array(z.int().min(0)), rank: z.number(), group: z.string().nullable() })
export const stagedPlanSchema = z.object({
  stages: z.array(z.object({ recipe: recipeNameSchema, own: z.array(unitSchema), earlier: z.array(unitSchema) })),
})
/** Indices are those of the run's training examples. */
export type StagedPlan = z.infer<typeof stagedPlanSchema>

export type RunPlanInput = {
  /** The training examples, in order. */
  readonly examples: readonly TokenSequence[]
  readonly settings: TrainSettings
  readonly plan: Plan | undefined
  readonly staged: StagedPlan | null
}

/** The plan of a run; of one without a curriculum, a single stage over everything. */
export function runPlanOf({ examples, settings, plan, staged }: RunPlanInput): RunPlan {
  if (!plan || !staged) return plainPlan(examples, settings)
  const stages = plan.stages.map((stage, index) => {
    const { own, earlier } = staged.stages[index]!
    const { order, length, gate, replay, mix, lr } = stage
    return { own, earlier, order, length, gate, replay, shares: mix?.shares ?? null, lr: lr ?? settings.lr }
  })
  return { examples, stages, pacing: plan.pacing, settings }
}

/** The recipe of a stage: its own, else the run's. */
const recipeOf = (stage: Stage, settings: Pick<TrainSettings, 'recipe'>): RecipeName => stage.recipe ?? settings.recipe

/** The settings that a run trains by: those of each stage of its plan, or its only ones. Throws RetortError `bad-plan`. */
export const everySettings = ({ settings, plan }: { readonly settings: TrainSettings; readonly plan?: Plan | undefined }): TrainSettings[] =>
  plan ? plan.stages.map((stage) => stageSettings(settings, stage)) : [settings]

/** Equal where the same graph trains by both: what stands in the examples and the steps already does not matter. */
export const graphKey = (settings: TrainSettings): string =>
  JSON.stringify({ ...settings, recipe: null, lr: null, ...Object.fromEntries(SPAN_WEIGHTS.map((name) => [name, null])) })

/** Settings of the loss that a stage may have its own of; every other one holds for the whole run. */
const OF_A_STAGE = ['kl', 'klBeta', 'temperature', 'stayClose', 'projectGradients', ...SPAN_WEIGHTS] as const satisfies readonly (keyof TrainSettings)[]

/** The settings that a stage trains by. Throws RetortError `bad-plan` for a loss setting that there is not, or that cannot be so. */
export function stageSettings(settings: TrainSettings, stage: Stage): TrainSettings {
  const own = { recipe: recipeOf(stage, settings), lr: stage.lr ?? settings.lr }
  const bad = (where: string, found: string, expected: string): RetortError =>
    new RetortError({ code: 'bad-plan', message: 'a loss setting of the plan cannot be used', where: `stage ${stage.name}, losses.${where}`, found, expected })
  for (const name of Object.keys(stage.losses)) {
    if (!(OF_A_STAGE as readonly string[]).includes(name)) throw bad(name, name, `one of ${OF_A_STAGE.join(', ')}`)
  }
  const merged = trainSettingsSchema.safeParse({ ...settings, ...own, ...stage.losses })
  if (merged.success) return merged.data
  const [issue] = merged.error.issues
  const name = String(issue?.path[0] ?? '')
  throw bad(name, JSON.stringify(stage.losses[name]), issue?.message ?? 'another value')
}
