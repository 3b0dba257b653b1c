// A clock that stands still until it is moved.
import type { Clock } from '../../src/core/ports/index.ts'

export type ManualClock = Clock & {
  /** Lets time pass; deadlines that are due abort. */
  readonly advance: (milliseconds: number) => void
  /** Deadlines that wait. */
  readonly waiting: () => number
}

export function manualClock(): ManualClock {
  let time = 0
  const pending = new Set<{ at: number; holds: number; fire: () => void }>()
  return {
    now: () => time,
    advance(milliseconds) {
      time += milliseconds
      for (const entry of pending) if (entry.holds > 0) entry.at += milliseconds
      for (const entry of [...pending].sort((a, b) => a.at - b.at)) if (entry.at <= time) entry.fire()
    },
    waiting: () => pending.size,
    deadline(milliseconds, signal) {
      const controller = new AbortController()
      let passed = false
      const entry = { at: time + milliseconds, holds: 0, fire: () => ((passed = !controller.signal.aborted), pending.delete(entry), controller.abort()) }
      const abort = (): void => controller.abort()
      if (signal?.aborted) controller.abort()
      signal?.addEventListener('abort', abort, { once: true })
      pending.add(entry)
      return {
        signal: controller.signal,
        passed: () => passed,
        hold() {
          let held = 1
          entry.holds += 1
          return () => {
            entry.holds -= held
            held = 0
          }
        },
        end: () => (pending.delete(entry), signal?.removeEventListener('abort', abort)),
      }
    },
  }
}
