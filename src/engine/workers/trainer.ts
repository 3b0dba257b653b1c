// Entry of the trainer process: takes a job and commands over IPC, sends events. A crash here never reaches the app.
import { writeSync } from 'node:fs'
import { describeError, errorParts, type RetortErrorParts } from '../../shared/errors.ts'
import { knownError } from '../files/index.ts'
import { peakMemoryBytes } from '../memory.ts'
import type { PretrainerEvent, PretrainerJob } from '../pretraining/protocol.ts'
import type { TrainerCommand, TrainerEvent, TrainerJob } from '../training/protocol.ts'
import { tellParent } from './tellParent.ts'

let wish: 'go' | 'pause' | 'stop' = 'go'
let wake: () => void = () => {}

const send = (event: TrainerEvent | PretrainerEvent): Promise<void> => tellParent(event)
const emit = (event: TrainerEvent | PretrainerEvent): void => void send(event)

function setWish(next: typeof wish): void {
  if (wish === 'stop') return
  wish = next
  wake()
}

/** Lets messages in, waits while paused. */
async function proceed(): Promise<'go' | 'stop'> {
  await new Promise((resolve) => setImmediate(resolve))
  if (wish === 'pause') {
    emit({ type: 'paused' })
    while (wish === 'pause') await new Promise<void>((resolve) => (wake = resolve))
    if (wish === 'go') emit({ type: 'resumed' })
  }
  return wish === 'stop' ? 'stop' : 'go'
}

function partsOf(error: unknown): RetortErrorParts {
  const known = knownError(error)
  return known
    ? errorParts(known)
    : { code: 'trainer-failed', message: error instanceof Error ? error.message : String(error) }
}

const MEMORY_MS = 2000

/** Between passes, while which nothing else runs here. */
function reportMemory(): NodeJS.Timeout {
  const report = (): void => emit({ type: 'memory', bytes: process.memoryUsage.rss(), peak: peakMemoryBytes() })
  report()
  return setInterval(report, MEMORY_MS)
}

/** A log on a full disk must not keep the parent from hearing of it. */
function log(text: string): void {
  try {
    writeSync(process.stderr.fd, text)
  } catch {
    // There is nowhere to say it.
  }
}

/** Loaded later than the handlers below: a signal that comes while the libraries load must not end the process. */
async function train(job: TrainerJob | PretrainerJob): Promise<void> {
  switch (job.kind) {
    case 'train': {
      const { trainSession } = await import('../training/session.ts')
      return send({ type: 'ended', summary: await trainSession(job, { proceed, emit }) })
    }
    case 'pretrain': {
      const { pretrainSession } = await import('../pretraining/session.ts')
      return send({ type: 'ended', summary: await pretrainSession(job, { proceed, emit }) })
    }
  }
}

async function run(job: TrainerJob | PretrainerJob): Promise<void> {
  const timer = reportMemory()
  try {
    await train(job)
  } catch (error) {
    log(`${describeError(error).join('\n')}\n${error instanceof Error ? error.stack : ''}\n`)
    await send({ type: 'failed', error: partsOf(error) })
    process.exitCode = 1
  } finally {
    clearInterval(timer)
  }
  if (process.connected) process.disconnect()
}

process.on('message', (command: TrainerCommand<TrainerJob | PretrainerJob>) => {
  switch (command.type) {
    case 'start':
      void run(command.job)
      return
    case 'pause':
      return setWish('pause')
    case 'resume':
      return setWish('go')
    case 'stop':
      return setWish('stop')
  }
})
// Whoever started this process is gone: save and end.
process.on('disconnect', () => setWish('stop'))
process.on('SIGTERM', () => setWish('stop'))
// Ctrl-C and a closed terminal reach the whole group; the parent decides what they mean, or is gone and `disconnect` tells.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
// A limit on the size of files is an error of the write that meets it, as a full disk is, not a death.
process.on('SIGXFSZ', () => {})
