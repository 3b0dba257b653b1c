// Byte-pair encoding: the incremental learner against one that counts everything anew, the encoder against plain repetition.
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../../src/core/formats/utf8.ts'
import { createEncoder, LEAST_VOCABULARY, trainBpe, type Vocabulary } from '../../../src/core/pipeline/pretraining/index.ts'
import { byteTokens, pieces, plainTokens, type PreTokeniser } from '../../../src/core/pipeline/pretraining/vocabulary.ts'
import { random } from '../../support/random.ts'

const next = random(9)
const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T
const madeText = (length: number): string =>
  Array.from({ length }, () => pick(['ab', 'abc', 'bca', 'aaaa', ' ', '  ', '\n', 'ä', '日本', '👍', "don't", '12', '!?', 'x'])).join('')

const plain = (size: number) => ({ size, pre: 'gpt-2' as const })

/** Straight from the definition: all pairs are counted again for every merge. */
function slowBpe(text: string, { size, pre }: { size: number; pre: PreTokeniser }): Vocabulary {
  const tokens = plainTokens()
  const merges: [number, number][] = []
  let words = pieces(text, pre).map(byteTokens)
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
  return { pre, tokens, merges }
}

/** The pair of the lowest rank first, from the left. */
function slowEncode({ pre, tokens, merges }: Vocabulary, text: string): number[] {
  return pieces(text, pre).flatMap((piece) => {
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

describe.each(['gpt-2', 'gpt-2', 'gpt-2', 'smollm'] as const)('made text, divided as %s', (pre) => {
  const text = madeText(400)
  const asked = { size: LEAST_VOCABULARY + 60, pre }
  const vocabulary = trainBpe([text], asked)
  test('learned as by counting everything anew', () => expect(vocabulary).toEqual(slowBpe(text, asked)))
  test('encoded as by plain repetition, also what was not seen', () => {
    const encode = createEncoder(vocabulary)
    for (const other of [text, madeText(100), 'never seen: \u0000\u200d é\u0301 ﷺ', '']) expect(encode(other)).toEqual(slowEncode(vocabulary, other))
  })
  test('tokens of the text are its bytes', () => {
    const bytes = createEncoder(vocabulary)(text).map((id) => vocabulary.tokens[id]!).join('').length
    expect(bytes).toBe(encodeUtf8(text).length)
  })
})

test('digits alone, each without the space before it', () => {
  const text = 'has 852948 tiles,  77.5 ٣½ a 9'
  expect(pieces(text, 'smollm')).toEqual(['has', ' ', '8', '5', '2', '9', '4', '8', ' tiles', ',', '  ', '7', '7', '.', '5', ' ', '٣', '½', ' a', ' ', '9'])
  expect(pieces(text, 'gpt-2').slice(0, 3)).toEqual(['has', ' 852948', ' tiles'])
})

test('documents may come in any order', () => {
  const texts = Array.from({ length: 20 }, () => madeText(30))
  expect(trainBpe(texts, plain(300))).toEqual(trainBpe(texts.toReversed(), plain(300)))
})

test('no pair twice: a smaller vocabulary', () => {
  expect(trainBpe(['abc'], plain(400)).tokens).toHaveLength(LEAST_VOCABULARY)
})

test('two ways to one text make one token', () => {
  const { tokens } = trainBpe([madeText(3000)], plain(420))
  expect(new Set(tokens).size).toBe(tokens.length)
})

test('control tokens spelled in a text stay text', () => {
  const encode = createEncoder(trainBpe(['<|im_start|> <|im_start|> <|im_start|>'], plain(300)))
  expect(Math.min(...encode('<|im_start|><|endoftext|>'))).toBeGreaterThanOrEqual(3)
})

test('a long piece without a border takes no quadratic time', () => {
  const encode = createEncoder(trainBpe(['aaaa aaaa abab'], plain(270)))
  const started = performance.now()
  expect(encode('ab'.repeat(200_000)).length).toBeLessThan(400_000)
  expect(performance.now() - started).toBeLessThan(30_000)
})
