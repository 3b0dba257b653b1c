// Work that may never end, against a signal that ends the waiting for it.

/** `aborted`: the signal came first; what the work comes to later is thrown away. */
export type Raced<Value> = { readonly value: Value } | { readonly error: unknown } | 'aborted'

export function raced<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Raced<Value>> {
  return new Promise((resolve) => {
    const settle = (outcome: Raced<Value>): void => {
      signal.removeEventListener('abort', abort)
      resolve(outcome)
    }
    const abort = (): void => settle('aborted')
    if (signal.aborted) {
      work.catch(() => undefined)
      return resolve('aborted')
    }
    signal.addEventListener('abort', abort, { once: true })
    work.then(
      (value) => settle({ value }),
      (error: unknown) => settle({ error }),
    )
  })
}
