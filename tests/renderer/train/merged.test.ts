// Several streams as one: whichever comes first, and all of each.
import { expect, test } from 'vitest'
import { merged } from '../../../src/renderer/train/useRunViews.ts'

/** A stream whose texts come when they are told to. */
function told(): { stream: AsyncGenerator<string>; tell: (text: string) => void; end: () => void; isLeft: () => boolean } {
  const texts: (string | null)[] = []
  let [wake, left] = [(): void => undefined, false]
  const put = (text: string | null): void => {
    texts.push(text)
    wake()
  }
  async function* stream(): AsyncGenerator<string> {
    try {
      for (;;) {
        if (texts.length === 0) await new Promise<void>((resolve) => (wake = resolve))
        const text = texts.shift()
        if (text === null) return
        if (text !== undefined) yield text
      }
    } finally {
      left = true
    }
  }
  return { stream: stream(), tell: put, end: () => put(null), isLeft: () => left }
}

test('events come in their own order, and one end is not the end of the others', async () => {
  const [a, b, c] = [told(), told(), told()]
  const all = merged([a.stream, b.stream, c.stream])
  const next = async (): Promise<string | undefined> => (await all.next()).value as string | undefined
  c.end()
  const first = next()
  b.tell('b1')
  expect(await first).toBe('b1')
  b.end()
  const second = next()
  a.tell('a1')
  expect(await second).toBe('a1')
  a.tell('a2')
  a.end()
  expect([await next(), await next()]).toEqual(['a2', undefined])
})

test('leaving it leaves each stream', async () => {
  const [a, b] = [told(), told()]
  a.tell('a1')
  b.tell('b1')
  for await (const _ of merged([a.stream, b.stream])) break
  // What a stream waits for comes first, and is its last.
  for (const one of [a, b]) one.tell('unread')
  await expect.poll(() => [a.isLeft(), b.isLeft()]).toEqual([true, true])
})
