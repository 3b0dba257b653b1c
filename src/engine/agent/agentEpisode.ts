// One episode with a local student or an endpoint: models and tools are opened for it and closed after it.
import { createToolbox, openingTurns, runAgent, selfConsistent, STYLES } from '../../core/agent/index.ts'
import type { ChatModel } from '../../core/agent/index.ts'
import type { AgentEvent, AgentLimits, AgentSampling, AgentStyleName } from '../../shared/records/episode.ts'
import type { SelfConsistency } from '../../shared/records/evaluation.ts'
import type { AdapterChoice } from '../llama/index.ts'
import type { Endpoint } from '../providers/index.ts'
import { type McpWish, openMcpServers, openTools, type ToolChoice } from '../tools/index.ts'
import { systemClock } from './clock.ts'
import { endpointModel } from './endpointModel.ts'
import { localModel } from './localModel.ts'

/** Who acts. `context`: tokens; undefined: the student's own, at most 4096. */
export type AgentVoice =
  | { readonly type: 'local'; readonly student: string; readonly adapter: AdapterChoice | null; readonly context: number | undefined }
  | { readonly type: 'endpoint'; readonly endpoint: Endpoint; readonly model: string }

export type EpisodeRequest = {
  readonly voice: AgentVoice
  readonly style: AgentStyleName
  readonly tools: ToolChoice
  /** MCP servers, and who is asked before they are started. */
  readonly mcp?: McpWish
  readonly question: string
  /** undefined: the style's own instructions, with the tools. */
  readonly system: string | undefined
  readonly sampling: AgentSampling
  /** Self-consistent actions; null or absent: the first answer is taken. */
  readonly sag?: SelfConsistency | null
  readonly limits: AgentLimits
  readonly signal: AbortSignal
}

/**
 * Throws RetortError for a student, adapter, tool or MCP server that cannot be opened; from then on all is events. `dataFolder`: of
 * the app, where allowed servers are kept.
 */
export async function* agentEpisode(request: EpisodeRequest, dataFolder: string): AsyncGenerator<AgentEvent, void, undefined> {
  const { voice, sampling, limits, signal, question, sag = null } = request
  const style = STYLES[request.style]
  const servers = request.mcp ? await openMcpServers(request.mcp, { dataFolder, signal }) : null
  const tools = await opened(() => openTools(request.tools), servers)
  try {
    const speaker = await openVoice(voice, signal, sag?.samples)
    try {
      const toolbox = createToolbox([...tools.kits, ...(servers?.kits ?? [])], systemClock)
      const system = request.system ?? style.instructions(toolbox.tools)
      const turns = openingTurns({ system, question })
      yield* runAgent({ model: speaker.model, style, toolbox, turns, sampling, limits, clock: systemClock, signal, ...(sag ? { policy: selfConsistent(sag) } : {}) })
    } finally {
      await speaker.dispose()
    }
  } finally {
    await tools.dispose()
    await servers?.dispose()
  }
}

/** Servers that were started do not outlive what cannot be opened after them. */
async function opened<Value>(open: () => Value, servers: { dispose(): Promise<void> } | null): Promise<Value> {
  try {
    return open()
  } catch (error) {
    await servers?.dispose()
    throw error
  }
}

const DEFAULT_CONTEXT = 4096

/** Throws RetortError for a student or an adapter that cannot be opened. `dispose` it after the last answer. `parallel`: answers at a time. */
export async function openVoice(voice: AgentVoice, signal: AbortSignal, parallel = 1): Promise<{ model: ChatModel; dispose(): Promise<void> }> {
  if (voice.type === 'endpoint') return { model: { ...endpointModel(voice), parallel }, dispose: async () => undefined }
  const { openChatPool, openStudent } = await import('../llama/index.ts')
  const { adapter } = voice
  const student = await openStudent({ path: voice.student, weights: 'loaded', signal })
  try {
    const context = voice.context ?? Math.min(DEFAULT_CONTEXT, student.trainedContext)
    const chat = await openChatPool({ student, ...(adapter === null ? {} : { adapter }), context, contexts: 1, sequences: parallel, signal })
    return {
      model: { ...localModel({ chat, student, adapter }), parallel },
      dispose: async () => {
        await chat.dispose()
        await student.dispose()
      },
    }
  } catch (error) {
    await student.dispose()
    throw error
  }
}
