// One episode at a suite's problem: opened with its tools, run by the agent loop, scored at its end.
import type { AgentEvent, AgentLimits, AgentSampling, AgentStyleName } from '../../shared/records/episode.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'
import { type AgentRun, type ChatModel, createToolbox, foldEpisode, openingTurns, runAgent, STYLES } from '../agent/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Problem, Suite, SuiteTools } from './suite.ts'

export type ProblemRun = {
  readonly suite: Suite
  readonly problem: Problem
  /** Who acts; a function is given the tools of the episode (an expert needs them to write its calls). */
  readonly model: ChatModel | ((tools: readonly Tool[]) => ChatModel)
  readonly tools: SuiteTools
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The suite's own when absent. */
  readonly style?: AgentStyleName
  /** Whose system message comes first; the student's when absent. */
  readonly prompt?: 'student' | 'teacher'
  /** Turns between the system message and the question, a worked example for instance. */
  readonly before?: readonly Turn[]
  /** Greedy with seed 0 when absent. */
  readonly sampling?: AgentSampling
  readonly limits?: Partial<AgentLimits>
  readonly policy?: AgentRun['policy']
  /** The agent's first turn begins with this (first thought). */
  readonly prefix?: AgentRun['prefix']
}

/** Limits of an episode beside those that its suite sets. */
const LIMITS: Omit<AgentLimits, 'steps' | 'turnTokens'> = { seconds: 600, turnCharacters: 8000, calls: 8, callSeconds: 20, observationCharacters: 4000 }

/** Yields the log of the loop, and behind its `end` the outcome. Never throws for what the model or the tools do. */
export async function* runProblem(run: ProblemRun): AsyncGenerator<AgentEvent, void, undefined> {
  const { suite, problem, clock, signal } = run
  const style = run.style ?? suite.style
  const toolbox = createToolbox(problem.kits(run.tools, style), clock)
  const { tools } = toolbox
  const model = typeof run.model === 'function' ? run.model(tools) : run.model
  const system = run.prompt === 'teacher' ? suite.teacherPrompt(tools) : suite.studentPrompt(tools)
  const opening = openingTurns({ system, question: problem.task.question })
  const turns = [...opening.slice(0, -1), ...(run.before ?? []), ...opening.slice(-1)]
  const sampling = run.sampling ?? { temperature: 0, topP: 1, seed: 0 }
  const limits: AgentLimits = { ...LIMITS, ...suite.limits, ...run.limits }
  const more = { ...(run.policy ? { policy: run.policy } : {}), ...(run.prefix === undefined ? {} : { prefix: run.prefix }) }
  const events: AgentEvent[] = []
  for await (const event of runAgent({ model, style: STYLES[style], toolbox, turns, sampling, limits, clock, signal, ...more })) {
    events.push(event)
    yield event
  }
  yield { type: 'outcome', outcome: problem.score(foldEpisode(events)) }
}
