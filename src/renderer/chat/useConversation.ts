// The conversation on the screen: asked, answered side by side, kept in the project as it grows.
import { useToast } from '@nuxt/ui/composables'
import { computed, onScopeDispose, shallowReactive, shallowRef, type ComputedRef, type ShallowReactive, type ShallowRef } from 'vue'
import type { Answer, Conversation, Voice } from '../../shared/contract/routes/chat.ts'
import { errorParts, type RetortError } from '../../shared/errors.ts'
import { asRetortError, useApi } from '../bridge/index.ts'
import { useText } from '../i18n/index.ts'
import { afterLogged, turnsFor } from './agentAnswer.ts'
import {
  afterEvent, beginAnswer, failedAnswer, messagesFor, newConversation, SIDES, withAnswer, withPane, withQuestion, type Asked, type Side, type Writing,
} from './conversation.ts'
import { createKeeper } from './keeper.ts'
import { dropDraft, keepDraft, keptDraft } from './keptDraft.ts'

export type ConversationDesk = {
  readonly conversation: ShallowRef<Conversation>
  /** Answers being written, by side. */
  readonly writing: ShallowReactive<Map<Side, Asked>>
  readonly busy: ComputedRef<boolean>
  /** Size of each side's context, where its last answer said so. */
  readonly contexts: ShallowReactive<Map<Side, number>>
  /** It could not be kept: what is on the screen is not on the disk. */
  readonly notKept: ShallowRef<RetortError | null>
  /** What is written and has not been asked, and the exchange that it replaces. */
  readonly question: ShallowRef<string>
  readonly editing: ShallowRef<number | null>
  /** The first time: goes on with what was left without a question, else with the newest conversation of the project. */
  takeUp(): Promise<void>
  change(change: (before: Conversation) => Conversation): void
  setPane(side: Side, change: Partial<Conversation['panes'][0]>): void
  /** Who answers until somebody says otherwise. */
  suggest(voices: readonly [Voice, Voice]): void
  /** Asks all sides that have a voice; `at` replaces the exchange there and what follows. */
  ask(question: string, at?: number): Promise<void>
  /** Another answer of one side to the exchange; with `seed` another than before. */
  again(place: { exchange: number; side: Side }, options?: { newSeed: true }): Promise<void>
  stop(): void
  /** What is being written is stopped and kept first. */
  start(before: Conversation | null): Promise<void>
  open(id: string): Promise<void>
}

/** While an answer is written it is kept this often. */
const KEEP_MS = 1500
const REST_MS = 400

