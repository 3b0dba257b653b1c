// Windows of text: every token is predicted once, documents do not see each other, the order is that of the seed.
import { describe, expect, test } from 'vitest'
import { configOf, createEncoder, encodeDocument, SHAPES, splitDocuments, streamOf, trainBpe, windowsOf } from '../../../src/core/pipeline/pretraining/index.ts'
import { decays, windowFeeds } from '../../../src/core/pipeline/pretraining/loop.ts'
import { orderOfWindows } from '../../../src/core/pipeline/pretraining/windows.ts'
import { adamW, ADAMW_DEFAULTS } from '../../../src/core/nn/index.ts'
import { random } from '../../support/random.ts'

test('documents in a stream, with the end of text around each', () => {
  expect([...streamOf([[5, 6], [], [7]])]).toEqual([0, 5, 6, 0, 7, 0])
})

describe('windows', () => {
  test.each([3, 4, 7, 100])('of %i', (size) => {
    const next = random(size)
    const stream = streamOf(Array.from({ length: 30 }, () => Array.from({ length: Math.floor(next() * 9) }, () => 3 + Math.floor(next() * 50))))
    const windows = windowsOf(stream, size)
    const predicted = windows.flatMap((window) => window.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + 1 + i)))
    expect(predicted).toEqual(Array.from({ length: stream.length - 1 }, (_, i) => i + 1))
    windows.slice(0, -1).forEach((window) => expect(window.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(size))
    // Within a piece the end of text stands at its ends only.
    for (const { from, to } of windows.flat()) expect([...stream.subarray(from + 1, to)]).not.toContain(0)
  })
  test('nothing to predict, no window', () => expect(windowsOf(streamOf([]), 8)).toEqual([]))
})

test('pieces of a window begin at position 0 and are seen by their own tokens only', () => {
  const config = configOf(SHAPES.tiny, { vocabulary: 300, context: 16 })
  const stream = streamOf([[5, 6, 7], [8, 9]])
  const feeds = windowFeeds(windowsOf(stream, 16)[0]!, { config, stream, weight: 0.25 })
  const numbers = (name: string): number[] => Array.from(feeds.get(name)!.data as BigInt64Array, Number)
  // The end of text that both begin with runs once.
  expect(numbers('ids').slice(0, 6)).toEqual([0, 5, 6, 7, 8, 9])
  expect(numbers('last_seer').slice(0, 6)).toEqual([5, 3, 3, 3, 5, 5])
  expect(numbers('labels')).toEqual([5, 6, 7, 0, 8, 9, 0])
  expect(numbers('rows')).toEqual([0, 1, 2, 3, 0, 4, 5])
  expect([...(feeds.get('weights')!.data as Float32Array)]).toEqual(Array(7).fill(0.25))
})

test('a chat as its template writes it, and beginning with its own mark', () => {
  const vocabulary = trainBpe(['user\nHi user\nHi'], { size: 270, pre: 'smollm' })
  const encode = createEncoder(vocabulary)
  const chat = encodeDocument([{ role: 'user', content: 'Hi <|im_end|> 7' }, { role: 'assistant', content: '' }], encode)
  const text = (ids: readonly number[]): string => ids.map((id) => (id < 3 ? `{${id}}` : vocabulary.tokens[id])).join('').replaceAll('Ċ', '/').replaceAll('Ġ', '_')
  expect(text(chat)).toBe('{1}user/Hi_<|im_end|>_7{2}/{1}assistant/{2}/')
  const stream = streamOf([[50], chat, [60]])
  const [window = []] = windowsOf(stream, 100)
  expect(window.map(({ from }) => stream[from])).toEqual([0, 1, 0])
  // Between two windows the mark may be the last of one, and is not predicted there either.
  const predicted = windowsOf(stream, 3).flat().flatMap(({ from, to }) => [...stream.subarray(from + 1, to + 1)])
  expect(predicted).toEqual([50, 0, ...chat.slice(1), 0, 60, 0])
})

describe('what is held out', () => {
  const documents = Array.from({ length: 10 }, (_, i) => `${i} `.repeat(50))
  test('together all of the text, the share of it, by seed', () => {
    const { train, heldout } = splitDocuments(documents, { share: 0.25, seed: 4 })
    expect([...train, ...heldout].join('').length).toBe(1000)
    expect(heldout.join('').length).toBeGreaterThan(240)
    expect(heldout.join('').length).toBeLessThan(260)
    expect(splitDocuments(documents, { share: 0.25, seed: 4 })).toEqual({ train, heldout })
    expect(splitDocuments(documents, { share: 0.25, seed: 5 })).not.toEqual({ train, heldout })
  })
  test('of one document its end, cut at a word', () => {
    const { train, heldout } = splitDocuments(['one two three four'], { share: 0.35, seed: 1 })
    expect([train, heldout]).toEqual([['one two '], ['three four']])
  })
  test('chats are on one side whole', () => {
    const chats = Array.from({ length: 10 }, (_, i) => [{ role: 'user', content: `${i} `.repeat(50) }])
    const { train, heldout } = splitDocuments(chats, { share: 0.25, seed: 4 })
    expect(heldout.length).toBe(2)
    expect(new Set([...train, ...heldout])).toEqual(new Set(chats))
  })
  test('nothing', () => expect(splitDocuments(documents, { share: 0, seed: 1 }).heldout).toEqual([]))
})

test('each epoch has every window once, steps go on across two', () => {
  const order = orderOfWindows(5, { perStep: 2, seed: 1 })
  const drawn = Array.from({ length: 10 }, () => order.next().value).flat()
  for (const epoch of [0, 1, 2, 3]) expect(drawn.slice(5 * epoch, 5 * epoch + 5).sort()).toEqual([0, 1, 2, 3, 4])
})

test('decay spares norms and the embedding', () => {
  const shapes = new Map([['token_embd.weight', [4, 2]], ['blk.0.attn_q.weight', [2, 2]], ['output_norm.weight', [2]]])
  const parameters = new Map([...shapes].map(([name, shape]) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1)]))
  const gradients = new Map([...parameters].map(([name, values]) => [name, new Float32Array(values.length)]))
  const optimiser = adamW({ ...ADAMW_DEFAULTS, weightDecay: 0.5, decays: (name) => decays(name, shapes) })
  optimiser.update(parameters, { gradients, state: optimiser.init(parameters), lr: 0.1 })
  expect([...parameters].map(([name, values]) => [name, values[0]])).toEqual([['token_embd.weight', 1], ['blk.0.attn_q.weight', Math.fround(0.95)], ['output_norm.weight', 1]])
})
