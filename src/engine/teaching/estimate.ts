// What a batch will take before it begins, from the suite's own expert on its first tasks; nothing is asked of the teacher.
import { runProblem, drawProblems, expertModel, ofFamilies, suiteNamed } from '../../core/suites/index.ts'
import { wantsFirstThought } from '../../core/agent/index.ts'
import type { RolloutEstimate } from '../../shared/contract/rollouts.ts'
import type { AgentEvent } from '../../shared/records/episode.ts'
import type { Prices, RolloutSettings } from '../../shared/records/rollout.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { systemClock } from '../agent/index.ts'
import { openSuiteTools } from '../suites/index.ts'
import { costOf, type Most } from './meter.ts'

/** Tasks that the expert works at. */
const LOOKED_AT = 5
/** Of English text, by the tokenizers of current models; numbers and markup take more. */
const CHARACTERS_PER_TOKEN = 4
/** Of numbers and markup. */
const FEWEST_CHARACTERS = 3
/** Models say more than experts do. */
const TURNS_LONGER = 4

export async function estimateRollouts(settings: RolloutSettings, prices: Prices | null, signal: AbortSignal): Promise<RolloutEstimate> {
  const suite = suiteNamed(settings.suite)
  const { seed, first, tasks, perTask, style, limits, families } = settings
  const opened = openSuiteTools()
  const seen: Seen[] = []
  try {
    for (const problem of drawProblems(suite, { split: 'train', seed, skip: first, count: Math.min(tasks, LOOKED_AT), ...ofFamilies(families) })) {
      const events: AgentEvent[] = []
      const run = runProblem({
        suite, problem, tools: opened.tools, style, prompt: 'teacher', limits, clock: systemClock, signal,
        model: (tools) => expertModel({ problem, style, seed, tools }),
      })
      for await (const event of run) events.push(event)
      signal.throwIfAborted()
      seen.push(seenIn(events, wantsFirstThought(settings.firstThought, problem.task.family)))
    }
  } finally {
    await opened.dispose()
  }
  const episodes = tasks * perTask
  const allOf = (of: (one: Asked) => number): number => {
    const [episode, thought] = [seen.reduce((sum, one) => sum + of(one), 0), seen.reduce((sum, one) => sum + of(one.thought), 0)]
    return seen.length === 0 ? 0 : (episodes * episode + tasks * thought) / seen.length
  }
  const expected: Most = {
    promptTokens: Math.ceil(allOf(({ read }) => read) / CHARACTERS_PER_TOKEN),
    tokens: Math.ceil(allOf(({ written }) => written) / CHARACTERS_PER_TOKEN),
  }
  const most = worstOf(seen, settings)
  const free = settings.teacher.type !== 'endpoint'
  return {
    episodes,
    requests: Math.ceil(allOf(({ requests }) => requests)),
    ...expected,
    cost: free ? 0 : costOf(expected, prices),
    most: { requests: most.requests, tokens: most.promptTokens + most.tokens, cost: free ? 0 : costOf(most, prices) },
    basis: `the suite's own expert on the first ${seen.length} tasks with the teacher's prompt, at ${CHARACTERS_PER_TOKEN} characters a token; a model may write several times as much. At most: every episode goes to its last step, with turns ${TURNS_LONGER} times as long as the expert's longest and observations as long as its longest, at ${FEWEST_CHARACTERS} characters a token; only a budget is a hard limit`,
  }
}

/** Requests, and characters that were read and written. */
type Asked = { readonly requests: number; readonly read: number; readonly written: number }

/** Of one episode, and of the chain of thought that all episodes of its task share; characters of its beginning, its longest turn, and what was observed after one at most. */
type Seen = Asked & { readonly thought: Asked; readonly begun: number; readonly turn: number; readonly observed: number }

function seenIn(events: readonly AgentEvent[], firstThought: boolean): Seen {
  const turns: Turn[] = []
  let thought: Asked = { requests: 0, read: 0, written: 0 }
  let [requests, read, written, begun, turn, observed, now] = [0, 0, 0, 0, 0, 0, 0]
  const length = (): number => turns.reduce((sum, { text }) => sum + text.length, 0)
  for (const event of events) {
    if (event.type === 'start') {
      turns.push(...event.turns)
      begun = length() + JSON.stringify(event.tools).length
    }
    if (event.type === 'agent') {
      requests += 1
      read += length()
      written += event.turn.text.length
      turn = Math.max(turn, event.turn.text.length)
      now = 0
      // The chain of thought is asked for with the question, and is about as long as the first turn.
      if (firstThought && requests === 1) thought = { requests, read, written }
    }
    if (event.type === 'observation') observed = Math.max(observed, (now += event.turn.text.length))
    if (event.type === 'agent' || event.type === 'observation') turns.push(event.turn)
  }
  return { requests, read, written, thought, begun, turn, observed }
}

/** All episodes to their last step; their limits alone would allow observations that no task of the suite has. */
function worstOf(seen: readonly Seen[], { limits, firstThought, tasks, perTask }: RolloutSettings): Most & { requests: number } {
  const longest = (of: (one: Seen) => number): number => Math.max(0, ...seen.map(of)) / FEWEST_CHARACTERS
  const turn = Math.min(limits.turnTokens, Math.ceil(TURNS_LONGER * longest((one) => one.turn)))
  const perStep = turn + longest((one) => one.observed)
  const episodes = tasks * perTask
  const { steps } = limits
  const requests = episodes * steps + (firstThought === 'off' ? 0 : tasks)
  return {
    requests,
    promptTokens: Math.ceil(requests * longest((one) => one.begun) + (episodes * perStep * steps * (steps - 1)) / 2),
    tokens: requests * turn,
  }
}
