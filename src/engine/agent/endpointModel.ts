// A model behind an endpoint as the agent loop's chat model.
import type { ChatModel } from '../../core/agent/index.ts'
import { protocolMessages } from '../../core/pipeline/training/index.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import { type Endpoint, eventsOfEndpoint } from '../providers/index.ts'

export function endpointModel({ endpoint, model }: { endpoint: Endpoint; model: string }): ChatModel {
  return {
    name: `${endpoint.name}: ${model}`,
    async *complete(turns, { tools, stop, maxTokens, temperature, topP, seed, signal }) {
      const messages = protocolMessages({ turns, tools })
      const sampling = { temperature, topP, seed, maxTokens }
      for await (const event of eventsOfEndpoint({ endpoint, model, messages, tools, stop, sampling }, signal)) {
        switch (event.type) {
          case 'text':
          case 'reasoning':
          case 'call':
          case 'notice':
            yield event
            break
          case 'end':
            yield { type: 'end', reason: event.reason, tokens: event.tokens, promptTokens: event.promptTokens }
            break
          case 'failed':
            // The schema leaves out what is absent; its type only says that it may.
            yield { type: 'failed', error: event.error as RetortErrorParts }
            break
          case 'loading':
          case 'prompt':
            break
        }
      }
    },
  }
}
