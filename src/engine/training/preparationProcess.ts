// The preparation as its engine sees it: a child process, started when it is needed and let go when it has been idle.
import type { ChildProcess } from 'node:child_process'
import { RetortError } from '../../shared/errors.ts'
import { forkWorker } from '../workers/forkWorker.ts'
import type { Preparation, Progress } from './preparation.ts'
import type { PreparationCommand, PreparationEvent, PreparationResults, PreparationTask } from './preparationProtocol.ts'

/** What it remembers makes the next preview quick; after this time nobody seems to want one. */
const IDLE_MS = 300_000

type Waiting = {
  readonly onProgress: Progress['onProgress']
  readonly resolve: (result: PreparationResults[keyof PreparationResults]) => void
  readonly reject: (error: unknown) => void
}

/** A process and what was asked of it; nothing of another one's end concerns it. */
type Running = {
  readonly process: ChildProcess
  /** Also what was cancelled, until the process says that it has left it. */
  readonly waiting: Map<number, Waiting>
  readonly gone: Promise<void>
}

export type PreparationProcessOptions = { readonly fork?: () => ChildProcess; readonly idleMs?: number }

const forkPrepare = (): ChildProcess => forkWorker('prepare', { output: ['ignore', 'inherit'] })

/**
 * Whatever is asked settles: throws RetortError `preparation-died` when the process does or cannot be started,
 * `preparation-ended` after `dispose`, which ends it, and the signal's reason.
 */
export function createPreparationProcess({ fork = forkPrepare, idleMs = IDLE_MS }: PreparationProcessOptions = {}): Preparation {
  /** Those that have not ended yet; the newest answers. */
  const all = new Set<Running>()
  let newest: Running | null = null
  let idle: NodeJS.Timeout | undefined
  let count = 0
  let disposed = false

  const begin = (): Running => {
    const process = forked(fork)
    const waiting = new Map<number, Waiting>()
    let end: () => void = () => {}
    const running: Running = { process, waiting, gone: new Promise((resolve) => (end = resolve)) }
    const lost = (error: RetortError): void => {
      all.delete(running)
      if (newest === running) newest = null
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
      end()
    }
    process.on('message', (event: PreparationEvent) => hear(running, event))
    // A process that never started has no `close`.
    process.on('error', (cause) => process.pid === undefined && lost(notStarted(cause)))
    const leave = (code: number | null, killed: string | null): void => lost(disposed ? ended() : died(killed ? `signal ${killed}` : `exit code ${code}`))
    // `exit` may come before the last message; but where this side has closed the channel Node never says `close`.
    process.on('exit', (code, killed) => process.connected || leave(code, killed))
    process.on('close', leave)
    all.add(running)
    return running
  }
  const hear = (running: Running, event: PreparationEvent): void => {
    const task = running.waiting.get(event.id)
    if (event.type === 'progress') return task?.onProgress(event.done, event.total, event.phase)
    running.waiting.delete(event.id)
    rest(running)
    if (event.type === 'done') task?.resolve(event.result)
    else task?.reject(new RetortError(event.error))
  }
  /** It has nothing in hand that could be lost; whoever asks while it ends gets another one. */
  const rest = (running: Running): void => {
    if (running !== newest || running.waiting.size > 0) return
    clearTimeout(idle)
    idle = setTimeout(() => {
      newest = null
      running.process.kill()
    }, idleMs)
    idle.unref()
  }
  const ask = async <Type extends PreparationTask['type']>(
    task: Extract<PreparationTask, { type: Type }>,
    { onProgress, signal }: Progress,
  ): Promise<PreparationResults[Type]> => {
    signal.throwIfAborted()
    if (disposed) throw ended()
    clearTimeout(idle)
    const id = count++
    const running = newest && answers(newest.process) ? newest : begin()
    newest = running
    const { process, waiting } = running
    const send = (command: PreparationCommand): void => {
      // One that is gone meanwhile says so by `close`.
      if (process.connected) process.send(command, () => {})
    }
    const cancel = (): void => {
      send({ type: 'cancel', id })
      waiting.get(id)?.reject(signal.reason)
    }
    signal.addEventListener('abort', cancel)
    try {
      return await new Promise<PreparationResults[Type]>((resolve, reject) => {
        send({ type: 'task', id, task })
        waiting.set(id, { onProgress, resolve: resolve as Waiting['resolve'], reject })
      })
    } finally {
      signal.removeEventListener('abort', cancel)
      rest(running)
    }
  }
  return {
    preview: (request, progress) => ask<'preview'>({ type: 'preview', request }, progress),
    create: (request, progress) => ask<'create'>({ type: 'create', request }, progress),
    simulate: (request, progress) => ask<'simulate'>({ type: 'simulate', request }, progress),
    complexity: (request, progress) => ask<'complexity'>({ type: 'complexity', request }, progress),
    export: (request, progress) => ask<'export'>({ type: 'export', request }, progress),
    dispose: async () => {
      disposed = true
      clearTimeout(idle)
      // It may be in the midst of something that does not end soon; whatever it makes is whole or not there.
      for (const { process } of all) process.kill('SIGKILL')
      await Promise.all([...all].map(({ gone }) => gone))
    },
  }
}

/** Whether what it is sent can be answered. */
const answers = ({ connected, exitCode, signalCode }: ChildProcess): boolean => connected && exitCode === null && signalCode === null

function forked(fork: () => ChildProcess): ChildProcess {
  try {
    return fork()
  } catch (error) {
    throw notStarted(error)
  }
}

const notStarted = (cause: unknown): RetortError =>
  new RetortError({
    code: 'preparation-died',
    message: 'the preparation process cannot be started',
    found: cause instanceof Error ? cause.message : String(cause),
    advice: 'close other programs: memory, processes or open files may have run out; then try again',
    cause,
  })

const died = (found: string): RetortError =>
  new RetortError({
    code: 'preparation-died',
    message: 'the preparation process died',
    found,
    advice: 'try again; if the memory was full, take fewer trajectories',
  })

const ended = (): RetortError =>
  new RetortError({ code: 'preparation-ended', message: 'the engine is ending and prepares nothing any more', advice: 'start Retort again' })
