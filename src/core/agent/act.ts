// The calls of one turn: run one after the other, in the order of the text, each answered by an observation.
import type { AgentEvent, AgentLimits, EventOf } from '../../shared/records/episode.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import type { Clock, Deadline } from '../ports/index.ts'
import type { Reading, Style } from './styles/index.ts'
import type { CallResult, Toolbox } from './toolbox.ts'

export type Acting = {
  readonly style: Style
  readonly toolbox: Pick<Toolbox, 'prepare' | 'run'>
  readonly limits: AgentLimits
  readonly step: number
  /** The agent's turn. */
  readonly turn: Turn
  readonly clock: Clock
  /** Of the episode. */
  readonly deadline: Deadline
}

/** Runs the calls until one ends the episode or the time is over. Gives how the episode ended, null when it goes on. */
export async function* act(acting: Acting, calls: Reading['calls']): AsyncGenerator<AgentEvent, EventOf<'observation'>['ends'], undefined> {
  const { toolbox, limits, step, clock, deadline } = acting
  for (const [index, written] of calls.entries()) {
    if (index >= limits.calls) {
      const result: CallResult = { status: 'not-run', text: `Not run: at most ${limits.calls} calls at once.` }
      yield observation(acting, { call: index, name: written.name, arguments: null, result, seconds: 0 })
      continue
    }
    const prepared = toolbox.prepare(written)
    if ('status' in prepared) {
      const { name, arguments: json, ...result } = prepared
      yield observation(acting, { call: index, name, arguments: json, result, seconds: 0 })
      continue
    }
    const { name, arguments: json } = prepared
    yield { type: 'call', step, call: index, name, arguments: json }
    const began = clock.now()
    const result = await toolbox.run(prepared, { seconds: limits.callSeconds, signal: deadline.signal })
    const observed = observation(acting, { call: index, name, arguments: json, result, seconds: result.seconds ?? (clock.now() - began) / 1000 })
    yield observed
    if (observed.ends !== null) return observed.ends
    if (deadline.signal.aborted) return null
  }
  return null
}

/** The environment's word on a turn that holds nothing to run. */
export const unread = (acting: Acting, problem: string): EventOf<'observation'> =>
  observation(acting, { call: null, name: null, arguments: null, result: { status: 'not-parsed', text: `Not understood: ${problem}.` }, seconds: 0 })

/** Of a value, and of an answer that a tool hands in; above what the sandboxes keep. What is longer has no place in a log. */
const MOST_KEPT = 32_768

const kept = (text: string): string => {
  const { text: beginning, omitted } = shortened(text, MOST_KEPT)
  return omitted === 0 ? text : `${beginning}[${omitted} more characters]`
}

type Observed = Pick<EventOf<'observation'>, 'call' | 'name' | 'arguments' | 'seconds'> & { readonly result: CallResult }

function observation({ style, limits, step, turn }: Acting, { result, ...of }: Observed): EventOf<'observation'> {
  const { text, omitted } = shortened(result.text, limits.observationCharacters)
  const told = omitted === 0 ? text : `${text}\n[${omitted} more characters]`
  const ends = result.ends && { answer: result.ends.answer === null ? null : kept(result.ends.answer) }
  return {
    type: 'observation', step, ...of, status: result.status, text, omitted,
    value: result.value === undefined ? null : kept(result.value), ends: ends ?? null, turn: style.observe(told, turn, of.call),
  }
}

/** The beginning of a text; no character outside the BMP is divided. */
function shortened(text: string, most: number): { text: string; omitted: number } {
  if (text.length <= most) return { text, omitted: 0 }
  const half = /[\ud800-\udbff]/.test(text[most - 1]!) ? 1 : 0
  return { text: text.slice(0, most - half), omitted: text.length - most + half }
}