/** `project`: its folder; another project has a desk of its own. */
export function useConversation(project: string): ConversationDesk {
  const api = useApi()
  const memory = window.localStorage
  const conversation = shallowRef(newConversation(crypto.randomUUID(), new Date().toISOString(), null))
  const writing: ConversationDesk['writing'] = shallowReactive(new Map())
  const contexts: ConversationDesk['contexts'] = shallowReactive(new Map())
  const notKept = shallowRef<RetortError | null>(null)
  const toast = useToast()
  const { text } = useText()
  const keeper = createKeeper({ conversations: api.chat.conversations, newId: () => crypto.randomUUID(), now: () => new Date() })
  let stopping = new AbortController()
  let keeping: Promise<void> = Promise.resolve()
  let keptAt = 0
  let unkept: ReturnType<typeof setTimeout> | undefined
  const answering = new Set<Promise<void>>()
  const question = shallowRef('')
  const editing = shallowRef<number | null>(null)
  let taken: Promise<void> | null = null
  let waits = 0

  function change(step: (before: Conversation) => Conversation): void {
    conversation.value = { ...step(conversation.value), updatedAt: new Date().toISOString() }
  }
  /** One write after the other; without an exchange there is nothing to keep. */
  function keep(): Promise<void> {
    keptAt = performance.now()
    clearTimeout(unkept)
    unkept = undefined
    keeping = keeping.then(async () => {
      const now = withUnfinished(conversation.value)
      if (now.exchanges.length === 0) return
      try {
        const id = await keeper.keep(project, now)
        notKept.value = null
        if (id !== now.id) forked(now.id, id)
      } catch (error) {
        notKept.value = asRetortError(error)
      }
    })
    return keeping
  }
  /** As the user wants it. */
  function decide(step: (before: Conversation) => Conversation): void {
    change(step)
    if (conversation.value.exchanges.length === 0) keepDraft(memory, project, conversation.value)
  }
  function forked(from: string, id: string): void {
    if (conversation.value.id === from) conversation.value = { ...conversation.value, id }
    toast.add({ title: text.chat.forked, description: text.chat.forkedDetail, color: 'warning', icon: 'i-lucide-git-fork', duration: 12_000 })
  }
  /** Settings that are still being dragged are kept once they rest. */
  function keepSoon(): void {
    clearTimeout(unkept)
    unkept = setTimeout(() => void keep(), REST_MS)
  }
  const withUnfinished = (now: Conversation): Conversation =>
    [...writing].reduce((so, [side, { answer, exchange }]) => withAnswer(so, { exchange, side }, answer), now)

  function answer(place: { exchange: number; side: Side }, seed?: number): Promise<void> {
    const answered = write(place, seed).finally(() => answering.delete(answered))
    answering.add(answered)
    return answered
  }
  async function write(place: { exchange: number; side: Side }, seed?: number): Promise<void> {
    const { side, exchange } = place
    const { voice, sampling, agent } = conversation.value.panes[side]
    if (voice === null) return
    const { signal } = stopping
    let now = beginAnswer(voice, seed === undefined ? sampling : { ...sampling, seed })
    let since = ++waits
    const show = (): void => void writing.set(side, { ...now, exchange, since })
    show()
    try {
      const asked = { voice, sampling: now.answer.sampling }
      const follow = (next: Writing): void => {
        if (next.progress.type === 'waiting' && now.progress.type !== 'waiting') since = ++waits
        now = next
        if (now.context !== null) contexts.set(side, now.context)
        show()
        if (performance.now() - keptAt > KEEP_MS) void keep()
      }
      if (agent === null) {
        const messages = messagesFor(conversation.value, place)
        for await (const event of await api.chat.generate({ ...asked, messages }, { signal })) follow(afterEvent(now, event))
      } else {
        const turns = turnsFor(conversation.value, place)
        for await (const event of await api.chat.act({ ...asked, turns, agent }, { signal })) {
          follow(event.type === 'failed' ? afterEvent(now, event) : afterLogged(now, { event: event.event, spans: event.spans }))
        }
      }
    } catch (error) {
      if (!signal.aborted) now = { ...now, answer: failedAnswer(now.answer, errorParts(asRetortError(error))) }
    }
    const { answer } = now
    writing.delete(side)
    const cut = signal.aborted && answer.end === null && answer.error === null
    // Stopped before a word of it: there is no answer.
    change((before) => withAnswer(before, place, cut ? (answer.text === '' && !answer.episode?.length ? null : stopped(answer)) : answer))
    await keep()
  }

  /** Nothing is written any more, and everything is kept. */
  async function settle(): Promise<void> {
    stopping.abort()
    await Promise.allSettled(answering)
    if (unkept) await keep()
    await keeping
    contexts.clear()
  }
  const begin = (): void => {
    if (stopping.signal.aborted) stopping = new AbortController()
  }
  onScopeDispose(() => void settle())

  async function start(before: Conversation | null): Promise<void> {
    taken = Promise.resolve()
    await settle()
    editing.value = null
    if (before === null) dropDraft(memory, project)
    conversation.value = newConversation(crypto.randomUUID(), new Date().toISOString(), before)
  }
  async function open(id: string): Promise<void> {
    await settle()
    const found = await api.chat.conversations.get({ project, id })
    taken = Promise.resolve()
    editing.value = null
    dropDraft(memory, project)
    conversation.value = found
    keeper.opened(found)
  }
  async function goOn(): Promise<void> {
    const draft = keptDraft(memory, project)
    if (draft) return void (conversation.value = draft)
    const [latest] = await api.chat.conversations.list({ project })
    if (latest) await open(latest.id).catch(() => start(null))
  }

  return {
    conversation,
    writing,
    contexts,
    notKept,
    question,
    editing,
    busy: computed(() => writing.size > 0),
    takeUp: () => (taken ??= goOn().catch((error: unknown) => {
      taken = null
      throw error
    })),
    change: decide,
    suggest: (voices) => SIDES.forEach((side) => change((before) => withPane(before, side, { voice: voices[side] }))),
    setPane: (side, pane) => {
      decide((before) => withPane(before, side, pane))
      contexts.delete(side)
      keepSoon()
    },
    async ask(words, at = conversation.value.exchanges.length) {
      begin()
      taken ??= Promise.resolve()
      dropDraft(memory, project)
      change((before) => withQuestion(before, at, words))
      void keep()
      await Promise.all(SIDES.map((side) => answer({ exchange: at, side })))
    },
    async again(place, options) {
      begin()
      await answer(place, options ? Math.floor(Math.random() * 0xffffffff) : undefined)
    },
    stop: () => stopping.abort(),
    start,
    open,
  }
}

/** Stopped before the engine could say how far it was. */
const stopped = (answer: Answer): Answer => ({
  ...answer,
  end: { type: 'end', reason: 'aborted', text: answer.text, tokens: null, promptTokens: null, firstTokenSeconds: null, tokensPerSecond: null, used: null },
})
