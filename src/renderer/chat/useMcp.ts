// MCP servers of this app as they stand, and what the user says to their cards; shared by the panes of the chat.
import { computed, inject, shallowRef, watch, type ComputedRef, type InjectionKey, type ShallowRef } from 'vue'
import type { McpAnswer, McpRow, NamedMcpServer } from '../../shared/contract/mcp.ts'
import type { RetortError } from '../../shared/errors.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useStream } from '../composables/useStream.ts'
import type { Side } from './conversation.ts'
import { isSettled, type McpDraft } from './mcpModel.ts'

export type McpDesk = {
  /** null: not known yet. */
  readonly rows: ShallowRef<readonly McpRow[] | null>
  readonly error: ShallowRef<RetortError | null>
  /** The card that waits for an answer. */
  readonly asked: ComputedRef<McpRow | null>
  /** The form that is open, and the side that the server is for. */
  readonly form: ShallowRef<{ readonly draft: McpDraft; readonly side: Side } | null>
  /** Servers that a question waits for. */
  readonly awaited: ShallowRef<readonly string[]>
  readonly put: Action<[server: NamedMcpServer], boolean>
  readonly start: Action<[id: string], unknown>
  readonly stop: Action<[id: string], unknown>
  readonly remove: Action<[id: string], unknown>
  readonly answer: Action<[answer: McpAnswer], unknown>
  /** Starts those that do not run, and waits until each runs or will not; the signal ends the waiting. */
  ready(ids: readonly string[], signal: AbortSignal): Promise<void>
}

export const mcpKey: InjectionKey<McpDesk> = Symbol('mcp')

export function useMcpDesk(): McpDesk {
  const desk = inject(mcpKey)
  if (!desk) throw new Error('no desk of MCP servers: it is made by ChatScreen.vue')
  return desk
}

export function createMcpDesk(): McpDesk {
  const api = useApi()
  const rows: McpDesk['rows'] = shallowRef(null)
  const error: McpDesk['error'] = shallowRef(null)
  const awaited: McpDesk['awaited'] = shallowRef([])
  useStream({
    question: () => null,
    open: (signal) => api.mcp.watch({}, { signal }),
    onEvent: ({ servers }) => {
      rows.value = servers
      error.value = null
    },
    onError: (failure) => (error.value = failure),
  })
  const find = (id: string): McpRow | undefined => rows.value?.find((row) => row.id === id)
  const asked = computed(() => rows.value?.find(({ state }) => state.type === 'asks') ?? null)
  const start = useAction((id: string) => api.mcp.start({ id }))

  function settled(id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (isSettled(find(id)) || signal.aborted) return resolve()
      const end = watch(rows, () => isSettled(find(id)) && done())
      const done = (): void => {
        end()
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
    })
  }
  /** As the engine has it after a start: the stream may be behind its answer. */
  async function startOne(id: string, signal: AbortSignal): Promise<void> {
    const before = rows.value
    if ((await start.run(id)) === null) return
    if (rows.value === before) await new Promise<void>((resolve) => {
      const timer = setTimeout(() => done(), 1000)
      const end = watch(rows, () => done())
      const done = (): void => {
        clearTimeout(timer)
        end()
        resolve()
      }
    })
    await settled(id, signal)
  }

  return {
    rows,
    error,
    asked,
    form: shallowRef(null),
    awaited,
    put: useAction(async (server: NamedMcpServer) => {
      await api.mcp.put(server)
      return true
    }, { quiet: true }),
    start,
    stop: useAction((id: string) => api.mcp.stop({ id })),
    remove: useAction((id: string) => api.mcp.remove({ id })),
    answer: useAction(async (answer: McpAnswer) => {
      const row = asked.value
      if (row?.state.type === 'asks') await api.mcp.answer({ id: row.id, ticket: row.state.ticket, answer })
      return null
    }),
    async ready(ids, signal) {
      const wanted = ids.filter((id) => find(id) !== undefined && find(id)!.state.type !== 'running')
      if (wanted.length === 0) return
      awaited.value = wanted
      try {
        await Promise.all(wanted.map((id) => startOne(id, signal)))
      } finally {
        awaited.value = []
      }
    },
  }
}
