// Ctrl-C: one press aborts, npm's doubling of it is still one press, a second press kills.
import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { listenForInterrupt } from '../../src/cli/interrupt.ts'

test('first press aborts, the doubled signal is ignored, a later one kills', () => {
  const events: string[] = []
  let time = 1000
  const emitter = new EventEmitter() as unknown as NodeJS.Process
  const interrupt = listenForInterrupt({
    process: emitter,
    now: () => time,
    onFirst: () => events.push('first'),
    kill: () => events.push('kill'),
  })
  expect(interrupt.signal.aborted).toBe(false)
  emitter.emit('SIGINT')
  emitter.emit('SIGINT')
  expect(interrupt.signal.aborted).toBe(true)
  expect(events).toEqual(['first'])
  time += 2000
  emitter.emit('SIGTERM')
  expect(events).toEqual(['first', 'kill'])
  interrupt.dispose()
  expect(emitter.listenerCount('SIGINT') + emitter.listenerCount('SIGTERM') + emitter.listenerCount('SIGHUP')).toBe(0)
})
