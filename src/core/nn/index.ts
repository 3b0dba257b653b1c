// Surface of the neural network layer: configs, graphs, adapters, optimiser, schedule.
export { expectedTensors, linearLayers, readModelConfig, type ModelConfig } from './config.ts'
export { gradientOf, scoringGraph, trainingGraph } from './graphs.ts'
export { initialLora, loraA, loraB, loraMatrices, type LoraConfig, type TrainedMatrix } from './lora.ts'
export { ADAMW_DEFAULTS, adamW, clipGlobalNorm, type AdamWSettings, type AdamWState, type Parameters } from './optimiser.ts'
export { ropeTables } from './rope.ts'
export { scheduleFactor } from './schedule.ts'
