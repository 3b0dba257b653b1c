// A model behind an endpoint as the agent loop's chat model.
import { type ChatModel, instructedPrefix, type ModelEvent, withoutEcho } from '../../core/agent/index.ts'
import { protocolMessages } from '../../core/pipeline/training/index.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import { type AnswerToken, continuesMessages, type Endpoint, eventsOfEndpoint } from '../providers/index.ts'

type Asking = Parameters<typeof eventsOfEndpoint>[0]

export type EndpointVoice = {
  readonly endpoint: Endpoint
  readonly model: string
  /** How patiently it is asked, and log-probabilities of how many tokens. */
  readonly asking?: Pick<Asking, 'patience' | 'pauses' | 'mostPause' | 'again' | 'logprobs'>
  /** Told the log-probabilities of an answer's tokens, piece by piece. */
  readonly onTokens?: (tokens: readonly AnswerToken[]) => void
}

/** A beginning is continued where the endpoint continues messages, else asked for in words. */
export function endpointModel(voice: EndpointVoice): ChatModel {
  const model = plainModel(voice)
  return continuesMessages(voice.endpoint) ? { ...model, prefixes: 'continued' } : instructedPrefix(model)
}

function plainModel({ endpoint, model, asking = {}, onTokens }: EndpointVoice): ChatModel {
  return {
    name: `${endpoint.name}: ${model}`,
    complete(turns, { tools, stop, maxTokens, temperature, topP, seed, prefix = '', hold, signal }) {
      const messages = protocolMessages({ turns, tools })
      const sampling = { temperature, topP, seed, maxTokens }
      const events = asModelEvents(eventsOfEndpoint({ ...asking, endpoint, model, messages, tools, stop, sampling, prefix, ...(hold ? { hold } : {}) }, signal), onTokens)
      // Some servers repeat the message that they continue; the protocols trim it, so that its own white space comes once more.
      return prefix === '' ? events : withoutEcho(prefix.trimEnd() === prefix ? events : withoutLeadingSpace(events), prefix)
    },
  }
}

async function* asModelEvents(events: ReturnType<typeof eventsOfEndpoint>, onTokens: EndpointVoice['onTokens']): AsyncGenerator<ModelEvent, void, undefined> {
  for await (const event of events) {
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
      case 'logprobs':
        onTokens?.(event.tokens)
        break
      case 'loading':
      case 'prompt':
        break
    }
  }
}

async function* withoutLeadingSpace(events: AsyncIterable<ModelEvent>): AsyncGenerator<ModelEvent, void, undefined> {
  let begun = false
  for await (const event of events) {
    if (begun || event.type !== 'text') {
      yield event
      continue
    }
    const text = event.text.trimStart()
    if (text === '') continue
    begun = true
    yield { type: 'text', text }
  }
}
