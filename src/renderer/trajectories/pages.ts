// Lines of a long list, fetched page by page as they come into view; what is shown stays until its successor is there.
import { onScopeDispose, shallowRef, triggerRef, watch, type ShallowRef } from 'vue'
import type { RetortError } from '../../shared/errors.ts'
import { asRetortError } from '../bridge/index.ts'

export type FetchPage<Line> = (place: { offset: number; limit: number }, signal: AbortSignal) => Promise<{ total: number; lines: Line[] }>

export type Pages<Line> = {
  /** null before the first answer. */
  readonly total: ShallowRef<number | null>
  readonly error: ShallowRef<RetortError | null>
  /** The question that the lines answer: the one before, until the first page of the next is here. */
  readonly answered: ShallowRef<unknown>
  /** Undefined: not here yet; asking for it fetches its page. */
  line(index: number): Line | undefined
  /** The same without fetching. */
  known(index: number): Line | undefined
  /** Fetches the pages of lines `first` to `last` that are not here. */
  want(first: number, last: number): void
  /** Every page is fetched again; lines stay until theirs is here. */
  refresh(): void
}

/** As many as a screen shows: of a search every line has its excerpt made, so a longer first page comes later. */
export const PAGE_SIZE = 40

export type PagesOptions<Line> = {
  readonly question: () => unknown
  readonly change: () => unknown
  readonly fetch: FetchPage<Line>
  /** No connection now: what fails is asked for again with the next one, which is a change. */
  readonly offline: () => boolean
}

/** `question` changes: another list. `change` changes: the same list with other content. */
export function usePages<Line>(options: PagesOptions<Line>): Pages<Line> {
  const total = shallowRef<number | null>(null)
  const error = shallowRef<RetortError | null>(null)
  const lines = shallowRef(new Map<number, Line[]>())
  const answered = shallowRef<unknown>()
  /** The lines are those of the question. */
  let current = false
  let stale = new Set<number>()
  let asked = new Map<number, AbortController>()

  function forget(): void {
    for (const controller of asked.values()) controller.abort()
    asked = new Map()
  }
  function refresh(): void {
    forget()
    stale = new Set(lines.value.keys())
    void ask(0)
    triggerRef(lines)
  }
  async function ask(page: number): Promise<void> {
    if (asked.has(page)) return
    const controller = new AbortController()
    asked.set(page, controller)
    const question = options.question()
    try {
      const answer = await options.fetch({ offset: page * PAGE_SIZE, limit: PAGE_SIZE }, controller.signal)
      if (controller.signal.aborted) return
      if (!current) {
        lines.value = new Map()
        stale = new Set()
        answered.value = question
        current = true
      }
      lines.value.set(page, answer.lines)
      stale.delete(page)
      total.value = answer.total
      error.value = null
      triggerRef(lines)
    } catch (failure) {
      if (!controller.signal.aborted && !options.offline()) error.value = asRetortError(failure)
    } finally {
      if (asked.get(page) === controller) asked.delete(page)
    }
  }
  watch(
    options.question,
    () => {
      forget()
      current = false
      void ask(0)
    },
    { immediate: true },
  )
  watch(options.change, refresh)
  onScopeDispose(forget)

  const pageOf = (index: number): number => Math.floor(index / PAGE_SIZE)
  const known = (index: number): Line | undefined => lines.value.get(pageOf(index))?.[index % PAGE_SIZE]
  const askIfMissing = (page: number): void => {
    // Not within the rendering that asks: fetching changes what it reads.
    if (!lines.value.has(page) || stale.has(page)) queueMicrotask(() => void ask(page))
  }
  return {
    total,
    error,
    answered,
    known,
    line(index) {
      askIfMissing(pageOf(index))
      return known(index)
    },
    want(first, last) {
      for (let page = pageOf(Math.max(0, first)); page <= pageOf(last); page += 1) askIfMissing(page)
    },
    refresh,
  }
}
