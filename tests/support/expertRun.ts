// An expert at its own suite's problem, through the agent loop, on a clock that stands still.
import { type Episode, foldEpisode } from '../../src/core/agent/index.ts'
import { expertModel, type Problem, runProblem, type Suite, type SuiteTools } from '../../src/core/suites/index.ts'
import type { AgentEvent, AgentStyleName } from '../../src/shared/records/episode.ts'
import type { ExpertSettings } from '../../src/shared/records/suite.ts'
import { manualClock } from './manualClock.ts'

export type ExpertRun = { readonly suite: Suite; readonly problem: Problem; readonly seed?: number; readonly settings?: Partial<ExpertSettings>; readonly style?: AgentStyleName }

/** For suites whose tools the core makes itself. */
const NO_TOOLS: SuiteTools = {
  search: () => { throw new Error('no search here') },
  nearest: () => { throw new Error('no search here') },
  sql: () => { throw new Error('no SQL here') },
  code: () => { throw new Error('no code here') },
}

export async function expertRun({ suite, problem, seed = 0, settings = {}, style = suite.style }: ExpertRun): Promise<{ readonly events: AgentEvent[]; readonly episode: Episode }> {
  const events: AgentEvent[] = []
  const run = runProblem({
    suite, problem, style, tools: NO_TOOLS, clock: manualClock(), signal: new AbortController().signal,
    model: (tools) => expertModel({ problem, style, seed, tools, settings }),
  })
  for await (const event of run) events.push(event)
  return { events, episode: foldEpisode(events) }
}

/** The first tasks of a split. */
export const problemsOf = (suite: Suite, split: 'train' | 'held-out' | 'ood', count: number, seed = 1): Problem[] =>
  Array.from({ length: count }, (_, index) => suite.problem({ split, seed, index }))

/** Runs of eight words, without case and punctuation. */
export function eightGrams(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.slice(7).map((_, at) => words.slice(at, at + 8).join(' '))
}
