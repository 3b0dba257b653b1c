// The core's clock on this machine.
import type { Clock } from '../../core/ports/index.ts'

/** Node fires timers above 2^31 - 1 ms at once. */
const MOST_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  deadline(milliseconds, signal) {
    const time = new AbortController()
    const timer = heldTimer(() => time.abort(), Math.min(milliseconds, MOST_MS))
    const either = signal ? AbortSignal.any([signal, time.signal]) : time.signal
    let passed = false
    time.signal.addEventListener('abort', () => (passed = !(signal?.aborted ?? false)), { once: true })
    return { signal: either, passed: () => passed, hold: timer.hold, end: timer.end }
  },
}

/** Calls back once when so many milliseconds have passed, those not counted in which it is held. */
function heldTimer(due: () => void, milliseconds: number): { readonly hold: () => () => void; readonly end: () => void } {
  let left = milliseconds
  let holds = 0
  let ended = false
  let since = 0
  let timer: NodeJS.Timeout
  const run = (): void => {
    since = performance.now()
    timer = setTimeout(due, left).unref()
  }
  run()
  return {
    hold() {
      if (holds++ === 0) {
        clearTimeout(timer)
        left = Math.max(0, left - (performance.now() - since))
      }
      let held = true
      return () => {
        if (held && --holds === 0 && !ended) run()
        held = false
      }
    },
    end() {
      ended = true
      clearTimeout(timer)
    },
  }
}
