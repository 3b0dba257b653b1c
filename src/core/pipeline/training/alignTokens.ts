// Tokens of a text with the characters each covers, by UTF-8 bytes: a token may hold part of a character.
import { RetortError } from '../../../shared/errors.ts'
import type { Tokenizer } from '../../ports/index.ts'

/** `[start, end)`: UTF-16 range of all characters of which the token holds at least one byte. */
export type AlignedToken = { readonly id: number; readonly start: number; readonly end: number }

/** Tokens of `text` as plain text. `lost`: bytes that the vocabulary has no token for; llama.cpp leaves them out. */
export function alignTokens(text: string, tokenizer: Tokenizer): { tokens: AlignedToken[]; lost: number } {
  const ids = tokenizer.encode(text)
  const { bytes, starts, ends } = utf8(text)
  const pieces = ids.map((id) => tokenizer.bytes(id))
  // SentencePiece vocabularies put a space before a text that has none; it covers no character.
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const spaceAdded = total === bytes.length + 1 && pieces[0]?.[0] === 0x20 && bytes[0] !== 0x20
  const tokens: AlignedToken[] = []
  let at = spaceAdded ? -1 : 0
  let lost = 0
  for (const [k, piece] of pieces.entries()) {
    let first = -1
    let last = -1
    for (const byte of piece) {
      if (at < 0) {
        at++
        continue
      }
      while (at < bytes.length && bytes[at] !== byte) {
        at++
        lost++
      }
      if (at >= bytes.length) throw notAligned(text, k)
      if (first < 0) first = at
      last = at++
    }
    const here = Math.max(at, 0)
    const nothing = here < bytes.length ? starts[here]! : text.length
    tokens.push({ id: ids[k]!, start: first < 0 ? nothing : starts[first]!, end: last < 0 ? nothing : ends[last]! })
  }
  return { tokens, lost: lost + bytes.length - Math.max(at, 0) }
}

/** UTF-8 bytes with, per byte, the range of its character. Unpaired surrogates become U+FFFD, as in Node's N-API. */
function utf8(text: string): { bytes: Uint8Array; starts: Int32Array; ends: Int32Array } {
  const bytes = new Uint8Array(text.length * 3)
  const starts = new Int32Array(text.length * 3)
  const ends = new Int32Array(text.length * 3)
  let n = 0
  for (let i = 0; i < text.length;) {
    const raw = text.codePointAt(i)!
    const width = raw > 0xffff ? 2 : 1
    const point = raw >= 0xd800 && raw < 0xe000 ? 0xfffd : raw
    const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    const lead = [0, 0, 0xc0, 0xe0, 0xf0][length]!
    for (let k = 0; k < length; k++) {
      const bits = point >> (6 * (length - 1 - k))
      bytes[n] = k === 0 ? lead | bits : 0x80 | (bits & 0x3f)
      starts[n] = i
      ends[n] = i + width
      n++
    }
    i += width
  }
  return { bytes: bytes.subarray(0, n), starts: starts.subarray(0, n), ends: ends.subarray(0, n) }
}

const notAligned = (text: string, token: number) =>
  new RetortError({
    code: 'tokenizer-not-lossless',
    message:
      "The student's tokenizer does not give back the text it was given, so its tokens cannot be matched with spans",
    found: `token ${token} does not occur in the rest of the text`,
    expected: 'tokens whose bytes are the bytes of the text',
    where: JSON.stringify(text.slice(0, 80)),
  })
