// Tools of an MCP server for agents. It is started, or called, when the user has said yes; what it does wrong is an observation.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { type CallToolResult, CallToolResultSchema, type Tool as ServerTool } from '@modelcontextprotocol/sdk/types.js'
import { foreignTool, type Kit, type Observation, openKit } from '../../core/agent/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { type Approve, approveServer } from './mcpApproval.ts'
import { observationOf } from './mcpContent.ts'
import { openHttpTransport } from './mcpHttp.ts'
import { openProcessTransport } from './mcpProcess.ts'
import { type McpServer, nameOfServer, shownServer } from './mcpServer.ts'

/** Shared by all episodes; `dispose` it after the last: a process that was started is then gone. */
export type McpTools = {
  readonly name: string
  /** As the server calls itself, with its version. */
  readonly server: string
  readonly tools: readonly { readonly name: string; readonly description: string; readonly readOnly: boolean }[]
  /** `names`: only these of its tools; null or absent: all. */
  readonly kit: (names?: readonly string[] | null) => Kit
  readonly dispose: () => Promise<void>
}

export type McpOptions = {
  readonly server: McpServer
  readonly approve: Approve
  /** Of the app: approvals are kept there. */
  readonly dataFolder: string
  readonly signal: AbortSignal
  /** Told when a server that was open has ended by itself, with how and its last words. */
  readonly onEnd?: (last: string) => void
  /** Between the yes and the hello. */
  readonly onStart?: () => void
  /** Until the server has said hello and named its tools. */
  readonly seconds?: number
}

/** A first start may fetch a package. */
const OPENING_SECONDS = 60
const MOST_TOOLS = 200
const MOST_DESCRIPTION = 4000
/** The agent's own time for a call is shorter, and ends it. */
const CALL_MS = 24 * 3600 * 1000

/** Throws RetortError `mcp-not-approved`, `mcp-failed`, `mcp-too-many-tools`; the signal's reason when it aborts first. */
export async function openMcp({ server, approve, dataFolder, signal, onStart, onEnd, seconds = OPENING_SECONDS }: McpOptions): Promise<McpTools> {
  await approveServer({ server, approve, dataFolder })
  signal.throwIfAborted()
  onStart?.()
  const name = nameOfServer(server)
  const { transport, close, last } = transportOf(server)
  // No capabilities: the server may ask this side for nothing. Its output schemas are not compiled into code here.
  const client = new Client({ name: 'retort', version: '1' }, { capabilities: {}, jsonSchemaValidator: { getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }) } })
  client.onerror = () => undefined
  try {
    const opening = { signal: AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]), timeout: seconds * 1000 }
    await client.connect(transport, opening)
    const listed = await listTools(client, opening)
    const { name: own = name, version = '' } = client.getServerVersion() ?? {}
    const call: Call = async (tool, given, callSignal) => {
      try {
        const result = await client.callTool({ name: tool, arguments: given }, CallToolResultSchema, { signal: callSignal, timeout: CALL_MS })
        return observationOf(result as CallToolResult)
      } catch (error) {
        return { status: 'failed', text: `${tool} of the MCP server ${name} failed: ${wordsOf(error)}${last()}` }
      }
    }
    let closing = false
    client.onclose = () => closing || onEnd?.(last())
    return {
      name,
      server: `${own} ${version}`.trim(),
      tools: listed.map((tool) => ({ name: tool.name, description: shortened(tool.description ?? ''), readOnly: tool.annotations?.readOnlyHint === true })),
      kit: (names = null) => liveKit(names === null ? listed : listed.filter((tool) => names.includes(tool.name)), call),
      async dispose() {
        closing = true
        await close()
      },
    }
  } catch (error) {
    const [words, end] = [wordsOf(error), last()]
    // One that was never started has ended with the very error.
    const found = end === ` (${words})` ? words : `${words}${end}`
    await close()
    if (error instanceof RetortError) throw error
    signal.throwIfAborted()
    throw new RetortError({
      code: 'mcp-failed', message: 'the MCP server could not be opened', where: shownServer(server), found, expected: `a server that says hello and names its tools within ${seconds} s`, cause: error,
    })
  }
}

type Call = (tool: string, given: Readonly<Record<string, unknown>>, signal: AbortSignal) => Promise<Observation>

function transportOf(server: McpServer) {
  if (server.type === 'http') return { ...openHttpTransport(server.url), last: () => '' }
  const transport = openProcessTransport(server)
  return { transport, close: () => transport.close(), last: () => ` (${transport.last()})` }
}

async function listTools(client: Client, options: { signal: AbortSignal; timeout: number }): Promise<ServerTool[]> {
  const tools: ServerTool[] = []
  let cursor: string | undefined
  do {
    const page = await client.listTools(cursor === undefined ? {} : { cursor }, options)
    tools.push(...page.tools)
    if (tools.length > MOST_TOOLS) throw new RetortError({ code: 'mcp-too-many-tools', message: 'the MCP server has too many tools', found: `more than ${MOST_TOOLS}`, expected: `at most ${MOST_TOOLS}` })
    cursor = page.nextCursor
  } while (cursor !== undefined && cursor !== '')
  return tools
}

/**
 * What a server remembers cannot be copied, and what its tools do outside cannot be undone. So only tools that the server declares to
 * be without effects (`readOnlyHint`) are tried with a candidate of a step; the others are run for the one that is taken.
 */
const liveKit = (listed: readonly ServerTool[], call: Call): Kit =>
  openKit<null>({
    start: null,
    tools: listed.map(({ name, description, inputSchema, annotations }) =>
      foreignTool<null>({
        tool: { name, description: shortened(description ?? ''), parameters: inputSchema },
        effects: annotations?.readOnlyHint === true ? 'inside' : 'outside',
        run: (given, { signal }) => call(name, given, signal),
      })),
  })

const shortened = (text: string): string => (text.length <= MOST_DESCRIPTION ? text : `${text.slice(0, MOST_DESCRIPTION)} [${text.length - MOST_DESCRIPTION} more characters]`)

const wordsOf = (error: unknown): string => (error instanceof Error ? (/TimeoutError/.test(`${error.name} ${error.message}`) ? 'it took too long' : error.message.replace(/^MCP error -?\d+: /, '')) : String(error)).slice(0, 1000)
