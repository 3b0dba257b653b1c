// An expert as a chat model: it reads the conversation, decides, and writes the decision in the style that is asked for.
import type { AgentStyleName } from '../../shared/records/episode.ts'
import type { Tool } from '../../shared/records/trajectory.ts'
import { RetortError } from '../../shared/errors.ts'
import { type ChatModel, STYLES } from '../agent/index.ts'
import { pastSteps } from './history.ts'
import type { ExpertOptions, Problem } from './suite.ts'

export type ExpertVoice = {
  readonly problem: Problem
  readonly style: AgentStyleName
  readonly seed: number
  /** Those of the episode: they give the order of arguments. */
  readonly tools: readonly Tool[]
  readonly settings?: Omit<ExpertOptions, 'style'>
}

/** Throws RetortError `no-expert` for a task from outside. Tokens are not counted. */
export function expertModel({ problem, style, seed, tools, settings = {} }: ExpertVoice): ChatModel {
  const { task } = problem
  if (!problem.expert) {
    throw new RetortError({ code: 'no-expert', message: 'nobody knows how to solve this task', found: task.id, expected: 'a task that the suite made itself' })
  }
  const expert = problem.expert(seed, { ...settings, style })
  return {
    name: `expert of ${task.suite}`,
    async *complete(turns) {
      const { reasoning = '', content, calls } = STYLES[style].write(expert.next(pastSteps(turns, style)), tools)
      if (reasoning !== '') yield { type: 'reasoning', text: reasoning }
      if (content !== '') yield { type: 'text', text: content }
      for (const { id, name, arguments: given } of calls) yield { type: 'call', ...(id === undefined ? {} : { id }), name, arguments: given }
      yield { type: 'end', reason: 'stop', tokens: null, promptTokens: null }
    },
  }
}
