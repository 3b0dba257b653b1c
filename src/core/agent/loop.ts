// The agent loop: turns in, events out. Teachers, students, chat and evaluation use this one.
import type { AgentEvent, AgentLimits, AgentSampling } from '../../shared/records/episode.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import type { Clock } from '../ports/index.ts'
import { onlyBlanks } from './blanks.ts'
import { emptyEpisode, follow } from './episode.ts'
import type { ChatModel } from './model.ts'
import { onlyRepeats } from './repeats.ts'
import { type Ending, singleSample, type StepPolicy } from './step.ts'
import type { Style } from './styles/index.ts'
import type { Toolbox } from './toolbox.ts'

export type AgentRun = {
  readonly model: ChatModel
  readonly style: Style
  /** Owned by the run from here on, and disposed at its end. */
  readonly toolbox: Toolbox
  /** System and user turns, and what of the conversation has been. */
  readonly turns: readonly Turn[]
  readonly sampling: AgentSampling
  readonly limits: AgentLimits
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The agent's first turn begins with this (first thought); it belongs to the turn. */
  readonly prefix?: string
  /** How a step is taken; the first answer of the model when absent. */
  readonly policy?: StepPolicy
}

/**
 * Runs one episode. `start` comes first and `end` last, whatever happens: errors of the model, calls that cannot be read, unknown
 * tools, bad arguments, tools that throw or hang, limits and the signal are events. Leaving early stops the model and the tool
 * at work. What is yielded is the episode's log.
 */
export async function* runAgent(run: AgentRun): AsyncGenerator<AgentEvent, void, undefined> {
  const { model, style, turns, sampling, limits, clock } = run
  const policy = run.policy ?? singleSample
  const began = clock.now()
  const deadline = clock.deadline(limits.seconds * 1000, run.signal)
  let { toolbox } = run
  let episode = emptyEpisode
  const tell = (event: AgentEvent): AgentEvent => {
    episode = follow(episode, event)
    return event
  }
  try {
    yield tell({ type: 'start', model: model.name, style: style.name, tools: [...toolbox.tools], turns: [...turns], sampling, limits })
    let ending: Ending | null = null
    for (let step = 0; ending === null; step++) {
      if (deadline.signal.aborted) ending = over(deadline.passed() ? 'time' : 'aborted')
      else if (step >= limits.steps) ending = over('steps')
      else {
        yield tell({ type: 'step', step })
        const prefix = step === 0 && run.prefix !== undefined ? { prefix: run.prefix } : {}
        const input = { model, style, toolbox, turns: episode.turns, tools: toolbox.tools, sampling, limits, step, ...prefix, clock, deadline }
        ;({ toolbox, ending } = yield* told(policy(input), tell))
        if (ending === null && limits.repeats !== undefined && onlyRepeats(episode, limits.repeats)) ending = over('repeats')
        if (ending === null && limits.blanks !== undefined && onlyBlanks(episode, limits.blanks)) ending = over('repeats')
      }
    }
    const { steps, calls, tokens } = episode
    const error = ending.error && { ...ending.error }
    yield tell({ type: 'end', ...ending, error, steps, calls, tokens, seconds: (clock.now() - began) / 1000 })
  } finally {
    deadline.end()
    await toolbox.dispose()
  }
}

/** Every event is told before it is yielded. */
async function* told<Result>(
  events: AsyncGenerator<AgentEvent, Result, undefined>,
  tell: (event: AgentEvent) => AgentEvent,
): AsyncGenerator<AgentEvent, Result, undefined> {
  let done = false
  try {
    for (;;) {
      const next = await events.next()
      done = next.done ?? false
      if (next.done) return next.value
      yield tell(next.value)
    }
  } finally {
    // Whoever leaves this leaves the step, too: the model stops.
    if (!done) await events.return(undefined as never)
  }
}

const over = (reason: Ending['reason']): Ending => ({ reason, answer: null, error: null })
