// First thought: a teacher thinks in plain words first, and the first paragraph of that begins its first turn as an agent.
// Kang et al., arXiv 2505.17612, section on first-thought prefixes.
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { FirstThought } from '../../shared/records/rollout.ts'
import { openingTurns } from './episode.ts'
import type { ChatModel } from './model.ts'

/** Whether tasks of a family begin so. */
export const wantsFirstThought = (choice: FirstThought, family: string): boolean =>
  choice === 'all' || (choice !== 'off' && choice.includes(family))

/** A chain of thought as the beginning of a turn: "Thought: ", its text before the first blank line, a blank line; '' for one without words. */
export function firstThoughtPrefix(chain: string): string {
  const [paragraph = ''] = chain.trim().split(/\n[ \t\r]*\n/)
  const thought = paragraph.trim().replace(/^Thought:[ \t]*/i, '')
  return thought === '' ? '' : `Thought: ${thought}\n\n`
}

export type ThoughtQuestion = {
  readonly model: ChatModel
  /** System message for plain chain of thought. */
  readonly system: string
  readonly question: string
  readonly maxTokens: number
  readonly seed: number
  readonly signal: AbortSignal
}

const STOPPED: RetortErrorParts = { code: 'stopped', message: 'the request was stopped before its answer was whole' }

/** Asks once at temperature 0, without tools. Never throws: what the model's server does is in the result. */
export async function askFirstThought({ model, system, question, signal, ...sampling }: ThoughtQuestion): Promise<{ prefix: string } | { failure: RetortErrorParts }> {
  let chain = ''
  try {
    for await (const event of model.complete(openingTurns({ system, question }), { tools: [], stop: [], temperature: 0, topP: 1, ...sampling, signal })) {
      if (event.type === 'text') chain += event.text
      if (event.type === 'failed') return { failure: event.error }
    }
  } catch (error) {
    if (signal.aborted) return { failure: STOPPED }
    if (error instanceof RetortError) return { failure: errorParts(error) }
    return { failure: { code: 'model-failed', message: 'the model could not answer', found: error instanceof Error ? error.message : String(error) } }
  }
  return { prefix: firstThoughtPrefix(chain) }
}
