// The desk of MCP servers: those that the user has named, each started only after a yes to its very command, shared by all agents.
import { randomBytes } from 'node:crypto'
import type { McpAnswer, McpRow, McpState, NamedMcpServer } from '../../shared/contract/mcp.ts'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import { asRetortError } from '../files/index.ts'
import { forgetApproval, isApproved, type McpServer, type McpTools, openMcp } from '../tools/index.ts'
import { cardOf, openMcpList, serverOf } from './mcpList.ts'
import { nextChange } from './nextChange.ts'

export type McpDesk = {
  /** All servers, then after each change. Ends with the signal. */
  watch(signal: AbortSignal | undefined): AsyncGenerator<{ servers: McpRow[] }, void, undefined>
  /** Throws RetortError `bad-mcp-server`, `bad-box`. */
  put(server: NamedMcpServer): Promise<void>
  remove(id: string): Promise<void>
  /** Throws RetortError `no-mcp-server`, `bad-mcp-server`, `bad-box`. */
  start(id: string): void
  /** Throws RetortError `mcp-question-gone`. */
  answer(given: { readonly id: string; readonly ticket: string; readonly answer: McpAnswer }): void
  stop(id: string): Promise<void>
  /** For an agent: one that runs, or one that was allowed for good, which is started. Throws RetortError `mcp-not-approved`, or why it failed. */
  open(id: string, signal: AbortSignal): Promise<McpTools>
  dispose(): Promise<void>
}

type Live = {
  state: McpState
  tools: McpTools | null
  /** Takes the user's answer, while one is waited for. */
  reply: ((answer: boolean | 'once') => void) | null
  readonly stop: AbortController
  opening: Promise<void>
}

const SAID = { always: true, once: 'once', no: false } as const satisfies Record<McpAnswer, boolean | 'once'>

/** `data`: of the app; `home`: where commands work that name no folder. */
export function createMcpDesk({ data, home }: { readonly data: string; readonly home: string }): McpDesk {
  const list = openMcpList(data)
  const live = new Map<string, Live>()
  const wakers = new Set<() => void>()
  let version = 0
  let closed = false
  const wake = (): void => {
    version += 1
    for (const one of [...wakers]) one()
  }
  const serverNow = (id: string): McpServer => serverOf(list.get(id).way, home)

  function row(named: NamedMcpServer): McpRow {
    const state = live.get(named.id)?.state ?? { type: 'stopped' }
    try {
      return { ...named, state, allowed: isApproved(serverOf(named.way, home), data) }
    } catch (error) {
      // A box that is gone, say: it is not hidden.
      return { ...named, state: state.type === 'stopped' ? { type: 'failed', error: errorParts(asRetortError(error, FAILED)) } : state, allowed: false }
    }
  }

  function begin(id: string): Live {
    const server = serverNow(id)
    const own: Live = { state: { type: 'starting' }, tools: null, reply: null, stop: new AbortController(), opening: Promise.resolve() }
    live.set(id, own)
    own.opening = open(server, own)
    wake()
    return own
  }

  async function open(server: McpServer, own: Live): Promise<void> {
    const { signal } = own.stop
    const set = (state: McpState): void => {
      own.state = state
      wake()
    }
    const failed = (error: unknown): void => set({ type: 'failed', error: errorParts(asRetortError(error, FAILED)) })
    let ended = false
    try {
      const tools = await openMcp({
        server,
        dataFolder: data,
        signal,
        approve: () =>
          new Promise((resolve, reject) => {
            own.reply = resolve
            signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
            set({ type: 'asks', ticket: randomBytes(16).toString('hex'), card: cardOf(server, home) })
          }),
        onStart: () => set({ type: 'starting' }),
        onEnd(last) {
          ended = true
          failed(new RetortError({ code: 'mcp-ended', message: 'the MCP server has ended by itself', found: last, expected: 'a server that runs until it is stopped', advice: 'start it again; its calls fail until then' }))
          void own.tools?.dispose()
          own.tools = null
        },
      })
      if (ended || signal.aborted) return await tools.dispose()
      own.tools = tools
      set({ type: 'running', server: tools.server, tools: [...tools.tools] })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof RetortError && error.code === 'mcp-not-approved') set({ type: 'refused' })
      else failed(error)
    }
  }

  async function stop(id: string): Promise<void> {
    const own = live.get(id)
    if (!own) return
    own.stop.abort(new Error('stopped'))
    live.delete(id)
    wake()
    await own.opening
    await own.tools?.dispose()
  }

  const needsStart = (own: Live | undefined): boolean => own === undefined || own.state.type === 'failed' || own.state.type === 'refused'

  return {
    async *watch(signal) {
      let told = -1
      while (!signal?.aborted && !closed) {
        if (told !== version) {
          told = version
          yield { servers: list.all().map(row) }
        } else await nextChange(wakers, signal)
      }
    },
    async put(server) {
      serverOf(server.way, home)
      await stop(server.id)
      list.put(server)
      wake()
    },
    async remove(id) {
      await stop(id)
      const known = list.all().find((named) => named.id === id)
      if (!known) return
      list.remove(id)
      // A box that is gone has no command to forget.
      try {
        forgetApproval(serverOf(known.way, home), data)
      } catch (error) {
        if (!(error instanceof RetortError)) throw error
      }
      wake()
    },
    start(id) {
      if (needsStart(live.get(id))) begin(id)
    },
    answer({ id, ticket, answer }) {
      const own = live.get(id)
      if (own?.state.type !== 'asks' || own.state.ticket !== ticket) {
        throw new RetortError({ code: 'mcp-question-gone', message: 'this question about an MCP server is not open any more', found: own ? own.state.type : 'no start', expected: 'the card that is shown now', advice: 'start the server again' })
      }
      const { reply } = own
      own.reply = null
      own.state = { type: 'starting' }
      reply?.(SAID[answer])
      wake()
    },
    stop,
    async open(id, signal) {
      let own = live.get(id)
      if (own === undefined || needsStart(own)) {
        if (!isApproved(serverNow(id), data)) throw notAllowed(list.get(id).name)
        own = begin(id)
      }
      if (own.state.type === 'asks') throw notAllowed(list.get(id).name)
      await Promise.race([own.opening, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))])
      if (own.tools) return own.tools
      if (own.state.type === 'failed') throw new RetortError({ ...(own.state.error as RetortErrorParts), where: list.get(id).name })
      throw notAllowed(list.get(id).name)
    },
    async dispose() {
      closed = true
      await Promise.all([...live.keys()].map(stop))
      wake()
    },
  }
}

const FAILED = { code: 'mcp-failed', message: 'the MCP server could not be opened' }

const notAllowed = (name: string): RetortError =>
  new RetortError({ code: 'mcp-not-approved', message: 'an MCP server of this side has not been allowed', found: name, expected: 'a yes to its card', advice: 'open the tools of this side and start it there' })
