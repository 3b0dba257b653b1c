// A tool: a row with name, description, schema of its arguments and what it does; what tools remember is passed through them.
import { z } from 'zod'
import type { Tool } from '../../shared/records/trajectory.ts'

/** What a tool says. Failures that the agent can mend are `failed`; thrown errors count as that, too. */
export type Observation = {
  readonly text: string
  readonly status: 'ok' | 'failed'
  /** Stands for the outcome where outcomes are compared, if the text does not (5 and 5.0 are one number). */
  readonly value?: string
  /** The episode ends here: the environment's goal is reached or lost, or code has handed in its answer. */
  readonly ends?: { readonly answer: string | null }
}

/** An observation, and the state after it; without one the state is as before. */
export type ToolResult<State> = Observation & { readonly state?: State }

/** Of one call. */
export type CallContext = {
  /** Aborts when the call's time is over; what is returned later is thrown away. */
  readonly signal: AbortSignal
  /** The call's time stands still until what this gives is called: while it waits for its turn. */
  readonly hold?: () => () => void
}

export type ToolContext<State> = CallContext & {
  /** Never changed in place, unless it is a resource that its kit copies. */
  readonly state: State
}

/** What a call changes: its kit's state, which can be copied, or things outside, where it cannot be tried or undone. */
type Effects = 'inside' | 'outside'

/** A tool as its row. Arguments have been parsed by the schema when `run` is called. */
export type ToolRow<State, Arguments> = {
  readonly name: string
  readonly description: string
  /** Described members in the order in which `name[a, b]` gives them. */
  readonly arguments: z.ZodType<Arguments>
  /** Other names by which models call it (`py` for `python`). */
  readonly aliases?: readonly string[]
  readonly effects?: Effects
  run(given: Arguments, context: ToolContext<State>): ToolResult<State> | Promise<ToolResult<State>>
}

/** What is asked of a tool by those who know nothing of its arguments' type. */
export type AgentTool<State> = {
  /** As offered to the model and kept in the trajectory. */
  readonly tool: Tool
  readonly aliases: readonly string[]
  readonly effects: Effects
  /** The arguments as `run` takes them, or what is wrong with them. */
  parse(given: unknown): { readonly value: unknown } | { readonly error: z.ZodError }
  /** `value`: what `parse` gave. */
  run(value: unknown, context: ToolContext<State>): ToolResult<State> | Promise<ToolResult<State>>
}

/** The row with its types settled. */
export function defineTool<State, Arguments>(row: ToolRow<State, Arguments>): AgentTool<State> {
  return {
    tool: { name: row.name, description: row.description, parameters: parametersOf(row.arguments) },
    aliases: row.aliases ?? [],
    effects: row.effects ?? 'inside',
    parse: (given) => {
      const parsed = row.arguments.safeParse(given)
      return parsed.success ? { value: parsed.data } : { error: parsed.error }
    },
    // `value` came out of this row's own schema.
    run: (value, context) => row.run(value as Arguments, context),
  }
}

/** What a tool that came from elsewhere is given: checked by its JSON schema, so far as that can be read. */
export type ForeignRow<State> = {
  readonly tool: Tool
  readonly effects?: Effects
  readonly run: (given: Readonly<Record<string, unknown>>, context: ToolContext<State>) => ToolResult<State> | Promise<ToolResult<State>>
}

/** A tool that is known by its record: recorded, or offered by a server. */
export function foreignTool<State>({ tool, effects = 'inside', run }: ForeignRow<State>): AgentTool<State> {
  const row = defineTool<State, Record<string, unknown>>({ ...tool, arguments: schemaOf(tool.parameters), effects, run })
  return { ...row, tool }
}

const OBJECT = z.record(z.string(), z.unknown())

function schemaOf(parameters: unknown): z.ZodType<Record<string, unknown>> {
  try {
    return OBJECT.pipe(z.fromJSONSchema(parameters as Parameters<typeof z.fromJSONSchema>[0]) as z.ZodType<Record<string, unknown>, Record<string, unknown>>)
  } catch {
    // Schemas of dialects that zod does not read: the tool itself says what it thinks of its arguments.
    return OBJECT
  }
}

/** The JSON schema of a tool's arguments, without what says nothing: the dialect, and the range of safe integers. */
function parametersOf(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
  return rest
}
