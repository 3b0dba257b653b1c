// The chat's desk: asks both sides, keeps what is written, and loses nothing when it is stopped or put away.
import { afterEach, expect, test, vi } from 'vitest'
import { defineComponent, h, nextTick, shallowRef } from 'vue'
import { provideDesks, useDesk } from '../../../src/renderer/chat/desks.ts'
import { useConversation, type ConversationDesk } from '../../../src/renderer/chat/useConversation.ts'
import type { ChatEvent, Conversation, Voice } from '../../../src/shared/contract/routes/chat.ts'
import { mountWith, type Mounted } from '../support/mountWith.ts'

let mounted: Mounted<ConversationDesk> | null = null
afterEach(() => {
  mounted?.unmount()
  localStorage.clear()
})

const voice: Voice = { type: 'local', student: '/m/a.gguf', adapter: null, context: null }
const end = (text: string): ChatEvent => ({
  type: 'end', reason: 'stop', text, tokens: 2, promptTokens: 5, firstTokenSeconds: 0.1, tokensPerSecond: 9, used: 7,
})

function engine() {
  const kept = new Map<string, Conversation>()
  let release: () => void = () => {}
  const api = {
    chat: {
      generate: async ({ messages }: { messages: { text: string }[] }, { signal }: { signal: AbortSignal }) =>
        (async function* (): AsyncGenerator<ChatEvent> {
          const question = messages.at(-1)!.text
          yield { type: 'prompt', tokens: 5, reused: 0, context: 64 }
          yield { type: 'text', text: `half of ${question}` }
          if (question === 'slow') {
            await new Promise<void>((resolve, reject) => {
              release = resolve
              signal.addEventListener('abort', () => reject(new Error('left')))
            })
          }
          yield end(`all of ${question}`)
        })(),
      conversations: {
        put: async ({ conversation }: { conversation: Conversation }) => (kept.set(conversation.id, conversation), {}),
        list: async () => [...kept.values()],
        get: async ({ id }: { id: string }) => kept.get(id)!,
      },
    },
  }
  return { api, kept, release: () => release() }
}

function open(api: object): ConversationDesk {
  mounted = mountWith(api, () => useConversation('/p'))
  const desk = mounted.result
  for (const side of [0, 1] as const) desk.setPane(side, { voice })
  return desk
}
const texts = ({ exchanges }: Conversation): (string | undefined)[][] => exchanges.map(({ answers }) => answers.map((answer) => answer?.text))

test('both sides are asked, and the conversation is kept', async () => {
  const { api, kept } = engine()
  const desk = open(api)
  await desk.ask('hello')
  expect(texts(desk.conversation.value)).toEqual([['all of hello', 'all of hello']])
  expect(texts(kept.get(desk.conversation.value.id)!)).toEqual([['all of hello', 'all of hello']])
  expect(desk.contexts.get(0)).toBe(64)
})

test('stopping keeps what was written, and says that it was stopped', async () => {
  const { api, kept } = engine()
  const desk = open(api)
  const asked = desk.ask('slow')
  await vi.waitFor(() => expect(desk.writing.get(1)?.answer.text).toBe('half of slow'), { timeout: 15_000 })
  desk.stop()
  await asked
  const [exchange] = kept.get(desk.conversation.value.id)!.exchanges
  expect(exchange?.answers.map((answer) => [answer?.text, answer?.end?.reason])).toEqual([['half of slow', 'aborted'], ['half of slow', 'aborted']])
})

test('a new conversation while one is written: what was written is kept in the old one', async () => {
  const { api, kept } = engine()
  const desk = open(api)
  const old = desk.conversation.value.id
  void desk.ask('slow')
  await vi.waitFor(() => expect(desk.writing.size).toBe(2), { timeout: 15_000 })
  await vi.waitFor(() => expect(desk.writing.get(1)?.answer.text).toBe('half of slow'), { timeout: 15_000 })
  await desk.start(desk.conversation.value)
  expect(desk.conversation.value.id).not.toBe(old)
  expect(desk.conversation.value.exchanges).toEqual([])
  expect(texts(kept.get(old)!)).toEqual([['half of slow', 'half of slow']])
})

/** A page with the chat of a project on it; null: another screen. */
function page(api: object) {
  const shown = shallowRef<string | null>('/a')
  let desk: ConversationDesk | undefined
  const Chat = defineComponent({
    props: { project: { type: String, required: true } },
    setup({ project }) {
      desk = useDesk(project)
      return () => null
    },
  })
  const made = mountWith(api, provideDesks, () => (shown.value === null ? null : h(Chat, { project: shown.value, key: shown.value })))
  mounted = { ...made, result: desk! }
  const show = async (project: string | null): Promise<void> => {
    shown.value = project
    await nextTick()
  }
  return { desk: () => desk!, show }
}

test('what is written goes on behind another screen and another project, which has a desk of its own', async () => {
  const { api, kept, release } = engine()
  const { desk, show } = page(api)
  const first = desk()
  first.setPane(0, { voice })
  void first.ask('slow')
  await vi.waitFor(() => expect(first.writing.get(0)?.answer.text).toBe('half of slow'), { timeout: 15_000 })
  await show(null)
  await show('/b')
  expect(desk()).not.toBe(first)
  expect([desk().busy.value, desk().conversation.value.exchanges, desk().conversation.value.panes[0].voice]).toEqual([false, [], null])
  await show('/a')
  expect(desk()).toBe(first)
  await first.takeUp()
  expect(first.busy.value).toBe(true)
  release()
  await vi.waitFor(() => expect(texts(kept.get(first.conversation.value.id)!)).toEqual([['all of slow', undefined]]), { timeout: 15_000 })
})

test('who answers is kept before anything is asked, also when the page is loaded again; a question ends that', async () => {
  const { api, kept } = engine()
  const before = open(api)
  await before.ask('hello')
  await before.start(null)
  before.setPane(0, { voice: { ...voice, student: '/m/b.gguf' } })
  mounted!.unmount()
  const reload = async (): Promise<ConversationDesk> => {
    mounted = mountWith(api, () => useConversation('/p'))
    await mounted.result.takeUp()
    return mounted.result
  }
  const after = await reload()
  expect(after.conversation.value).toMatchObject({ exchanges: [], panes: [{ voice: { student: '/m/b.gguf' } }, { voice: null }] })
  kept.clear()
  await after.ask('there')
  mounted!.unmount()
  expect(texts((await reload()).conversation.value)).toEqual([['all of there', undefined]])
})

test('the newest conversation is gone on with once; who is suggested is not kept as chosen', async () => {
  const { api } = engine()
  const before = open(api)
  await before.ask('hello')
  mounted!.unmount()
  mounted = mountWith(api, () => useConversation('/p'))
  const desk = mounted.result
  await Promise.all([desk.takeUp(), desk.takeUp()])
  expect(texts(desk.conversation.value)).toEqual([['all of hello', 'all of hello']])
  await desk.start(null)
  desk.suggest([voice, voice])
  await desk.takeUp()
  expect(desk.conversation.value.exchanges).toEqual([])
  mounted.unmount()
  mounted = mountWith(api, () => useConversation('/p'))
  await mounted.result.takeUp()
  expect(texts(mounted.result.conversation.value)).toEqual([['all of hello', 'all of hello']])
})
