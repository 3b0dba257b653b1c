// Byte-pair encoding: the incremental learner against one that counts everything anew, the encoder against plain repetition.
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../../src/core/formats/utf8.ts'
import { createEncoder, LEAST_VOCABULARY, trainBpe, type Vocabulary } from '../../../src/core/pipeline/pretraining/index.ts'
import { byteTokens, pieces, plainTokens } from '../../../src/core/pipeline/pretraining/vocabulary.ts'
import { random } from '../../support/random.ts'

const next = random(9)
const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T
const madeText = (length: number): string =>
  Array.from({ length }, () => pick(['ab', 'abc', 'bca', 'aaaa', ' ', '  ', '\n', 'ä', '日本', '👍', "don't", '12', '!?', 'x'])).join('')

/** Straight from the definition: all pairs are counted again for every merge. */
function slowBpe(text: string, size: number): Vocabulary {
  const tokens = plainTokens()
  const merges: [number, number][] = []
  let words = pieces(text).map(byteTokens)
  while (tokens.length < size) {
    const counts = new Map<string, number>()
    for (const ids of words) for (let i = 1; i < ids.length; i++) counts.set(`${ids[i - 1]} ${ids[i]}`, (counts.get(`${ids[i - 1]} ${ids[i]}`) ?? 0) + 1)
    const ranked = [...counts].map(([key, count]) => ({ pair: key.split(' ').map(Number) as [number, number], count }))
    ranked.sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
    const best = ranked[0]
    if (!best || best.count < 2) break
    const text = `${tokens[best.pair[0]]}${tokens[best.pair[1]]}`
    const id = tokens.includes(text) ? tokens.indexOf(text) : tokens.push(text) - 1
    merges.push(best.pair)
    words = words.map((ids) => {
      const out: number[] = []
      for (let i = 0; i < ids.length; i++) {
        if (ids[i] === best.pair[0] && ids[i + 1] === best.pair[1]) {
          out.push(id)
          i++
        } else out.push(ids[i]!)
      }
      return out
    })
  }
  return { tokens, merges }
}

/** The pair of the lowest rank first, from the left. */
function slowEncode({ tokens, merges }: Vocabulary, text: string): number[] {
  return pieces(text).flatMap((piece) => {
    let ids = byteTokens(piece)
    for (;;) {
      const ranks = ids.slice(1).map((id, i) => merges.findIndex(([a, b]) => a === ids[i] && b === id))
      const least = Math.min(...ranks.filter((rank) => rank >= 0))
      if (!Number.isFinite(least)) return ids
      const at = ranks.indexOf(least)
      const joined = tokens.indexOf(`${tokens[ids[at]!]}${tokens[ids[at + 1]!]}`)
      ids = [...ids.slice(0, at), joined, ...ids.slice(at + 2)]
    }
  })
}

describe.each([1, 2, 3])('made text %i', () => {
  const text = madeText(400)
  const vocabulary = trainBpe([text], LEAST_VOCABULARY + 60)
  test('learned as by counting everything anew', () => expect(vocabulary).toEqual(slowBpe(text, LEAST_VOCABULARY + 60)))
  test('encoded as by plain repetition, also what was not seen', () => {
    const encode = createEncoder(vocabulary)
    for (const other of [text, madeText(100), 'never seen: \u0000\u200d é\u0301 ﷺ', '']) expect(encode(other)).toEqual(slowEncode(vocabulary, other))
  })
  test('tokens of the text are its bytes', () => {
    const bytes = createEncoder(vocabulary)(text).map((id) => vocabulary.tokens[id]!).join('').length
    expect(bytes).toBe(encodeUtf8(text).length)
  })
})

test('documents may come in any order', () => {
  const texts = Array.from({ length: 20 }, () => madeText(30))
  expect(trainBpe(texts, 300)).toEqual(trainBpe(texts.toReversed(), 300))
})

test('no pair twice: a smaller vocabulary', () => {
  expect(trainBpe(['abc'], 400).tokens).toHaveLength(LEAST_VOCABULARY)
})

test('two ways to one text make one token', () => {
  const { tokens } = trainBpe([madeText(3000)], 420)
  expect(new Set(tokens).size).toBe(tokens.length)
})

test('control tokens spelled in a text stay text', () => {
  const encode = createEncoder(trainBpe(['<|im_start|> <|im_start|> <|im_start|>'], 300))
  expect(Math.min(...encode('<|im_start|><|endoftext|>'))).toBeGreaterThanOrEqual(3)
})

test('a long piece without a border takes no quadratic time', () => {
  const encode = createEncoder(trainBpe(['aaaa aaaa abab'], 270))
  const started = performance.now()
  expect(encode('ab'.repeat(200_000)).length).toBeLessThan(400_000)
  expect(performance.now() - started).toBeLessThan(30_000)
})
