// A kit: tools that share one state. A kit is opened once an episode, and its state can be copied, so that candidates of a
// step run without touching the live one.
import type { Tool } from '../../shared/records/trajectory.ts'
import type { AgentTool, CallContext, Observation } from './tool.ts'

/**
 * `start`: the state of a new episode. States that are plain values need nothing else: a tool returns the next state and leaves
 * the old one as it is, so that a copy is the same value. A state that holds a resource (a database, an interpreter) says how
 * it is copied and freed.
 */
export type KitParts<State> = {
  readonly tools: readonly AgentTool<State>[]
  readonly start: State
  readonly copy?: (state: State) => State | Promise<State>
  readonly dispose?: (state: State) => void | Promise<void>
}

/** Tools with what they remember; the type of the state stays inside. */
export type Kit = {
  readonly tools: readonly Pick<AgentTool<unknown>, 'tool' | 'aliases' | 'effects' | 'parse'>[]
  /** Runs tool number `tool` on what its `parse` gave. Throws what the tool throws. The state moves on unless the call's signal aborts first. */
  run(tool: number, value: unknown, context: CallContext): Promise<Observation>
  /** The same tools with a state of their own, equal to this one's. Both are to be disposed. */
  copy(): Promise<Kit>
  dispose(): Promise<void>
}

export function openKit<State>(parts: KitParts<State>): Kit {
  let { start: state } = parts
  return {
    tools: parts.tools,
    async run(tool, value, context) {
      const { state: next, ...observation } = await parts.tools[tool]!.run(value, { ...context, state })
      if (next !== undefined && !context.signal.aborted) state = next
      return observation
    },
    copy: async () => openKit({ ...parts, start: parts.copy ? await parts.copy(state) : state }),
    dispose: async () => parts.dispose?.(state),
  }
}

/** The tools of kits in order, as offered to a model. */
export const offeredTools = (kits: readonly Kit[]): Tool[] => kits.flatMap((kit) => kit.tools.map(({ tool }) => tool))
