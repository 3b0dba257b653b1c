// Training: from trajectories to the tokens, kinds and weights that a student learns from.
export type { MaskedRendering, MaskInput, MaskResult } from './mask.ts'
export { maskIfPossible, maskTrajectory } from './mask.ts'
export type { Recipe, TeacherSignal, Weights } from './recipes.ts'
export { RECIPES } from './recipes.ts'
export type { Conversation, PreparedConversation, RenderedToken, Rendering } from './render.ts'
export { prepareConversation, renderConversation } from './render.ts'
export { adapterFeeds, makeBatch, type Batch, type Target, type TokenSequence } from './batch.ts'
export { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
export { bestPoint, earlyStop, measureOf } from './earlyStop.ts'
export { CALM, type GuardAlert, type GuardState } from './guard.ts'
export { createLossAlerts } from './lossAlerts.ts'
export { withLossScale } from './lossScale.ts'
export { runTraining, stepTokens, type TrainLoop, type TrainState } from './loop.ts'
export {
  decideGate, gateDue, packPasses, plainPlan, planStages, planSteps, stepsAsTrained, type DueGate, type PlannedStep, type RunPlan, type RunStage,
  type StagedSteps,
} from './plan.ts'
export { stepCount, withoutSteps, type Stretch } from './shorten.ts'
export { createTally, type Mean, type Tally } from './tally.ts'
