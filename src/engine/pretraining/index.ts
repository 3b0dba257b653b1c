// Training a model from nothing.
export { pretrain, type PretrainRequest } from './pretrain.ts'
export { pretrainSession, type PretrainJob, type PretrainWatch } from './session.ts'
