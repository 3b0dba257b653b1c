// One task of a suite, worked at while somebody looks on: student and tools are opened for it and closed after it.
import { runProblem, suiteNamed } from '../../core/suites/index.ts'
import type { AgentEvent } from '../../shared/records/episode.ts'
import type { SuiteName, TaskPlace } from '../../shared/records/suite.ts'
import { openSuiteTools } from '../suites/index.ts'
import { type AgentVoice, openVoice } from './agentEpisode.ts'
import { systemClock } from './clock.ts'

export type SuiteEpisodeRequest = { readonly voice: AgentVoice; readonly suite: SuiteName; readonly place: TaskPlace; readonly signal: AbortSignal }

/** The log of the loop, and behind its `end` the outcome. Throws RetortError for a student or adapter that cannot be opened. */
export async function* suiteEpisode({ voice, suite: name, place, signal }: SuiteEpisodeRequest): AsyncGenerator<AgentEvent, void, undefined> {
  const suite = suiteNamed(name)
  const problem = suite.problem(place)
  const tools = openSuiteTools()
  try {
    const opened = await openVoice(voice, signal)
    try {
      yield* runProblem({ suite, problem, model: opened.model, tools: tools.tools, clock: systemClock, signal })
    } finally {
      await opened.dispose()
    }
  } finally {
    await tools.dispose()
  }
}
