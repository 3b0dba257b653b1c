// Episodes for tests: a scripted model, tools, a clock that stands still.
import { type AgentRun, calculatorKit, createToolbox, defineTool, type Kit, openingTurns, openKit, runAgent, STYLES } from '../../src/core/agent/index.ts'
import type { AgentEvent, AgentLimits, AgentStyleName, EventOf } from '../../src/shared/records/episode.ts'
import { z } from 'zod'
import { type ManualClock, manualClock } from './manualClock.ts'
import { type ScriptedAnswer, type ScriptedModel, scriptedModel } from './scriptedModel.ts'

export const LIMITS: AgentLimits = {
  steps: 5, seconds: 60, turnTokens: 200, turnCharacters: 2000, calls: 3, callSeconds: 5, observationCharacters: 200,
}

export type EpisodeInput = {
  readonly answers: readonly ScriptedAnswer[]
  readonly style?: AgentStyleName
  readonly kits?: readonly Kit[]
  readonly limits?: Partial<AgentLimits>
  readonly run?: Partial<AgentRun>
  /** Sees each event as it comes. */
  readonly onEvent?: (event: AgentEvent, clock: ManualClock) => void
}

export type Played = { readonly events: AgentEvent[]; readonly model: ScriptedModel; readonly clock: ManualClock; readonly end: EventOf<'end'> }

export async function play({ answers, style = 'react', kits = [calculatorKit()], limits, run, onEvent }: EpisodeInput): Promise<Played> {
  const model = scriptedModel(answers)
  const clock = manualClock()
  const events: AgentEvent[] = []
  const episode = runAgent({
    model,
    style: STYLES[style],
    toolbox: createToolbox(kits, clock),
    turns: openingTurns({ system: 'Be right.', question: 'How much?' }),
    sampling: { temperature: 0, topP: 1, seed: 7 },
    limits: { ...LIMITS, ...limits },
    clock,
    signal: new AbortController().signal,
    ...run,
  })
  for await (const event of episode) {
    events.push(event)
    onEvent?.(event, clock)
  }
  return { events, model, clock, end: events.at(-1) as EventOf<'end'> }
}

export const ofType = <Type extends AgentEvent['type']>(events: readonly AgentEvent[], type: Type): EventOf<Type>[] =>
  events.filter((event): event is EventOf<Type> => event.type === type)

/** A counter: its state is how often it was asked. `hang` never answers, `throw` throws, `done` ends the episode. */
export const counterKit = (): Kit =>
  openKit<number>({
    start: 0,
    tools: [
      defineTool<number, { by: number; note?: string | undefined }>({
        name: 'count',
        description: 'counts on',
        arguments: z.strictObject({ by: z.int().min(1), note: z.string().optional() }),
        run: ({ by }, { state }) => ({ status: 'ok', text: `count ${state + by}`, state: state + by }),
      }),
      defineTool<number, { how: string }>({
        name: 'trouble',
        description: 'makes trouble',
        arguments: z.strictObject({ how: z.string() }),
        async run({ how }) {
          if (how === 'throw') throw new Error('out of order')
          if (how === 'hang') await new Promise(() => undefined)
          return { status: 'ok', text: 'the door opens', ends: { answer: null } }
        },
      }),
    ],
  })
