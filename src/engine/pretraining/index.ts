// Training a model from nothing.
export { continuePretraining, type PretrainWatch } from './continue.ts'
export { pretrain, type PretrainRequest } from './pretrain.ts'
export type { PretrainJob } from './protocol.ts'
