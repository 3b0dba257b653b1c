// How an endpoint continues a last message of the assistant, if it does.
import { z } from 'zod'

/**
 * Not at all, as it is (Anthropic, llama.cpp), by `continue_final_message` (vLLM, SGLang), or by a mark on the message (Mistral,
 * DeepSeek).
 */
export const prefillSchema = z.enum(['none', 'message', 'flag', 'mark'])
export type Prefill = z.infer<typeof prefillSchema>
