// Pages of a long list: fetched when they come into view, kept until their successor is there, given up when the list changes.
import { effectScope, nextTick, ref } from 'vue'
import { expect, test, vi } from 'vitest'
import { PAGE_SIZE, usePages, type FetchPage } from '../../../src/renderer/trajectories/pages.ts'

type Line = { id: string }

function setUp(length: number) {
  const question = ref('first')
  const change = ref(0)
  const asked: { offset: number; aborted: () => boolean }[] = []
  const fetch: FetchPage<Line> = async ({ offset, limit }, signal) => {
    asked.push({ offset, aborted: () => signal.aborted })
    const name = `${question.value}/${change.value}`
    await nextTick()
    const lines = Array.from({ length: Math.min(limit, length - offset) }, (_, index) => ({ id: `${name}/${offset + index}` }))
    return { total: length, lines }
  }
  const scope = effectScope()
  const pages = scope.run(() => usePages({ question: () => question.value, change: () => change.value, fetch, offline: () => false }))!
  return { pages, question, change, asked, scope }
}

test('only pages that are looked at are fetched, each once', async () => {
  const { pages, asked, scope } = setUp(1000)
  await vi.waitFor(() => expect(pages.total.value).toBe(1000), { timeout: 15_000 })
  expect(pages.line(0)?.id).toBe('first/0/0')
  for (let look = 0; look < 3; look += 1) expect(pages.line(5 * PAGE_SIZE)).toBeUndefined()
  await vi.waitFor(() => expect(pages.line(5 * PAGE_SIZE + 7)?.id).toBe(`first/0/${5 * PAGE_SIZE + 7}`), { timeout: 15_000 })
  expect(asked.map(({ offset }) => offset)).toEqual([0, 5 * PAGE_SIZE])
  scope.stop()
})

test('after a change the old line stays until the new one is here', async () => {
  const { pages, change, scope } = setUp(10)
  await vi.waitFor(() => expect(pages.line(3)?.id).toBe('first/0/3'), { timeout: 15_000 })
  change.value = 1
  await nextTick()
  expect(pages.line(3)?.id).toBe('first/0/3')
  await vi.waitFor(() => expect(pages.line(3)?.id).toBe('first/1/3'), { timeout: 15_000 })
  scope.stop()
})

test('another question gives up what was asked for the one before', async () => {
  const { pages, question, asked, scope } = setUp(10)
  question.value = 'second'
  await vi.waitFor(() => expect(pages.line(0)?.id).toBe('second/0/0'), { timeout: 15_000 })
  expect(asked[0]?.aborted()).toBe(true)
  scope.stop()
})
