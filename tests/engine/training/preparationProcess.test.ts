// Whatever is asked of the preparation process settles, and dispose ends, however the process comes and goes.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { createPreparationProcess, type Preparation } from '../../../src/engine/training/index.ts'

const stub = fileURLToPath(new URL('./preparationStub.mjs', import.meta.url))
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const never = new AbortController().signal
const open: Preparation[] = []

afterEach(async () => {
  for (const preparation of open.splice(0)) await preparation.dispose()
})

/** `ask` yields the pid of the process that answered. */
function trial({ idleMs }: { idleMs?: number } = {}) {
  const children: ChildProcess[] = []
  const start = (): ChildProcess => {
    const child = fork(stub, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced', execArgv: [] })
    children.push(child)
    return child
  }
  const preparation = createPreparationProcess({ fork: start, ...(idleMs !== undefined && { idleMs }) })
  open.push(preparation)
  const ask = (student: string, signal = never, onProgress = () => {}): Promise<unknown> =>
    preparation.preview({ project: '', student, settings: {}, cacheDir: '' }, { onProgress, signal })
  return { preparation, children, ask }
}

test('after it was let go for being idle, another one answers, and dispose ends', async () => {
  const { preparation, children, ask } = trial({ idleMs: 1 })
  const first = await ask('answer')
  await once(children[0]!, 'exit')
  expect(await ask('answer')).not.toBe(first)
  await once(children[1]!, 'exit')
  await preparation.dispose()
})

test('dispose ends while one that was idle is on its way out', async () => {
  const { preparation, children, ask } = trial({ idleMs: 1 })
  await ask('answer')
  await expect.poll(() => children[0]!.killed, { interval: 1 }).toBe(true)
  await preparation.dispose()
  expect(children[0]!.exitCode ?? children[0]!.signalCode).not.toBeNull()
})

test('who asks while the idle one ends gets another one, whose answer its end does not touch', async () => {
  const { children, ask } = trial({ idleMs: 1 })
  await ask('answer')
  await expect.poll(() => children[0]!.killed, { interval: 1 }).toBe(true)
  const late = ask('hang')
  let settled = false
  late.then(() => (settled = true), () => (settled = true))
  if (children[0]!.signalCode === null) await once(children[0]!, 'close')
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(settled).toBe(false)
  expect(children).toHaveLength(2)
  children[1]!.kill()
  await expect(late).rejects.toMatchObject({ code: 'preparation-died', found: 'signal SIGTERM' })
})

test('a channel that was closed on this side does not hold what is asked next', async () => {
  const { children, ask } = trial()
  const first = await ask('answer')
  children[0]!.disconnect()
  expect(await ask('answer')).not.toBe(first)
})

test('what was asked fails with the process, which the next question starts anew', async () => {
  const { children, ask } = trial()
  const before = ask('hang')
  const last = ask('exit')
  for (const one of await Promise.allSettled([before, last]))
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'preparation-died', found: 'exit code 0' } })
  await expect(ask('die')).rejects.toMatchObject({ code: 'preparation-died', found: 'signal SIGKILL' })
  expect(await ask('answer')).toBe(children[2]!.pid)
})

test('one that has exited without anybody having heard of it gets no question', async () => {
  const { children, ask } = trial()
  const first = await ask('answer')
  children[0]!.kill('SIGKILL')
  await once(children[0]!, 'exit')
  expect(await ask('answer')).not.toBe(first)
})

test('an abort settles at once: while the process starts, in the queue, and in the work', async () => {
  const { ask } = trial()
  const [starting, queued, working] = [new AbortController(), new AbortController(), new AbortController()]
  const answers = [
    ask('answer', starting.signal),
    ask('hang', queued.signal),
    ask('progress', working.signal, () => working.abort(new Error('left the work'))),
  ]
  starting.abort(new Error('left the start'))
  queued.abort(new Error('left the queue'))
  const [a, b, c] = await Promise.allSettled(answers)
  expect([a, b, c].map((one) => one?.status === 'rejected' && (one.reason as Error).message)).toEqual(['left the start', 'left the queue', 'left the work'])
  expect(await ask('answer')).toBeTypeOf('number')
  await expect(ask('refuse')).rejects.toMatchObject({ code: 'refused' })
})

test('an aborted question keeps nobody from being let go', async () => {
  const { children, ask } = trial({ idleMs: 1 })
  const leaving = new AbortController()
  const left = ask('hang', leaving.signal)
  leaving.abort(new Error('left'))
  await expect(left).rejects.toThrow('left')
  await once(children[0]!, 'exit')
})

test('dispose settles what waits, and nothing is started after it', async () => {
  const { preparation, children, ask } = trial()
  const waiting = ask('hang')
  const disposed = preparation.dispose()
  await expect(waiting).rejects.toMatchObject({ code: 'preparation-ended' })
  await disposed
  await expect(ask('answer')).rejects.toMatchObject({ code: 'preparation-ended' })
  expect(children).toHaveLength(1)
})

test('a process that cannot be started says so, each time it is tried', async () => {
  const nowhere = (): ChildProcess => fork(stub, [], { execPath: '/nowhere/node', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const throws = (): ChildProcess => {
    throw new Error('spawn ENOMEM')
  }
  for (const start of [nowhere, throws]) {
    const preparation = createPreparationProcess({ fork: start })
    const ask = (): Promise<unknown> =>
      preparation.preview({ project: '', student: '', settings: {}, cacheDir: '' }, { onProgress: () => {}, signal: never })
    for (const time of [1, 2]) {
      const failure: unknown = await ask().catch((error: unknown) => error)
      expect(failure, `time ${time}`).toMatchObject({ code: 'preparation-died', message: 'the preparation process cannot be started' })
    }
    await preparation.dispose()
  }
})
