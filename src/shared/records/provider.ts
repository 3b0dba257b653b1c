// Where a training graph runs: the execution providers of ONNX Runtime that Retort knows, and the numbers it computes with.
import { z } from 'zod'

export const providerNameSchema = z.enum(['cpu', 'cuda', 'dml', 'coreml', 'webgpu'])
export type ProviderName = z.infer<typeof providerNameSchema>

/** 'auto': the fastest that passed its self-test on this machine. */
export const providerChoiceSchema = z.enum(['auto', ...providerNameSchema.options])
export type ProviderChoice = z.infer<typeof providerChoiceSchema>

/** 'f16': frozen weights and activations in half precision; adapters, norms, softmax and loss stay in single. */
export const computeSchema = z.enum(['f32', 'f16'])
export type Compute = z.infer<typeof computeSchema>
