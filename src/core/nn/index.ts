// Surface of the neural network layer: configs, graphs, adapters, optimiser, schedule.
export type { ModelConfig } from './config.ts'
export { llamaMetadata } from './llamaMetadata.ts'
export { readModelConfig } from './readConfig.ts'
export { batchSizes, PARTS, positionFeeds } from './feeds.ts'
export { distributionGraph, gradientOf, scoringGraph, termLossOf, trainingGraph } from './graphs.ts'
export { adaptedLayers, initialLora, loraA, loraB, loraMatrices, loraOf, loraScale, type LoraConfig, type TrainedTensor } from './lora.ts'
export { LOSS_SCALE } from './lossScale.ts'
export {
  CANDIDATES, candidateCount, logProbsOf, projectConflicts, restOf, spanWeight, termWeightsOf, unsharedOf, updatedSpanWeight,
  type Given, type LossTerm,
} from './losses/index.ts'
export { ADAMW_DEFAULTS, adamW, clipFactor, globalNorm, type AdamWSettings, type AdamWState, type Parameters } from './optimiser.ts'
export { exactContext, plainRope } from './rope.ts'
export { scheduleFactor } from './schedule.ts'
export { blockTensors, expectedTensors, linearLayers, TENSORS } from './tensors.ts'
export { DROPOUT, initialWeights, trainedTensors, type Trainable } from './weights.ts'
