// A trainer process as its parent sees it: events out, pause, resume and stop in, and a clear error when it dies.
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import type { TrainSummary } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { appFolders, thisMachine } from '../paths.ts'
import { PROVIDERS } from '../runtime/providers/table.ts'
import { forkWorker } from '../workers/forkWorker.ts'
import type { TrainerCommand, TrainerEvent, TrainerJob } from './protocol.ts'

export type TrainerProcess = {
  readonly pid: number
  /** Resolves when training finished or was stopped and saved; rejects when it failed or the process died. */
  readonly ended: Promise<TrainSummary>
  pause(): void
  resume(): void
  /** Saves after the pass that is running, then ends. */
  stop(): void
  /** Ends it at once; what is not in a checkpoint is lost. */
  kill(): void
}

const LOG_LINES = 15

function lastLines(path: string): string {
  if (!existsSync(path)) return ''
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n')
}

/** Starts a trainer; what it prints goes to `logPath`. */
export function startTrainer(job: TrainerJob, logPath: string, onEvent: (event: TrainerEvent) => void): TrainerProcess {
  const log = openSync(logPath, 'a')
  const place = { dataFolder: appFolders(thisMachine()).data, env: process.env }
  const child = forkWorker('trainer', { output: [log, log], env: PROVIDERS[job.provider].environment(place) })
  closeSync(log)
  const send = (command: TrainerCommand): void => {
    if (child.connected) child.send(command, () => {})
  }
  const ended = new Promise<TrainSummary>((resolve, reject) => {
    let summary: TrainSummary | null = null
    let failure: RetortError | null = null
    child.on('message', (event: TrainerEvent) => {
      if (event.type === 'ended') summary = event.summary
      if (event.type === 'failed') failure = new RetortError(event.error)
      try {
        onEvent(event)
      } catch (error) {
        // Thrown here it would end this process, and with it everything else that goes on in it.
        process.emitWarning(error instanceof Error ? error : String(error))
      }
    })
    child.on('error', (cause) => reject(new RetortError({ code: 'trainer-failed', message: 'the trainer process cannot be started', cause })))
    // Not `exit`: that may come before the last message.
    child.on('close', (code, signal) => {
      if (summary) return resolve(summary)
      if (failure) return reject(failure)
      reject(
        new RetortError({
          code: 'trainer-died',
          message: 'the trainer process died; the run goes on from its last checkpoint with --resume',
          found: `${signal ? `signal ${signal}` : `exit code ${code}`}; last lines of its log:\n${lastLines(logPath)}`,
          where: logPath,
          advice: 'if the memory was full, train with fewer tokens a pass (--micro-tokens)',
        }),
      )
    })
  })
  send({ type: 'start', job })
  return {
    pid: child.pid ?? -1,
    ended,
    pause: () => send({ type: 'pause' }),
    resume: () => send({ type: 'resume' }),
    stop: () => send({ type: 'stop' }),
    kill: () => void child.kill('SIGKILL'),
  }
}
