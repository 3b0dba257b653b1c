// One turn of the agent: the model is asked, what it writes is passed on as it comes, and cut where it must end.
import type { RetortErrorParts } from '../../shared/errors.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import type { AgentEvent, AgentLimits, AgentSampling, EventOf, TurnEnd } from '../../shared/records/episode.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'
import type { Clock, Deadline } from '../ports/index.ts'
import { createCutter } from './cutter.ts'
import type { ChatModel, ModelEvent } from './model.ts'
import { raced } from './race.ts'
import type { Style } from './styles/index.ts'

export type Question = {
  readonly model: ChatModel
  readonly style: Style
  /** All before the turn that is asked for. */
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly sampling: AgentSampling
  readonly limits: AgentLimits
  readonly step: number
  /** The turn begins with this, and belongs to it whole; the model writes the rest. */
  readonly prefix?: string
  readonly clock: Clock
  /** Of the episode. */
  readonly deadline: Deadline
}

/** `failure`: why the model wrote no more, where that was no end of a turn. */
export type Asked = { readonly event: EventOf<'agent'>; readonly failure: RetortErrorParts | null }

/** How long an abandoned model may take to stop, in milliseconds: a student looks at its signal after each token. */
const GRACE_MS = 5000

type Written = { content: string; reasoning: string; calls: (ModelEvent & { type: 'call' })[] }
type End = Pick<EventOf<'agent'>, 'end' | 'stop' | 'tokens' | 'promptTokens'> & { readonly failure?: RetortErrorParts }

const ended = (end: TurnEnd, more: Partial<End> = {}): End => ({ end, stop: null, tokens: null, promptTokens: null, ...more })

/** Never throws: what the model or its server does is in the result. */
export async function* ask(question: Question): AsyncGenerator<AgentEvent, Asked, undefined> {
  const { style, step, clock, prefix = '' } = question
  const began = clock.now()
  const written: Written = { content: prefix, reasoning: '', calls: [] }
  const possible = prefix === '' || question.model.prefixes !== undefined
  if (prefix !== '' && possible) yield { type: 'text', text: prefix }
  const { failure, ...end } = possible ? yield* listen(question, written) : ended('broken', { failure: NO_PREFIX })
  const { reasoning } = written
  // Of a model that failed before it wrote anything there is no turn.
  const content = written.content === prefix && (end.end === 'broken' || end.end === 'time' || end.end === 'aborted') ? '' : written.content
  const calls = written.calls.map(({ id, name, arguments: given }) => ({ id, name, arguments: given }))
  const turn = style.turnOf({ content, calls, ...(reasoning === '' ? {} : { reasoning }) }, step)
  return { event: { type: 'agent', step, turn, ...end, seconds: (clock.now() - began) / 1000 }, failure: failure ?? null }
}

async function* listen(question: Question, written: Written): AsyncGenerator<AgentEvent, End, undefined> {
  const { deadline, limits, style } = question
  const cutter = createCutter(style.stop)
  const stream = openStream(question)
  /** What was held back belongs to the turn where no stop sequence follows. */
  const unfinished = (end: TurnEnd, more?: Partial<End>): End => {
    written.content += cutter.rest()
    return ended(end, more)
  }
  const late = (): End => unfinished(deadline.passed() ? 'time' : 'aborted')
  let open = true
  try {
    for (;;) {
      const next = await raced(stream.next(), deadline.signal)
      if (next === 'aborted') return late()
      if ('error' in next) return unfinished('broken', { failure: failureOf(next.error) })
      if (next.value.done) {
        open = false
        return unfinished('broken', { failure: BROKE_OFF })
      }
      const event = next.value.value
      switch (event.type) {
        case 'text': {
          const { text, cut } = cutter.push(event.text)
          const room = limits.turnCharacters - written.content.length
          written.content += text.slice(0, room)
          if (text !== '' && room > 0) yield { type: 'text', text: text.slice(0, room) }
          if (text.length > room) return ended('characters')
          if (cut !== null) return ended('cut', { stop: cut })
          break
        }
        case 'reasoning':
          written.reasoning += event.text
          yield event
          if (written.reasoning.length > limits.turnCharacters) return ended('characters')
          break
        case 'call':
          written.calls.push(event)
          break
        case 'notice':
          yield event
          break
        case 'failed':
          return unfinished('broken', { failure: event.error })
        case 'end': {
          const { tokens, promptTokens } = event
          if (event.reason === 'aborted' && deadline.signal.aborted) return { ...late(), tokens, promptTokens }
          const rest = cutter.rest()
          written.content += rest
          if (rest !== '') yield { type: 'text', text: rest }
          const cut = event.cut ?? null
          return ended(cut === null ? event.reason : 'cut', { stop: cut, tokens, promptTokens })
        }
      }
    }
  } finally {
    if (open) await leave(stream, question.clock)
  }
}

/** The model's stream; one that cannot even be opened fails when it is first read. */
function openStream({ model, style, turns, tools, sampling, limits, step, prefix = '', deadline }: Question): AsyncIterator<ModelEvent> {
  const { temperature, topP, seed } = sampling
  const options = {
    tools: style.structured ? tools : [],
    stop: style.stop,
    maxTokens: limits.turnTokens,
    temperature,
    topP,
    seed: (seed + step) % 2 ** 32,
    ...(prefix === '' ? {} : { prefix }),
    hold: deadline.hold,
    signal: deadline.signal,
  }
  return (async function* () {
    yield* model.complete(turns, options)
  })()
}

/** The model stops its work before the next question, unless it does not stop at all. */
async function leave(stream: AsyncIterator<ModelEvent>, clock: Clock): Promise<void> {
  const grace = clock.deadline(GRACE_MS)
  await raced(Promise.resolve(stream.return?.()), grace.signal)
  grace.end()
}

const BROKE_OFF: RetortErrorParts = {
  code: 'model-broke-off', message: 'the answer broke off', found: 'an end without a reason', expected: 'an answer with its end',
}

const NO_PREFIX: RetortErrorParts = {
  code: 'no-prefix', message: 'this model cannot be given the beginning of its turn', found: 'a prefix', expected: 'a model that continues a message, or can be asked to begin with a text',
}

const failureOf = (error: unknown): RetortErrorParts =>
  error instanceof RetortError
    ? errorParts(error)
    : { code: 'model-failed', message: 'the model could not answer', found: error instanceof Error ? error.message : String(error) }
