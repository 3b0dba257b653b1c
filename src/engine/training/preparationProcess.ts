// The preparation as its engine sees it: a child process, started when it is needed and let go when it has been idle.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
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

/** Throws RetortError `preparation-died` when the process does. `dispose` ends it. */
export function createPreparationProcess(): Preparation {
  const waiting = new Map<number, Waiting>()
  let child: ChildProcess | null = null
  let idle: NodeJS.Timeout | undefined
  let count = 0

  const started = (): ChildProcess => {
    if (child) return child
    const process = forkWorker('prepare', { output: ['ignore', 'inherit'] })
    process.on('message', hear)
    process.on('error', (cause) => {
      fail(new RetortError({ code: 'preparation-died', message: 'the preparation process cannot be started', cause }))
    })
    // Not `exit`: that may come before the last message.
    process.on('close', (code, killed) => {
      if (child === process) child = null
      fail(
        new RetortError({
          code: 'preparation-died',
          message: 'the preparation process died',
          found: killed ? `signal ${killed}` : `exit code ${code}`,
          advice: 'try again; if the memory was full, take fewer trajectories',
        }),
      )
    })
    child = process
    return process
  }
  const fail = (error: RetortError): void => {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  const hear = (event: PreparationEvent): void => {
    const task = waiting.get(event.id)
    if (event.type === 'progress') return task?.onProgress(event.done, event.total, event.phase)
    waiting.delete(event.id)
    if (waiting.size === 0) rest()
    if (event.type === 'done') task?.resolve(event.result)
    else task?.reject(new RetortError(event.error))
  }
  const rest = (): void => {
    clearTimeout(idle)
    idle = setTimeout(() => child?.disconnect(), IDLE_MS)
    idle.unref()
  }
  const ask = async <Type extends PreparationTask['type']>(
    task: Extract<PreparationTask, { type: Type }>,
    { onProgress, signal }: Progress,
  ): Promise<PreparationResults[Type]> => {
    signal.throwIfAborted()
    clearTimeout(idle)
    const id = count++
    const process = started()
    const send = (command: PreparationCommand): void => {
      // A process that is gone says so by `close`.
      if (process.connected) process.send(command, () => {})
    }
    const cancel = (): void => {
      send({ type: 'cancel', id })
      waiting.get(id)?.reject(signal.reason)
    }
    signal.addEventListener('abort', cancel)
    try {
      return await new Promise<PreparationResults[Type]>((resolve, reject) => {
        waiting.set(id, { onProgress, resolve: resolve as Waiting['resolve'], reject })
        send({ type: 'task', id, task })
      })
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
  return {
    preview: (request, progress) => ask<'preview'>({ type: 'preview', request }, progress),
    create: (request, progress) => ask<'create'>({ type: 'create', request }, progress),
    simulate: (request, progress) => ask<'simulate'>({ type: 'simulate', request }, progress),
    complexity: (request, progress) => ask<'complexity'>({ type: 'complexity', request }, progress),
    export: (request, progress) => ask<'export'>({ type: 'export', request }, progress),
    dispose: async () => {
      clearTimeout(idle)
      if (!child) return
      const closed = once(child, 'close')
      // It may be in the midst of something that does not end soon; whatever it makes is whole or not there.
      child.kill('SIGKILL')
      await closed
    },
  }
}
