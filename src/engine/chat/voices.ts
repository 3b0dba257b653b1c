// Local voices: students and their contexts, kept between answers, used one at a time, released when idle.
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ChatEvent, Sampling, Voice } from '../../shared/contract/routes/chat.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'
import type { Chat, Student } from '../llama/index.ts'
import { createTurnstile } from './turnstile.ts'

export type LocalVoice = Voice & { type: 'local' }
export type LocalQuestion = {
  readonly voice: LocalVoice
  readonly turns: readonly Turn[]
  /** Offered through the student's template. */
  readonly tools?: readonly Tool[]
  /** Texts before which the answer ends. */
  readonly stop?: readonly string[]
  readonly sampling: Sampling
}
/** What a chat shows, and at which stop sequence the answer ended. */
export type LocalEvent = Exclude<ChatEvent, { type: 'end' }> | ((ChatEvent & { type: 'end' }) & { readonly cut: string | null })

export type Voices = {
  /**
   * One answer. What fails because of the files, the conversation or the memory is a `failed` event. Leaving the loop, or
   * the signal, stops the student; one that waits its turn leaves the queue.
   */
  answer(question: LocalQuestion, signal: AbortSignal): AsyncGenerator<LocalEvent, void, undefined>
  /** Frees all memory, after the answer that is being written; the next one loads again. */
  release(): Promise<void>
  /** Stops what is being written, then releases. No answer is taken afterwards. */
  dispose(): Promise<void>
}

export type VoicesInput = {
  /** Threads of llama.cpp; null: its own choice. */
  readonly threads: () => number | null
  /** Time without an answer after which all is released. */
  readonly idleMs?: number
}

/** Two panes may hold two students; a third takes the place of the one that was used longest ago. */
const MOST_STUDENTS = 2
/** Contexts of one student: its caches grow with the context, not with the model. */
const MOST_CHATS = 3
const IDLE_MS = 5 * 60_000
/** Without a wish, a context of this many tokens at most: its cache costs memory for each. */
const DEFAULT_CONTEXT = 4096

/** Kept most recently used last. */
type OpenStudent = { readonly key: string; readonly student: Student; chats: { readonly key: string; readonly chat: Chat }[] }

export function createVoices({ threads, idleMs = IDLE_MS }: VoicesInput): Voices {
  const turnstile = createTurnstile()
  const ended = new AbortController()
  let students: OpenStudent[] = []
  let idle: NodeJS.Timeout | undefined

  async function close(open: OpenStudent): Promise<void> {
    students = students.filter((other) => other !== open)
    for (const { chat } of open.chats) await chat.dispose()
    await open.student.dispose()
  }
  async function closeAll(): Promise<void> {
    const failed: unknown[] = []
    // One that cannot be freed does not keep the others.
    for (const open of [...students]) await close(open).catch((error: unknown) => failed.push(error))
    if (failed.length > 0) throw failed[0]
  }

  async function* take(voice: LocalVoice, signal: AbortSignal): AsyncGenerator<LocalEvent, Chat, undefined> {
    const path = resolve(voice.student)
    const key = await fileKey(path)
    let open = students.find((known) => known.key === key)
    if (open) students = [...students.filter((known) => known !== open), open]
    else {
      yield { type: 'loading' }
      // The file was replaced: what is loaded of it is of the old one.
      for (const stale of students.filter((known) => known.student.path === path)) await close(stale)
      while (students.length >= MOST_STUDENTS) await close(students[0] as OpenStudent)
      const { openStudent } = await import('../llama/index.ts')
      open = { key, student: await openStudent({ path, weights: 'loaded', signal }), chats: [] }
      students.push(open)
    }
    return chatOf(open, voice, signal)
  }

  async function chatOf(open: OpenStudent, voice: LocalVoice, signal: AbortSignal): Promise<Chat> {
    const { adapter } = voice
    const context = voice.context ?? Math.min(DEFAULT_CONTEXT, open.student.trainedContext)
    const path = adapter === null ? null : resolve(adapter.path)
    const key = JSON.stringify([path && (await fileKey(path)), adapter?.scale, context, threads()])
    const known = open.chats.find((chat) => chat.key === key)
    if (known) {
      open.chats = [...open.chats.filter((chat) => chat !== known), known]
      return known.chat
    }
    while (open.chats.length >= MOST_CHATS) await open.chats.shift()?.chat.dispose()
    const { openChat } = await import('../llama/index.ts')
    const count = threads()
    const chat = await openChat({
      student: open.student,
      ...(path === null ? {} : { adapter: { path, scale: adapter?.scale ?? 1 } }),
      context,
      ...(count === null ? {} : { threads: count }),
      signal,
    })
    open.chats.push({ key, chat })
    return chat
  }

  async function* write({ voice, tools = [], stop = [], ...question }: LocalQuestion, signal: AbortSignal): AsyncGenerator<LocalEvent, void, undefined> {
    const chat = yield* take(voice, signal)
    let prompt = 0
    for await (const event of chat.generate({ ...question, tools, stop, signal })) {
      if (event.type === 'prompt') {
        prompt = event.tokens
        yield { ...event, context: chat.context }
      } else if (event.type === 'text') yield event
      else {
        const { ids, ...end } = event
        // A prompt that was left half-way is not in the context.
        const used = ids.length === 0 && end.reason === 'aborted' ? null : prompt + ids.length
        yield { ...end, tokens: ids.length, promptTokens: prompt, used }
      }
    }
  }

  return {
    async *answer(question, given) {
      const signal = AbortSignal.any([given, ended.signal])
      let leave = (): void => {}
      try {
        leave = await turnstile.enter(signal)
        clearTimeout(idle)
        yield* write(question, signal)
      } catch (error) {
        if (signal.aborted) yield ABORTED
        else if (error instanceof RetortError) yield { type: 'failed', error: errorParts(error) }
        else throw error
      } finally {
        clearTimeout(idle)
        idle = setTimeout(() => void release().catch(warn), idleMs).unref()
        leave()
      }
    },
    release,
    async dispose() {
      ended.abort()
      clearTimeout(idle)
      await release()
      clearTimeout(idle)
    },
  }

  async function release(): Promise<void> {
    const leave = await turnstile.enter(new AbortController().signal)
    try {
      await closeAll()
    } finally {
      leave()
    }
  }
}

/** Nobody waits for this release. */
const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error))

const ABORTED: LocalEvent = {
  type: 'end', reason: 'aborted', text: '', tokens: 0, promptTokens: null, firstTokenSeconds: null, tokensPerSecond: null, used: null, cut: null,
}

/** Another file at the same path is another model. A file that is not there is for the loader to say. */
async function fileKey(path: string): Promise<string> {
  const info = await stat(path).catch(() => null)
  return `${path}\n${info?.size ?? 0}\n${info?.mtimeMs ?? 0}`
}
