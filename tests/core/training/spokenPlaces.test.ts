// Tokens known by their text alone beside the student's: turns found in what an endpoint has read, and byte for byte within them.
import { expect, test } from 'vitest'
import { encodeUtf8 } from '../../../src/core/formats/utf8.ts'
import { spokenPlaces, spokenText, spokenTokens } from '../../../src/core/pipeline/training/index.ts'
import type { MaskedExample, TokenKind } from '../../../src/shared/records/example.ts'

/** A token of the student: its text or bytes, its kind, its step; only the agent's are trained. */
type Own = readonly [text: string | readonly number[], kind: TokenKind, step: number]

/** The first token of an example is never trained. */
const START: Own = ['<s>', 'context', -1]

function side(own: readonly Own[]) {
  const bytes = own.map(([text]) => (typeof text === 'string' ? encodeUtf8(text) : Uint8Array.from(text)))
  const weights = own.map(([, kind]) => (kind === 'context' ? 0 : 1))
  const example: MaskedExample = {
    id: 'a', trajectoryId: 'a', ids: own.map((_, i) => i), kinds: own.map(([, kind]) => kind), parts: own.map(() => 'none'), steps: own.map(([, , step]) => step),
    ce: weights, kl: weights.map(() => 0), own: 0, straddling: 0,
  }
  return { example, tokenizer: { bytes: (id: number) => bytes[id]! } }
}
const places = (own: readonly Own[], spoken: readonly string[], turns: readonly (readonly [text: string, step: number | null])[]) =>
  spokenPlaces(side(own), spoken.map(spokenText), turns.map(([text, step]) => ({ text, step }))).map(({ student, teacher, closes }) => `${student}-${teacher}${closes ? ' closes' : ''}`)

test('where tokens of both begin at one byte of the turn, and what closes it', () => {
  const own: Own[] = [['<u>', 'context', -1], ['go?', 'context', -1], ['<a>', 'context', 0], ['the ', 'reason', 0], ['house', 'act', 0], ['</a>', 'end', 0]]
  expect(places(own, ['[U]', 'go', '?', '[A]', 'th', 'e', ' hou', 'se', '\n', '[/A]'], [['go?', null], ['the house', 0]])).toEqual(['3-4', '5-9 closes'])
  expect(places(own, ['[U]', 'go', '?', '[A]', 'the ', 'hou', 'se', '[/A]', 'x'], [['go?', null], ['the house', 0]])).toEqual(['3-4', '4-5', '5-7 closes'])
})

test('the same words twice: the turn is looked for behind those before it', () => {
  const own: Own[] = [['ok', 'context', -1], ['ok', 'act', 0], ['ok', 'act', 1], ['.', 'act', 1]]
  expect(places(own, ['ok', '|', 'ok', '|', 'ok', '.'], [['ok', null], ['ok', 0], ['ok.', 1]])).toEqual(['1-2', '2-4', '3-5'])
})

test('a part of a character is no text: it is an unclear stretch that begins where both do', () => {
  // ü is C3 BC; the student has it in two tokens, the endpoint in two that it cannot write.
  const own: Own[] = [START, ['f', 'act', 0], [[0xc3], 'act', 0], [[0xbc], 'act', 0], ['r', 'act', 0]]
  expect(places(own, ['f', '\ufffd', '\ufffd', 'r'], [['für', 0]])).toEqual(['1-0', '2-1', '4-3'])
  expect(places(own, ['f', 'ü', 'r'], [['für', 0]])).toEqual(['1-0', '2-1', '4-2'])
  // Other clear text is another text.
  expect(places(own, ['f', 'é', 'r', ' ', 'f', 'ü', 'r'], [['für', 0]])).toEqual(['1-4', '2-5', '4-6'])
})

test('a turn that is not there has no places, the next one has; a token that began before the turn stands for none', () => {
  const own: Own[] = [START, ['yes', 'act', 0], ['no', 'act', 1]]
  expect(places(own, ['YES', ' no'], [['yes', 0], ['no', 1]])).toEqual([])
  expect(places(own, ['YES', ' ', 'no'], [['yes', 0], ['no', 1]])).toEqual(['2-2'])
  expect(places([START, ['no', 'act', 0], ['pe', 'act', 0]], [' no', 'pe'], [['nope', 0]])).toEqual(['2-1'])
  expect(places([START, ['a(b', 'act', 0], ['*.', 'act', 0]], ['a(', 'b', '*', '.'], [['a(b*.', 0]])).toEqual(['1-0', '2-2'])
})

test('what is asked for is the steps\' tokens and one that closes each', () => {
  expect(spokenTokens(side([['x', 'context', -1], ['a', 'reason', 0], ['b', 'end', 0], ['c', 'end', 0], ['d', 'final', 1]]).example)).toEqual([1, 2, 4])
})
