// An answer that takes a while: asked when the question has settled, with progress, stopped and asked again on request.
import { refDebounced } from '@vueuse/core'
import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { RetortError } from '../../shared/errors.ts'
import { useStream } from '../composables/useStream.ts'

type Progress = { readonly phase: 'masking' | 'scoring'; readonly done: number; readonly total: number }

export type Slow<Result> = {
  /** The newest; it stays while the next one is made. */
  readonly result: ShallowRef<Result | null>
  readonly error: ShallowRef<RetortError | null>
  /** null: nothing is being made. */
  readonly progress: ShallowRef<Progress | null>
  /** The result answers the question as it is now. */
  readonly current: ComputedRef<boolean>
  /** The user has stopped it. */
  readonly stopped: ComputedRef<boolean>
  stop(): void
  again(): void
}

/** Time after the last change before it is asked. */
const SETTLE_MS = 500

type SlowOptions<Result> = {
  /** null: nothing can be asked yet. */
  readonly question: () => string | null
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<({ type: 'progress' } & Progress) | { type: 'result'; result: Result }>>
}

export function useSlow<Result>({ question, open }: SlowOptions<Result>): Slow<Result> {
  const result: ShallowRef<Result | null> = shallowRef(null)
  const error = shallowRef<RetortError | null>(null)
  const progress = shallowRef<Progress | null>(null)
  const times = shallowRef(0)
  /** The question that was stopped: another one is asked again by itself. */
  const stoppedAt = shallowRef<string | null>(null)
  const answered = shallowRef<string | null>(null)
  const wanted = computed(() => {
    const asked = question()
    return asked === null ? null : `${times.value} ${asked}`
  })
  const settled = refDebounced(wanted, SETTLE_MS)
  let asked: string | null = null

  useStream({
    question: () => [settled.value, stoppedAt.value === settled.value],
    open: (signal) => {
      asked = settled.value
      error.value = null
      progress.value = null
      if (asked === null || stoppedAt.value === asked || question() === null) return null
      progress.value = { phase: 'masking', done: 0, total: 0 }
      return open(signal)
    },
    onEvent: (event) => {
      if (event.type === 'progress') progress.value = { phase: event.phase, done: event.done, total: event.total }
      else {
        result.value = event.result
        answered.value = asked
      }
    },
    onError: (failure) => {
      error.value = failure
      progress.value = null
    },
    onEnd: () => (progress.value = null),
  })
  return {
    result,
    error,
    progress,
    current: computed(() => wanted.value !== null && wanted.value === answered.value),
    stopped: computed(() => wanted.value !== null && stoppedAt.value === wanted.value),
    stop: () => (stoppedAt.value = settled.value),
    again: () => {
      stoppedAt.value = null
      times.value += 1
    },
  }
}
