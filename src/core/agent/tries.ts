// The calls of a step's candidates, tried in copies of the tools' state: call by call, so that equal beginnings run once.
import type { AgentEvent, EventOf } from '../../shared/records/episode.ts'
import { canonicalJson } from '../pipeline/trajectory/index.ts'
import { act, type Acting } from './act.ts'
import type { Asked } from './ask.ts'
import type { StepInput } from './step.ts'
import type { Reading } from './styles/index.ts'
import type { CallResult, Toolbox } from './toolbox.ts'

/** A copy of the tools' state, and what calls from there came to. */
type State = { readonly toolbox: Toolbox; readonly after: Map<string, Tried> }
type Tried = { readonly result: CallResult; readonly state: State }

/** What a candidate's calls come to. */
export type Run = {
  readonly events: readonly AgentEvent[]
  readonly ends: EventOf<'observation'>['ends']
  /** A call has effects outside, which no copy holds in: it and those behind it are run when the candidate is taken. */
  readonly held: boolean
  /** What ran, in order, and the state behind it. */
  readonly tried: readonly CallResult[]
  readonly state: State
}

export type Tries = {
  /** Tool and canonical arguments of each call, in order. */
  keyOf(reading: Reading): string
  run(asked: Asked, reading: Reading): Promise<Run>
  /** The events of the run; what was held back is run now, in its state. Gives how it ended. */
  take(candidate: { readonly asked: Asked; readonly reading: Reading; readonly run: Run }): AsyncGenerator<AgentEvent, Run['ends'], undefined>
  /** The state of this run, or the one before the step (null); the others are freed. */
  keep(run: Run | null): Promise<Toolbox>
  /** Frees all but the state before the step, if none was kept. */
  dispose(): Promise<void>
  /** `runs`: calls that ran in copies, of `calls` that were written. */
  counts(): { readonly runs: number; readonly calls: number }
}

/** Of a call that is not run before its candidate is taken; nobody is told it. */
const HELD: CallResult = { status: 'not-run', text: '' }

/** Candidates are run one after the other. */
export function createTries(input: StepInput): Tries {
  const { clock } = input
  const root: State = { toolbox: input.toolbox, after: new Map() }
  let copies: Toolbox[] = []
  let [runs, calls] = [0, 0]
  const step = async (state: State, ...[call, limits]: Parameters<Toolbox['run']>): Promise<Tried> => {
    const key = `${call.name} ${call.arguments}`
    const known = state.after.get(key)
    if (known) return known
    const toolbox = await state.toolbox.copy()
    copies.push(toolbox)
    const began = clock.now()
    const result = await toolbox.run(call, limits)
    const tried = { result: { ...result, seconds: (clock.now() - began) / 1000 }, state: { toolbox, after: new Map() } }
    state.after.set(key, tried)
    runs += 1
    return tried
  }
  const dispose = async (kept?: Toolbox): Promise<void> => {
    const left = copies.filter((copy) => copy !== kept)
    copies = []
    for (const copy of left) await copy.dispose()
  }
  return {
    keyOf: (reading) =>
      reading.calls.map((call) => {
        const prepared = input.toolbox.prepare(call)
        return 'status' in prepared ? canonicalJson({ ...call }) : `${prepared.name} ${prepared.arguments}`
      }).join('\n'),
    async run(asked, reading) {
      calls += reading.calls.length
      const tried: CallResult[] = []
      let state = root
      let held = false
      const toolbox: Acting['toolbox'] = {
        prepare: (call) => input.toolbox.prepare(call),
        async run(call, limits) {
          held ||= call.effects === 'outside'
          if (held) return HELD
          const next = await step(state, call, limits)
          state = next.state
          tried.push(next.result)
          return next.result
        },
      }
      const events: AgentEvent[] = []
      const acting = act(actingOf(input, asked, toolbox), reading.calls)
      for (;;) {
        const next = await acting.next()
        if (next.done || held) return { events, ends: next.done ? next.value : null, held, tried, state }
        events.push(next.value)
      }
    },
    async *take({ asked, reading, run: { events, ends, held, tried, state } }) {
      if (!held) {
        yield* events
        return ends
      }
      const known = tried.values()
      const toolbox: Acting['toolbox'] = {
        prepare: (call) => input.toolbox.prepare(call),
        async run(call, limits) {
          const next = known.next()
          return next.done ? state.toolbox.run(call, limits) : next.value
        },
      }
      return yield* act(actingOf(input, asked, toolbox), reading.calls)
    },
    async keep(run) {
      const { toolbox } = run?.state ?? root
      await dispose(toolbox)
      if (toolbox !== input.toolbox) await input.toolbox.dispose()
      return toolbox
    },
    dispose: () => dispose(),
    counts: () => ({ runs, calls }),
  }
}

export const actingOf = ({ style, limits, step, clock, deadline }: StepInput, { event }: Asked, toolbox: Acting['toolbox']): Acting =>
  ({ style, toolbox, limits, step, turn: event.turn, clock, deadline })
