// An episode again, from its log: the model writes what it wrote, the tools answer what they answered.
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { AgentEvent, EventOf } from '../../shared/records/episode.ts'
import type { AgentParts } from '../pipeline/trajectory/index.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import type { ChatModel, ModelEvent } from './model.ts'
import type { Recording } from './tools/recorded.ts'

/**
 * The model of a log: its turns in order, each ended as it was. A turn that was stopped by the clock or by the user ends as aborted;
 * after the last one it fails.
 */
export function replayModel(events: readonly AgentEvent[]): ChatModel {
  const start = events.find((event) => event.type === 'start')
  const asked = events.filter((event) => event.type === 'agent').values()
  return {
    name: start?.model ?? '',
    prefixes: 'continued',
    async *complete(_, { prefix = '' }) {
      const next = asked.next().value
      if (!next) {
        yield { type: 'failed', error: { code: 'replay-over', message: 'the recorded episode has no further turn', expected: 'at most as many steps as were recorded' } }
        return
      }
      const { reasoning = '', content, calls } = partsOf(next.turn)
      if (reasoning !== '') yield { type: 'reasoning', text: reasoning }
      yield { type: 'text', text: content.startsWith(prefix) ? content.slice(prefix.length) : content }
      for (const { id, name, arguments: given } of calls) yield { type: 'call', ...(id === undefined ? {} : { id }), name, arguments: given }
      yield endOf(next, events)
    },
  }
}

function endOf({ end, stop, tokens, promptTokens }: EventOf<'agent'>, events: readonly AgentEvent[]): ModelEvent {
  const counts = { tokens, promptTokens }
  switch (end) {
    case 'stop':
    case 'length':
    case 'context':
      return { type: 'end', reason: end, ...counts }
    case 'cut':
      return { type: 'end', reason: 'stop', ...(stop === null ? {} : { cut: stop }), ...counts }
    case 'characters':
      return { type: 'text', text: ' ' }
    case 'time':
    case 'aborted':
      return { type: 'end', reason: 'aborted', ...counts }
    case 'broken': {
      const last = events.find((event) => event.type === 'end')
      // The schema leaves out what is absent; its type only says that it may.
      return { type: 'failed', error: (last?.error ?? FAILED) as RetortErrorParts }
    }
  }
}

const FAILED: RetortErrorParts = { code: 'model-failed', message: 'the model failed when this was recorded' }

/** What a turn was made of: thinking, what is said, structured calls. */
function partsOf({ text, reasoning, calls }: Turn): AgentParts {
  const think = reasoning ? text.slice(reasoning.start + '<think>\n'.length, reasoning.end - '\n</think>'.length) : ''
  const content = text.slice(reasoning?.end ?? 0, calls[0]?.range.start ?? text.length)
  return { reasoning: think, content: reasoning || calls.length > 0 ? content.trim() : content, calls }
}

/** What each tool answered, in order: for `recordedKit`. */
export const recordingsOf = (events: readonly AgentEvent[]): Recording[] =>
  events.flatMap((event) =>
    event.type === 'observation' && event.name !== null && event.arguments !== null && RAN.has(event.status)
      ? [{
          name: event.name,
          arguments: event.arguments,
          observation: {
            text: event.text,
            status: event.status === 'ok' ? 'ok' : 'failed',
            ...(event.value === null ? {} : { value: event.value }),
            ...(event.ends === null ? {} : { ends: event.ends }),
          },
        }]
      : [],
  )

const RAN: ReadonlySet<string> = new Set<EventOf<'observation'>['status']>(['ok', 'failed', 'timed-out'])
