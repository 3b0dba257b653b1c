// The span recipes: each is a row that says which token gets which weight for which loss (methods.md section 2).
import type { StepLabel } from '../../../shared/records/correction.ts'
import type { TokenKind } from '../../../shared/records/example.ts'
import type { RecipeName } from '../../../shared/records/recipe.ts'
import type { Span } from '../../../shared/records/span.ts'
import type { Trajectory } from '../../../shared/records/trajectory.ts'

/** Loss weights of a token: cross entropy to the token, and KL to the teacher's distribution. */
export type Weights = { readonly ce: number; readonly kl: number }

/** Kinds that a weight is given for; `end` takes the weight of its turn's last span. */
type WeightedKind = Exclude<TokenKind, 'end'>

export type Recipe = {
  readonly name: RecipeName
  /** What to show: the recipe and what its losses are. */
  label(teacher: TeacherSignal): string
  weights(teacher: TeacherSignal): Readonly<Record<WeightedKind, Weights>>
  /** False: the step stays in the context and is not trained. */
  trainsStep(label: StepLabel | null): boolean
  /** Whether template text around turns counts as context; it has weight 0 unless every token is trained. */
  readonly template: 'untrained' | 'trained'
  /** Why the trajectory cannot be trained with this recipe; null when it can. */
  refuses(input: { trajectory: Trajectory; spans: readonly (readonly Span[])[] }): string | null
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

const everyStep = () => true
const anyTrajectory = () => null

export const RECIPES: Readonly<Record<RecipeName, Recipe>> = {
  sft: {
    name: 'sft',
    label: () => 'plain SFT',
    weights: () => agentOnly(ce(1), ce(1), ce(1)),
    trainsStep: everyStep,
    template: 'untrained',
    refuses: anyTrajectory,
  },
  sad: {
    name: 'sad',
    label: (teacher) =>
      teacher === 'distribution' ? 'structured agent distillation' : 'structured agent distillation (hard targets)',
    weights: (teacher) => agentOnly(teacher === 'distribution' ? kl(1) : ce(1), ce(1), ce(1)),
    trainsStep: everyStep,
    template: 'untrained',
    refuses: anyTrajectory,
  },
  smartad: {
    name: 'smartad',
    label: () => 'SmartAD span weights',
    weights: () => agentOnly(ce(1), ce(1.5), ce(2)),
    trainsStep: everyStep,
    template: 'untrained',
    refuses: anyTrajectory,
  },
  srft: {
    name: 'srft',
    label: () => 'step-rejection fine-tuning',
    weights: () => agentOnly(ce(1), ce(1), ce(1)),
    trainsStep: (label) => label !== 'unnecessary' && label !== 'mistake',
    template: 'untrained',
    refuses: anyTrajectory,
  },
  cot: {
    name: 'cot',
    label: () => 'chain-of-thought distillation (baseline)',
    weights: () => agentOnly(ce(1), NONE, ce(1)),
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
    label: () => 'every token (baseline)',
    weights: () => ({ reason: ce(1), act: ce(1), final: ce(1), observe: ce(1), context: ce(1) }),
    trainsStep: everyStep,
    template: 'trained',
    refuses: anyTrajectory,
  },
}
