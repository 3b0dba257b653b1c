// Evaluation: how well a student predicts trajectories it was not trained on.
export { evaluateHeldout } from './heldout.ts'
export { scoreExamples, type ScoreInput, type TokenScore } from './scoreExamples.ts'
