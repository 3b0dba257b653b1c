// An agent in a pane of the chat: the loop over a voice with tools, as a stream of its log.
import { createToolbox, emptyEpisode, follow, repeatsLimit, runAgent, STYLES } from '../../core/agent/index.ts'
import type { ChatModel } from '../../core/agent/index.ts'
import { plainTurn } from '../../core/pipeline/trajectory/index.ts'
import type { AgentSetup, Logged, Sampling, Voice } from '../../shared/contract/routes/chat.ts'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { AgentLimits } from '../../shared/records/episode.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { endpointModel, systemClock } from '../agent/index.ts'
import { voiceModel } from '../chat/index.ts'
import { openTools } from '../tools/index.ts'
import type { World } from './world.ts'

type Question = { readonly voice: Voice; readonly turns: readonly Turn[]; readonly sampling: Sampling; readonly agent: AgentSetup }

/** Of an episode beside the steps: a person waits, and may stop it at any time. */
const LIMITS = { seconds: 1800, turnCharacters: 100_000, calls: 8, callSeconds: 20, observationCharacters: 4000 } as const satisfies Partial<AgentLimits>

/** Never throws for what a voice or a tool does: that is `failed`, or an event of the log. */
export async function* actInChat(
  context: World,
  { voice, turns, sampling, agent }: Question,
  signal: AbortSignal | undefined,
): AsyncGenerator<(Logged & { type: 'event' }) | { type: 'failed'; error: RetortErrorParts }, void, undefined> {
  const left = new AbortController()
  const stop = signal ? AbortSignal.any([signal, left.signal]) : left.signal
  try {
    const model = await modelOf(context, voice)
    const { style: name, tools: names, corpus, database, steps, mcp } = agent
    const mounted = await Promise.all(mcp.map(async ({ server, tools: some }) => (await context.mcp.open(server, stop)).kit(some)))
    const style = STYLES[name]
    const tools = openTools({ names, corpus: corpus ?? undefined, database: database ?? undefined })
    try {
      const toolbox = createToolbox([...tools.kits, ...mounted], systemClock)
      const told = turns.some(({ role }) => role === 'system') ? turns : [plainTurn('system', style.instructions(toolbox.tools)), ...turns]
      const { temperature, topP, seed, maxTokens } = sampling
      // What others serve may be asked for the same until it is done.
      const repeats = mounted.length === 0 ? repeatsLimit(undefined) : {}
      const limits = { ...LIMITS, ...repeats, steps, turnTokens: maxTokens }
      let episode = emptyEpisode
      const run = runAgent({ model, style, toolbox, turns: told, sampling: { temperature, topP, seed }, limits, clock: systemClock, signal: stop })
      for await (const event of run) {
        const { length } = episode.turns
        episode = follow(episode, event)
        const added = event.type !== 'start' && episode.turns.length > length
        yield { type: 'event', event, spans: added ? [...episode.spans.at(-1)!] : null }
      }
    } finally {
      await tools.dispose()
    }
  } catch (error) {
    if (!(error instanceof RetortError)) throw error
    yield { type: 'failed', error: errorParts(error) }
  } finally {
    left.abort()
  }
}

async function modelOf({ voices, providers }: World, voice: Voice): Promise<ChatModel> {
  if (voice.type === 'local') return voiceModel({ voices, voice })
  return endpointModel({ endpoint: await providers.endpoint(voice.provider), model: voice.model })
}
