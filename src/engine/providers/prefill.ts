// How an endpoint continues a message of the assistant, where it does: a row for each way.
import type { Prefill } from '../../shared/records/prefill.ts'
import type { Endpoint } from './endpoint.ts'

type Body = Record<string, unknown>

/** What is changed in a request whose last message is to be continued. */
export const PREFILLS: { readonly [Way in Exclude<Prefill, 'none'>]: (body: Body) => Body } = {
  // Anthropic, llama.cpp's server: a last message of the assistant is continued as it is.
  message: (body) => body,
  // vLLM and SGLang: extra fields of their chat completions.
  flag: (body) => ({ ...body, continue_final_message: true, add_generation_prompt: false }),
  // Mistral, DeepSeek (beta): a field of the message itself.
  mark: (body) => {
    const messages = body['messages'] as Body[]
    return { ...body, messages: messages.map((message, index) => (index === messages.length - 1 ? { ...message, prefix: true } : message)) }
  },
}

/** What holds where the provider's settings say nothing: of Anthropic's protocol it is known. */
const USUAL: { readonly [K in Endpoint['kind']]: Prefill } = { 'openai-compatible': 'none', anthropic: 'message' }

/** Whether a message can be continued there at all. */
export const continuesMessages = ({ kind, prefill }: Endpoint): boolean => (prefill ?? USUAL[kind]) !== 'none'

/** The endpoint's way. To be asked only where there is one. */
export function prefillOf({ kind, prefill, name }: Endpoint): keyof typeof PREFILLS {
  const way = prefill ?? USUAL[kind]
  if (way === 'none') throw new Error(`${name} continues no message`)
  return way
}
