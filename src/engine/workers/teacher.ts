// Entry of a teacher's process: takes a job over IPC, then what is wanted next. A crash here, or of its memory, never is the trainer's.
import { errorParts, type RetortErrorParts } from '../../shared/errors.ts'
import { asRetortError } from '../files/index.ts'
import type { LiveCommand, LiveEvent, LiveJob } from '../teacher/liveProtocol.ts'
import { openLiveSession, type LiveSession } from '../teacher/liveSession.ts'
import { tellParent } from './tellParent.ts'

const stop = new AbortController()
let session: LiveSession | null = null
/** What was wanted before the weights were there. */
let wanted: readonly string[] = []

const send = (event: LiveEvent): Promise<void> => tellParent(event)

const partsOf = (error: unknown): RetortErrorParts => errorParts(asRetortError(error, { code: 'teacher-failed', message: 'the teacher failed' }))

/** What is in the file is whole at any moment. */
function end(code: number): void {
  stop.abort()
  session?.dispose()
  process.exit(code)
}

async function fail(error: unknown): Promise<void> {
  if (stop.signal.aborted) return
  await send({ type: 'failed', error: partsOf(error) })
  end(1)
}

async function start(job: LiveJob): Promise<void> {
  session = await openLiveSession({ job, emit: (event) => void send(event), onFailure: (error) => void fail(error), signal: stop.signal })
  session.want(wanted)
}

process.on('message', (command: LiveCommand) => {
  switch (command.type) {
    case 'start':
      void start(command.job).catch(fail)
      return
    case 'want':
      wanted = command.keys
      return session?.want(command.keys)
    case 'end':
      return end(0)
  }
})
// The trainer is gone: nobody is left to learn.
process.on('disconnect', () => end(0))
// Ctrl-C, a closed terminal and a stop reach the whole group; the trainer decides what they mean.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
process.on('SIGTERM', () => {})
