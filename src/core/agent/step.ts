// One step of an agent: a turn, and what the environment answers. Other ways to choose a turn take this one's place.
import type { AgentEvent, EpisodeEnd } from '../../shared/records/episode.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import { act, unread } from './act.ts'
import { type Asked, ask, type Question } from './ask.ts'
import type { Reading } from './styles/index.ts'
import type { Toolbox } from './toolbox.ts'

export type StepInput = Question & { readonly toolbox: Toolbox }

/** How an episode ended. */
export type Ending = { readonly reason: EpisodeEnd; readonly answer: string | null; readonly error: RetortErrorParts | null }

/** `toolbox`: with the state after the step; when it is another than the one given, that one has been disposed. */
export type StepOutcome = { readonly toolbox: Toolbox; readonly ending: Ending | null }

/** Yields the events of the step as they happen: one `agent` event, then its calls and observations. Never throws. */
export type StepPolicy = (input: StepInput) => AsyncGenerator<AgentEvent, StepOutcome, undefined>

/** The turn is the model's first answer, and its calls are run on the live state. */
export const singleSample: StepPolicy = async function* (input) {
  const { toolbox, style, deadline } = input
  const asked = yield* ask(input)
  const { event } = asked
  yield event
  const halted = haltOf(asked, deadline.passed())
  if (halted) return { toolbox, ending: halted }
  const reading = style.read(event.turn)
  const acting = { ...input, turn: event.turn }
  const unfinished = unfinishedProblem(asked, reading)
  if (reading.answer !== null && unfinished === null) {
    if (reading.calls.length > 0) yield { type: 'notice', text: `${reading.calls.length} calls beside the answer were not run` }
    return { toolbox, ending: { reason: 'answer', answer: reading.answer, error: null } }
  }
  const problem = unfinished ?? reading.problem
  if (problem !== null) yield unread(acting, problem)
  else {
    const ends = yield* act(acting, reading.calls)
    if (ends) return { toolbox, ending: { reason: ends.answer === null ? 'environment' : 'answer', answer: ends.answer, error: null } }
  }
  return { toolbox, ending: event.end === 'context' ? { reason: 'context', answer: null, error: null } : null }
}

/** Why the episode cannot go on behind a turn, or null. */
export function haltOf({ event, failure }: Asked, timeIsOver: boolean): Ending | null {
  if (failure) return { reason: failure.code === 'context-full' ? 'context' : 'model-failed', answer: null, error: failure }
  if (event.end === 'time' || event.end === 'aborted') return { reason: timeIsOver ? 'time' : 'aborted', answer: null, error: null }
  return null
}

/** A turn that reached a limit may be half a call or half an answer: only a command whose end was written counts. */
export function unfinishedProblem({ event }: Asked, { spans, answer, calls }: Reading): string | null {
  if (event.end !== 'length' && event.end !== 'characters' && event.end !== 'context') return null
  const whole = answer === null ? calls.length > 0 : spans.some(({ kind, call }) => kind === 'final' && call !== undefined)
  return whole ? null : 'the turn was cut off for its length, write less'
}
