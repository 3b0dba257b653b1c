// Progress: the line's figures against hand-computed ones, and when it is drawn.
import { expect, test } from 'vitest'
import { clock, createProgress, progressLine } from '../../src/cli/progress.ts'

test('clock', () => {
  expect([0, 59.6, 61, 3723].map(clock)).toEqual(['0:00', '1:00', '1:01', '1:02:03'])
})

test('bar, share, count, rate and time left', () => {
  // 30 of 120 steps in 60 s: 0.5 a second, 90 left: 180 s.
  const line = progressLine({ label: 'train', unit: 'steps', seconds: 60, state: { done: 30, total: 120, note: 'loss 1.20' } })
  expect(line).toBe(`train: [${'#'.repeat(6)}${'-'.repeat(18)}]  25 %  30/120 steps  0.50 steps/s  ETA 3:00  loss 1.20`)
})

test('what was done before does not count in the rate', () => {
  // A run resumed at 110: 10 steps in 20 s are 0.5 a second, 80 are left.
  const line = progressLine({ label: 'train', unit: 'steps', seconds: 20, state: { done: 120, total: 200 }, before: 110 })
  expect(line).toContain('120/200 steps  0.50 steps/s  ETA 2:40')
})

test('without a total: count, rate and time passed; nothing is divided by zero', () => {
  expect(progressLine({ label: 'read', unit: 'records', seconds: 4, state: { done: 800, total: null } })).toBe(
    'read: 800 records  200 records/s  0:04',
  )
  expect(progressLine({ label: 'read', unit: 'records', seconds: 0, state: { done: 0, total: 0 } })).toBe('read: 0 records  0:00')
})

function recorded(tty: boolean) {
  const written: string[] = []
  let time = 0
  const stream = { isTTY: tty, columns: 40, write: (text: string) => written.push(text) }
  const progress = createProgress({ label: 'x', unit: 'u', now: () => time, stream })
  return { written, progress, at: (ms: number, done: number) => ((time = ms), progress.update({ done, total: 100 })) }
}

test('on a terminal the line is redrawn in place, cut to the width, at most every 100 ms', () => {
  const { written, progress, at } = recorded(true)
  for (const ms of [0, 50, 99, 100, 150]) at(ms, ms / 10)
  progress.end()
  progress.end()
  expect(written.map((text) => text.startsWith('\r\x1b[2K'))).toEqual([true, true, true, false])
  expect(written.at(-1)).toBe('\n')
  for (const text of written.slice(0, -1)) expect(text.replace('\r\x1b[2K', '').length).toBeLessThan(40)
})

test('elsewhere a whole line at most every five seconds, and one at the end', () => {
  const { written, progress, at } = recorded(false)
  for (let ms = 0; ms <= 11_000; ms += 100) at(ms, ms / 200)
  progress.end()
  expect(written).toHaveLength(4)
  expect(written.every((text) => text.endsWith('\n'))).toBe(true)
  expect(written.at(-1)).toContain('55/100')
})

test('without a stream nothing happens', () => {
  const progress = createProgress({ label: 'x', unit: 'u', now: () => 0 })
  progress.update({ done: 1, total: 2 })
  expect(() => progress.end()).not.toThrow()
})
