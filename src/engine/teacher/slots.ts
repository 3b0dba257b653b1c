// So many questions at a time; the first that fails ends the others.

export type Slots = {
  /** Aborted from outside, or by the first failure. */
  readonly signal: AbortSignal
  /** Resolves when there was room and it has begun; `ended` resolves when it has ended. Throws once something has failed. */
  begin(work: () => Promise<void>): Promise<{ readonly ended: Promise<void> }>
  /** When nothing runs any more. Never throws. */
  settle(): Promise<void>
  throwFailure(): void
}

export function createSlots(count: number, outer: AbortSignal): Slots {
  const stop = new AbortController()
  const signal = AbortSignal.any([outer, stop.signal])
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | null = null
  const throwFailure = (): void => {
    if (failure) throw failure.error
    outer.throwIfAborted()
  }
  return {
    signal,
    async begin(work) {
      while (running.size >= count) await Promise.race(running)
      throwFailure()
      const made = work().catch((error: unknown) => {
        failure ??= { error }
        stop.abort(error)
      })
      const kept = made.finally(() => running.delete(kept))
      running.add(kept)
      return { ended: kept }
    },
    async settle() {
      await Promise.all(running)
    },
    throwFailure,
  }
}
