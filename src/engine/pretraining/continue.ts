// A run from nothing as its command sees it: the trainer process started, watched and stopped.
import type { PretrainReport, PretrainStep } from '../../shared/contract/pretraining.ts'
import { supervise } from '../training/index.ts'
import { pretrainFiles, readConfig } from './folder.ts'
import type { PretrainerEvent, PretrainerJob, PretrainJob } from './protocol.ts'

export type PretrainWatch = {
  readonly onStep: (step: PretrainStep, steps: number) => void
  /** Windows of a held-out measurement that are done. */
  readonly onMeasuring: (done: number, total: number) => void
  /** Mean held-out loss (nats a token) after so many steps. */
  readonly onHeldout: (step: number, nll: number) => void
  readonly note: (text: string) => void
  /** Aborting saves after the window that is running, and ends. */
  readonly signal: AbortSignal
}

/**
 * Trains the run of the folder in a process of its own, from its newest checkpoint to its end or until the signal. Throws
 * RetortError `run-busy`, `run-damaged`, `diverged`, `disk-full`, `trainer-died`.
 */
export async function continuePretraining(job: PretrainJob, watch: PretrainWatch): Promise<PretrainReport> {
  // Before a process is started and a log is made: what is no run is refused.
  readConfig(job.dir)
  const trainer = supervise<PretrainReport, PretrainerEvent>({ ...job, kind: 'pretrain' } satisfies PretrainerJob, {
    logPath: pretrainFiles(job.dir).log,
    environment: {},
    advice: 'if the memory was full, begin another run with a shorter --window or a smaller --config',
    onEvent: (event) => pass(event, watch),
  })
  const stop = (): void => trainer.stop()
  watch.signal.addEventListener('abort', stop)
  if (watch.signal.aborted) stop()
  try {
    return await trainer.ended
  } finally {
    watch.signal.removeEventListener('abort', stop)
  }
}

function pass(event: PretrainerEvent, watch: PretrainWatch): void {
  switch (event.type) {
    case 'step':
      return watch.onStep(event.step, event.steps)
    case 'measuring':
      return watch.onMeasuring(event.done, event.total)
    case 'heldout':
      return watch.onHeldout(event.step, event.nll)
    case 'notice':
      return watch.note(event.text)
    case 'memory':
    case 'paused':
    case 'resumed':
    case 'ended':
    case 'failed':
      return
  }
}
