// The curriculum: how hard trajectories are, and which a run takes when.
export { complexityOf, METRICS } from './complexity.ts'
export { drawStage, passSize, type DrawnStage, type Unit } from './draw.ts'
export { factsOf, methodOf, type Facts } from './facts.ts'
export { competence, pacingFactor, pacingSteps } from './pacing.ts'
export { proposePlan, readPlan, type Proposal } from './proposal.ts'
export { histogram, hundredths, ranksOf } from './ranks.ts'
export { groupOf, selectStages, type Candidate } from './select.ts'
export { turnMacroNll, type ScoreTokens } from './studentLoss.ts'
