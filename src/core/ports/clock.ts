// Port: time that passes, and an end to waiting.

declare global {
  /** What the core asks of the platform's own AbortSignal, which is all that fulfils it. */
  interface AbortSignal {
    readonly aborted: boolean
    addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
    removeEventListener(type: 'abort', listener: () => void): void
  }
}

/** A signal that aborts when its time is over or when the one it was made of aborts. */
export type Deadline = {
  readonly signal: AbortSignal
  /** Whether the time was over first. */
  readonly passed: () => boolean
  /** Time stands still until what this gives is called: once for each call of it. */
  readonly hold: () => () => void
  /** Frees the timer; to be called once the work is done. */
  readonly end: () => void
}

export type Clock = {
  /** Milliseconds since some moment; never goes back. */
  readonly now: () => number
  /** Without a signal only time ends it. */
  readonly deadline: (milliseconds: number, signal?: AbortSignal) => Deadline
}
