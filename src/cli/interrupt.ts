// Ctrl-C: the first asks everything to stop through one AbortSignal, a second kills.

/** npm hands a terminal's Ctrl-C on to its child, which then gets it twice at once; that is one press. */
const ONE_PRESS_MS = 500

export type Interrupt = { readonly signal: AbortSignal; dispose(): void }

/** Listens to SIGINT, SIGTERM and SIGHUP. `onFirst` tells the user; `kill` ends the process at once. */
export function listenForInterrupt(options: {
  process: Pick<NodeJS.Process, 'on' | 'off'>
  now: () => number
  onFirst: () => void
  kill: () => void
}): Interrupt {
  const controller = new AbortController()
  let first = -Infinity
  const handle = () => {
    if (!controller.signal.aborted) {
      first = options.now()
      controller.abort()
      options.onFirst()
    } else if (options.now() - first > ONE_PRESS_MS) options.kill()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) options.process.on(name, handle)
  return {
    signal: controller.signal,
    dispose() {
      for (const name of signals) options.process.off(name, handle)
    },
  }
}
