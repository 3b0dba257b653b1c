// The span recipes: each is a row that says which token gets which weight for which loss (methods.md section 2).
import type { StepLabel } from '../../../shared/records/correction.ts'
import type { TokenKind } from '../../../shared/records/example.ts'
import type { RecipeName } from '../../../shared/records/recipe.ts'
import { SPAN_WEIGHTS, type SpanWeightSettings } from '../../../shared/records/run.ts'
import type { Span } from '../../../shared/records/span.ts'
import type { Trajectory } from '../../../shared/records/trajectory.ts'

/** Loss weights of a token: cross entropy to the token, and KL to the teacher's distribution. */
export type Weights = { readonly ce: number; readonly kl: number }

/** Kinds that a weight is given for; `end` takes the weight of its turn's last span. */
type WeightedKind = Exclude<TokenKind, 'end'>

/** What a row of the table says. */
type Row = {
  readonly name: RecipeName
  readonly title: string
  readonly weights: Readonly<Record<WeightedKind, Weights>>
  /** False: the step stays in the context and is not trained. */
  trainsStep(label: StepLabel | null): boolean
  /** Whether template text around turns counts as context; it has weight 0 unless every token is trained. */
  readonly template: 'untrained' | 'trained'
  /** Why the trajectory cannot be trained with this recipe; null when it can. */
  refuses(input: { trajectory: Trajectory; spans: readonly (readonly Span[])[] }): string | null
  /** Weights given for acts hold for answers, too. */
  readonly finalAsAct?: true
}

export type Recipe = Pick<Row, 'name' | 'trainsStep' | 'template' | 'refuses'> & {
  /** The same for recipes that give every token the same weights. */
  readonly key: string
  /** What to show: the recipe, what its losses are, and weights that are not its own. */
  label(teacher: TeacherSignal): string
  /** Without the teacher's distributions, what would be trained towards them is trained towards the token. */
  weights(teacher: TeacherSignal): Readonly<Record<WeightedKind, Weights>>
}

/** `distribution`: the teacher's probabilities are at hand for the supervised tokens; `text`: only its words are. */
export type TeacherSignal = 'distribution' | 'text'

const NONE: Weights = { ce: 0, kl: 0 }
const ce = (weight: number): Weights => ({ ce: weight, kl: 0 })
const kl = (weight: number): Weights => ({ ce: 0, kl: weight })
const agentOnly = (reason: Weights, act: Weights, final: Weights) => ({
  reason,
  act,
  final,
  observe: NONE,
  context: NONE,
})

/** What follows from a step that was replaced answers another one. */
const everyStep = (label: StepLabel | null): boolean => label !== 'stale'
const anyTrajectory = () => null

const ROWS: Readonly<Record<RecipeName, Row>> = {
  sft: {
    name: 'sft',
    title: 'plain SFT',
    weights: agentOnly(ce(1), ce(1), ce(1)),
    trainsStep: everyStep,
    template: 'untrained',
    refuses: anyTrajectory,
  },
  sad: {
    name: 'sad',
    title: 'structured agent distillation',
    weights: agentOnly(kl(1), ce(1), ce(1)),
    finalAsAct: true,
    trainsStep: everyStep,
    template: 'untrained',
    refuses: anyTrajectory,
  },
  smartad: {
    name: 'smartad',
    title: 'SmartAD span weights',
    weights: agentOnly(ce(1), ce(1.5), ce(2)),
    trainsStep: everyStep,
    template: 'untrained',
    refuses: anyTrajectory,
  },
  srft: {
    name: 'srft',
    title: 'step-rejection fine-tuning',
    weights: agentOnly(ce(1), ce(1), ce(1)),
    trainsStep: (label) => everyStep(label) && label !== 'unnecessary' && label !== 'mistake',
    template: 'untrained',
    refuses: anyTrajectory,
  },
  cot: {
    name: 'cot',
    title: 'chain-of-thought distillation (baseline)',
    weights: agentOnly(ce(1), NONE, ce(1)),
    trainsStep: everyStep,
    template: 'untrained',
    refuses: ({ trajectory, spans }) => {
      const agentTurns = trajectory.turns.filter((turn) => turn.role === 'agent').length
      if (agentTurns !== 1) return `it has ${agentTurns} agent turns; chain-of-thought distillation takes one`
      const calls = trajectory.turns.reduce((sum, turn) => sum + turn.calls.length, 0)
      const acts = spans.flat().filter((span) => span.kind === 'act').length
      return calls + acts > 0 ? 'its agent turn calls a tool; chain-of-thought distillation takes none' : null
    },
  },
  token: {
    name: 'token',
    title: 'every token (baseline)',
    weights: { reason: ce(1), act: ce(1), final: ce(1), observe: ce(1), context: ce(1) },
    trainsStep: everyStep,
    template: 'trained',
    refuses: anyTrajectory,
  },
}

type OwnKind = 'reason' | 'act' | 'final'

const titled = (key: (typeof SPAN_WEIGHTS)[number]): string => key.replace(/(Ce|Kl)$/, (loss) => ` ${loss.toUpperCase()}`)

/** A row with the weights that settings put in place of its own. */
export function chosenRecipe({ recipe, ...given }: SpanWeightSettings & { readonly recipe: RecipeName }): Recipe {
  const { title, weights: own, finalAsAct, ...row } = ROWS[recipe]
  const { actCe, actKl } = given
  const asked: SpanWeightSettings = finalAsAct ? { ...given, finalCe: given.finalCe ?? actCe, finalKl: given.finalKl ?? actKl } : given
  const of = (kind: OwnKind): Weights => ({ ce: asked[`${kind}Ce`] ?? own[kind].ce, kl: asked[`${kind}Kl`] ?? own[kind].kl })
  const weights = { ...own, reason: of('reason'), act: of('act'), final: of('final') }
  const told = (teacher: TeacherSignal): string[] =>
    SPAN_WEIGHTS.flatMap((key) => {
      const weight = given[key]
      if (weight === undefined) return []
      return [`${titled(key)} ${weight}${teacher === 'text' && key.endsWith('Kl') && weight > 0 ? ' (counts as CE)' : ''}`]
    })
  const listens = Object.values(weights).some((weight) => weight.kl > 0)
  return {
    ...row,
    key: [recipe, ...told('distribution')].join(', '),
    label: (teacher) => [`${title}${listens && teacher === 'text' ? ' (hard targets)' : ''}`, ...told(teacher)].join(', '),
    weights: (teacher) => (teacher === 'distribution' ? weights : towardsTokens(weights)),
  }
}

const towardsTokens = (weights: Row['weights']): Row['weights'] =>
  Object.fromEntries(Object.entries(weights).map(([kind, weight]) => [kind, ce(weight.ce + weight.kl)])) as Row['weights']

/** Weights that the settings give for kinds that the recipe trains nothing of: they would be without effect. */
export const idleWeights = ({ recipe, ...given }: SpanWeightSettings & { readonly recipe: RecipeName }): (typeof SPAN_WEIGHTS)[number][] =>
  SPAN_WEIGHTS.filter((key) => given[key] !== undefined && ROWS[recipe].weights[key.slice(0, -2) as OwnKind] === NONE)

/** The recipes with their own weights. */
export const RECIPES = Object.fromEntries(Object.values(ROWS).map(({ name }) => [name, chosenRecipe({ recipe: name })])) as Readonly<Record<RecipeName, Recipe>>
