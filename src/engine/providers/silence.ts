// Silence of an endpoint: how long nothing was heard of an answer, and what ends the waiting.

/** `hold`: waiting that is meant is no silence, until something is heard again. */
export type Silence = { readonly signal: AbortSignal; heard(): void; hold(): void; end(): void }

/** Aborts after `patience` milliseconds in which nothing was heard; `end` aborts at once. */
export function createSilence(patience: number): Silence {
  const controller = new AbortController()
  const begin = (): NodeJS.Timeout => setTimeout(() => controller.abort(), patience)
  let timer: NodeJS.Timeout | null = begin()
  let ended = false
  const hold = (): void => {
    if (timer) clearTimeout(timer)
    timer = null
  }
  return {
    signal: controller.signal,
    heard() {
      if (ended) return
      if (timer) timer.refresh()
      else timer = begin()
    },
    hold,
    end() {
      ended = true
      hold()
      controller.abort()
    },
  }
}
