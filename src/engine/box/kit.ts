// A box mounted: its tools for an agent, run in the sandbox of code.
import { z } from 'zod'
import { type AgentTool, defineTool, type Kit, openKit } from '../../core/agent/index.ts'
import type { RunFunction } from '../../core/box/index.ts'
import type { BoxParameter, BoxTool } from '../../shared/contract/box.ts'
import type { OpenBox } from './folder.ts'

/** The tools remember nothing: every candidate of a step may call them. */
export const boxKit = ({ tools }: Pick<OpenBox, 'tools'>, run: RunFunction): Kit => openKit<null>({ tools: tools.map((tool) => rowOf(tool, run)), start: null })

function rowOf(tool: BoxTool & { readonly code: string }, run: RunFunction): AgentTool<null> {
  const row = defineTool<null, Record<string, unknown>>({
    name: tool.name,
    description: tool.description,
    arguments: z.object(Object.fromEntries(tool.parameters.map((parameter) => [parameter.name, leniently(parameter)]))),
    async run(given) {
      const { value, problem } = await run({ code: tool.code, name: tool.name, args: tool.parameters.map(({ name }) => given[name]) })
      if (problem !== null) return { status: 'failed', text: `${tool.name} failed: ${problem}` }
      return value === null ? { status: 'failed', text: `${tool.name} found nothing.` } : { status: 'ok', text: value }
    },
  })
  return { ...row, tool: { name: tool.name, description: tool.description, parameters: parametersOf(tool.parameters) } }
}

/** A list may come as the text of one: `name[4, 7, 8, 8]` says what is meant. */
const leniently = ({ type }: BoxParameter): z.ZodType =>
  type === 'number'
    ? z.number()
    : z.preprocess((value) => (typeof value === 'string' && /^[\d\s,.[\]-]+$/.test(value) ? (value.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number) : value), z.array(z.number()).min(1).max(100))

/** The JSON schema that is offered: the same as of the box's MCP server. */
const parametersOf = (parameters: readonly BoxParameter[]): unknown => ({
  type: 'object',
  properties: Object.fromEntries(
    parameters.map(({ name, type, description }) => [name, type === 'number' ? { type, description } : { type: 'array', items: { type: 'number' }, description }]),
  ),
  required: parameters.map(({ name }) => name),
})
