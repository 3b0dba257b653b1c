// Surface of the neural network layer: configs, graphs, adapters, optimiser, schedule.
export { readModelConfig, type ModelConfig } from './config.ts'
export { positionFeeds } from './feeds.ts'
export { gradientOf, scoringGraph, trainingGraph } from './graphs.ts'
export { initialLora, loraA, loraB, loraMatrices, type LoraConfig, type TrainedMatrix } from './lora.ts'
export { ADAMW_DEFAULTS, adamW, clipGlobalNorm, type AdamWSettings, type AdamWState, type Parameters } from './optimiser.ts'
export { plainRope } from './rope.ts'
export { scheduleFactor } from './schedule.ts'
export { expectedTensors, linearLayers } from './tensors.ts'
