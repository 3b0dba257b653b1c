// The stream of a run for one page: everything so far, then what changes, whoever trains it.
import { isDeepStrictEqual } from 'node:util'
import type { RunEvent, RunView } from '../../shared/contract/routes/runs.ts'
import type { LiveRun } from './liveRun.ts'

/** How often the files of a run that this process does not train are looked at. */
const POLL_MS = 700

export type WatchInput = {
  /** The run as this process trains it, or null. */
  readonly live: () => LiveRun | null
  /** As its files say; null when the run is gone. */
  readonly view: () => RunView | null
  /** Called when a run begins or goes. */
  readonly wakers: Set<() => void>
  readonly signal: AbortSignal
}

/** A `view` first; steps follow without gap or repeat until the next `view`. Ends with the signal, or when the run is gone. */
export async function* watchRun(input: WatchInput): AsyncGenerator<RunEvent, void, undefined> {
  const { signal } = input
  let view: RunView | null = null
  while (!signal.aborted) {
    const live = input.live()
    if (live) {
      const events = live.events(signal)
      try {
        // Nothing can come between the two: both are of the same moment.
        yield { type: 'view', view: live.view() }
        yield* events
      } finally {
        await events.return()
      }
      // Its end is in the store now; the next view tells all.
      await live.ended
      view = null
      continue
    }
    const now = input.view()
    if (now === null) return
    yield* changesBetween(view, now)
    view = now
    await pause(input)
  }
}

/** What a page that shows `before` has to hear to show `now`. */
function* changesBetween(before: RunView | null, now: RunView): Generator<RunEvent> {
  const known = before?.metrics ?? []
  const last = known.at(-1)
  const grown =
    before !== null &&
    now.metrics.length >= known.length &&
    (last === undefined || isDeepStrictEqual(now.metrics[last.step - 1], last)) &&
    isDeepStrictEqual(now.summary, before.summary)
  if (!grown) {
    yield { type: 'view', view: now }
    return
  }
  for (const metrics of now.metrics.slice(known.length)) {
    yield { type: 'step', metrics, row: now.row, etaSeconds: etaOf(now) }
  }
  for (const point of now.heldout) {
    if (!before.heldout.some(({ step }) => step === point.step)) yield { type: 'heldout', point, row: now.row }
  }
  for (const decision of (now.gates ?? []).slice(before.gates?.length ?? 0)) yield { type: 'gate', decision }
  const samples = now.samples.slice(before.samples.length)
  if (samples.length > 0) yield { type: 'samples', samples }
  for (const alert of now.alerts.slice(before.alerts.length)) yield { type: 'alert', alert }
  if (now.row.state !== before.row.state) yield { type: 'state', row: now.row }
}

/** Of a run that another process trains the time of its steps alone is known: an evaluation at the end is not in it. */
function etaOf({ metrics, row: { steps } }: RunView): number | null {
  if (metrics.length === 0) return null
  return (metrics.reduce((sum, line) => sum + line.seconds, 0) / metrics.length) * (steps.total - steps.done)
}

/** Until the next look: the poll's time, a wake or the signal. */
function pause({ wakers, signal }: WatchInput): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      wakers.delete(wake)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(() => wake(), POLL_MS)
    wakers.add(wake)
    signal.addEventListener('abort', wake)
    if (signal.aborted) wake()
  })
}
