// A trainer process as its parent sees it: events out, pause, resume and stop in, and a clear error when it dies.
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import type { TrainSummary } from '../../shared/contract/training.ts'
import { RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import { appFolders, thisMachine } from '../paths.ts'
import { PROVIDERS } from '../runtime/providers/table.ts'
import { forkWorker } from '../workers/forkWorker.ts'
import type { TrainerCommand, TrainerEvent, TrainerJob } from './protocol.ts'

export type TrainerProcess<Summary = TrainSummary> = {
  readonly pid: number
  /** Resolves when training finished or was stopped and saved; rejects when it failed or the process died. */
  readonly ended: Promise<Summary>
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
  const place = { dataFolder: appFolders(thisMachine()).data, env: process.env }
  const advice = 'if the memory was full, train with fewer tokens a pass (--micro-tokens)'
  return supervise<TrainSummary, TrainerEvent>(job, { logPath, onEvent, environment: PROVIDERS[job.provider].environment(place), advice })
}

/** The last words of any trainer. */
type Ended<Summary> = { readonly type: 'ended'; readonly summary: Summary } | { readonly type: 'failed'; readonly error: RetortErrorParts }

export type Supervision<Event> = {
  readonly logPath: string
  readonly onEvent: (event: Event) => void
  readonly environment: Readonly<Record<string, string>>
  /** To a user whose trainer died. */
  readonly advice: string
}

/** Starts the trainer process on a job of any sort, which says what its events are; its last is `ended` or `failed`. */
export function supervise<Summary, Event extends { readonly type: string }>(job: object, supervision: Supervision<Event>): TrainerProcess<Summary> {
  const { logPath, onEvent, environment, advice } = supervision
  const log = openSync(logPath, 'a')
  const child = forkWorker('trainer', { output: [log, log], env: environment })
  closeSync(log)
  const send = (command: TrainerCommand<object>): void => {
    if (child.connected) child.send(command, () => {})
  }
  const ended = new Promise<Summary>((resolve, reject) => {
    let end: Ended<Summary> | null = null
    child.on('message', (event: Event | Ended<Summary>) => {
      if (event.type === 'ended' || event.type === 'failed') end = event as Ended<Summary>
      try {
        onEvent(event as Event)
      } catch (error) {
        // Thrown here it would end this process, and with it everything else that goes on in it.
        process.emitWarning(error instanceof Error ? error : String(error))
      }
    })
    child.on('error', (cause) => reject(new RetortError({ code: 'trainer-failed', message: 'the trainer process cannot be started', cause })))
    // Not `exit`: that may come before the last message.
    child.on('close', (code, signal) => {
      if (end) return end.type === 'ended' ? resolve(end.summary) : reject(new RetortError(end.error))
      reject(
        new RetortError({
          code: 'trainer-died',
          message: 'the trainer process died; the run goes on from its last checkpoint with --resume',
          found: `${signal ? `signal ${signal}` : `exit code ${code}`}; last lines of its log:\n${lastLines(logPath)}`,
          where: logPath,
          advice,
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
