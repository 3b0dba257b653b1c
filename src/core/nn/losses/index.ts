// Surface of the losses: the table, and the loss of a pass at the LM head that is made of its rows.
export { CANDIDATES, candidateCount, headLoss, termWeightsOf, type HeadLoss } from './headLoss.ts'
export { topOfHead } from './topOfHead.ts'
export { LOSSES } from './table.ts'
export { logProbsOf, logitsOf } from './distributions.ts'
export { restOf, unsharedOf } from './uld.ts'
export type { Given, LossName, LossTerm } from './row.ts'
export { projectConflicts, type Projected } from './projection.ts'
export { spanWeight, updatedSpanWeight } from './spanWeights.ts'
