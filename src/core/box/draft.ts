// Create: a teacher solves a task by writing a tool for it and running that; what came out right is kept.
import type { AgentEvent, AgentLimits } from '../../shared/records/episode.ts'
import { type ChatModel, createToolbox, foldEpisode, type Kit, openingTurns, runAgent, STYLES } from '../agent/index.ts'
import type { Clock } from '../ports/index.ts'
import type { Problem } from '../suites/index.ts'

/** Code that solved a task, with the task's numbers still in it. */
export type Draft = { readonly task: string; readonly question: string; readonly answer: string; readonly code: string }

export type Creation = {
  readonly teacher: ChatModel
  /** Runs JavaScript without effects. */
  readonly code: () => Kit
  readonly clock: Clock
  readonly signal: AbortSignal
}

export const CREATE_PROMPT = `Solve the task with JavaScript. Write one tool for it: a function that works out the answer from the numbers of the task, with a comment that says what it does, useful for other tasks of the kind. Write the numbers of the task as constants. Then call final_answer with what the function gives.
Think in a line "Thought: ...", then write "Code:" and one fenced block of javascript, which is run. Example:

Thought: A function of the two sides gives the area.
Code:
\`\`\`javascript
// Area of a rectangle from its sides.
const sides = [4, 7]
function area(sides) { return sides[0] * sides[1] }
final_answer(area(sides))
\`\`\``

const LIMITS: AgentLimits = { steps: 4, seconds: 300, turnTokens: 1500, turnCharacters: 12_000, calls: 1, callSeconds: 20, observationCharacters: 2000 }

/** Never throws for what the teacher does: a run without a right answer is a reason. */
export async function createDraft(problem: Problem, { teacher, code, clock, signal }: Creation): Promise<{ draft: Draft } | { reason: string }> {
  const { question, id } = problem.task
  const events: AgentEvent[] = []
  const toolbox = createToolbox([code()], clock)
  const turns = openingTurns({ system: CREATE_PROMPT, question })
  for await (const event of runAgent({ model: teacher, style: STYLES.code, toolbox, turns, sampling: { temperature: 0, topP: 1, seed: 0 }, limits: LIMITS, clock, signal })) events.push(event)
  const { end } = foldEpisode(events)
  if (!end || end.answer === null) return { reason: end?.reason === 'model-failed' ? 'the teacher failed' : 'no answer' }
  if (problem.scoreAnswer === null || !problem.scoreAnswer(end.answer)) return { reason: 'a wrong answer' }
  const last = events.findLast((event) => event.type === 'call')
  if (!last) return { reason: 'an answer without code' }
  const written = (JSON.parse(last.arguments) as { code: string }).code
  return { draft: { task: id, question, answer: end.answer, code: written } }
}
