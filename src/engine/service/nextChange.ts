// Waiting, as those who follow a state do, until it has changed.

/** Until someone calls a waker, or the signal. */
export function nextChange(wakers: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      wakers.delete(wake)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    wakers.add(wake)
    signal?.addEventListener('abort', wake)
    if (signal?.aborted) wake()
  })
}
