// A style: the form in which an agent thinks, calls and answers, read and written. A new style is a new row.
import type { AgentStyleName } from '../../../shared/records/episode.ts'
import type { Span } from '../../../shared/records/span.ts'
import type { Tool, Turn } from '../../../shared/records/trajectory.ts'
import type { AgentParts } from '../../pipeline/trajectory/index.ts'
import type { WrittenCall } from '../callArguments.ts'

/** What an agent's turn says, by the very spans that it is trained with. */
export type Reading = {
  /** Cover the turn's text. */
  readonly spans: readonly Span[]
  /** In the order of the text. */
  readonly calls: readonly (WrittenCall & { readonly id?: string })[]
  /** The answer that is handed in; null while there is none. A turn with an answer runs no calls. */
  readonly answer: string | null
  /** Neither a call nor an answer can be read: what was expected, in words for the agent. */
  readonly problem: string | null
}

/** What an agent decides in a step; `arguments` is JSON. */
export type Decision =
  | { readonly thought: string; readonly calls: readonly { readonly name: string; readonly arguments: string }[] }
  | { readonly thought: string; readonly answer: string }

export type Style = {
  readonly name: AgentStyleName
  /** Calls are structured: the tools are offered by the model's template or endpoint, and stand in the trajectory's record. */
  readonly structured: boolean
  /** What the agent must not write itself. */
  readonly stop: readonly string[]
  /** How calls and answers are written, for a system message; it names the tools where the style does not offer them. */
  instructions(tools: readonly Tool[]): string
  /** The turn of what a model has written. `step`: makes the ids of calls that came without. */
  turnOf(parts: AgentParts, step: number): Turn
  read(turn: Turn): Reading
  /** The text of a decision; `tools` give the order of arguments. What it gives is read back as the same decision. */
  write(decision: Decision, tools: readonly Tool[]): AgentParts
  /** The environment's turn that answers call number `call` of a turn, or the turn as a whole (null). */
  observe(text: string, turn: Turn, call: number | null): Turn
}
