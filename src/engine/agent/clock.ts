// The core's clock on this machine.
import type { Clock } from '../../core/ports/index.ts'

/** Node fires timers above 2^31 - 1 ms at once. */
const MOST_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  deadline(milliseconds, signal) {
    const time = new AbortController()
    const timer = setTimeout(() => time.abort(), Math.min(milliseconds, MOST_MS)).unref()
    const either = signal ? AbortSignal.any([signal, time.signal]) : time.signal
    let passed = false
    time.signal.addEventListener('abort', () => (passed = !(signal?.aborted ?? false)), { once: true })
    return { signal: either, passed: () => passed, end: () => clearTimeout(timer) }
  },
}
