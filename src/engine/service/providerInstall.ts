// Handlers of execution providers: which work here, and the libraries of CUDA on request.
import type { InstallProgress } from '../../shared/contract/providers.ts'
import { os } from './base.ts'
import { createBroadcast } from './broadcast.ts'

const never = (): AbortSignal => new AbortController().signal
/** Progress is told at most this often: a download reports each piece. */
const EVERY_MS = 200

/** Hands on the first report of each part, the last one, and some in between. */
function thinned(send: (progress: InstallProgress) => void): (progress: InstallProgress) => void {
  let [told, part] = [0, '']
  return (progress) => {
    const now = performance.now()
    const key = `${progress.phase} ${progress.part}`
    if (key === part && progress.done < progress.total && now - told < EVERY_MS) return
    ;[told, part] = [now, key]
    send(progress)
  }
}

export const providerHandlers = {
  examine: os.app.providers.examine.handler(({ context, input: { fresh }, signal }) => context.engine.providers({ fresh, signal: signal ?? never() })),
  install: os.app.providers.install.handler(async function* ({ context, signal }) {
    const leaving = new AbortController()
    const stop = AbortSignal.any([leaving.signal, ...(signal ? [signal] : [])])
    const progress = createBroadcast<InstallProgress>()
    const events = progress.listen(stop)
    const made = context.engine.installProvider({ onProgress: thinned((one) => progress.send(one)), signal: stop }).finally(() => progress.end())
    // Awaited below, unless the page leaves before.
    made.catch(() => {})
    try {
      for await (const event of events) yield { type: 'progress' as const, progress: event }
      yield { type: 'report' as const, report: await made }
    } finally {
      leaving.abort()
    }
  }),
  remove: os.app.providers.remove.handler(({ context, signal }) => context.engine.removeProvider({ signal: signal ?? never() })),
}
