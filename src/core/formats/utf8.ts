// UTF-8 to strings and back without loss: a byte that is not UTF-8 becomes the lone surrogate U+DC00 + byte (PEP 383).

const REPLACEMENT = 0xfffd
const ESCAPE = 0xdc00

/** The string of `bytes[start, end)`. Never throws; `encodeUtf8` of the result gives the same bytes. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = ''
  let units: number[] = []
  for (let i = start; i < end; ) {
    const [point, length] = codePointAt(bytes, i, end)
    if (point > 0xffff) units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff))
    else units.push(point)
    i += length
    if (units.length >= 8192) {
      text += String.fromCharCode(...units)
      units = []
    }
  }
  return text + String.fromCharCode(...units)
}

/** Code point (or escaped byte) at `i` and the number of bytes it takes. */
function codePointAt(bytes: Uint8Array, i: number, end: number): [point: number, length: number] {
  const first = bytes[i]!
  if (first < 0x80) return [first, 1]
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0 || i + length > end) return [ESCAPE + first, 1]
  let point = first & (0xff >> (length + 1))
  for (let k = 1; k < length; k++) {
    const next = bytes[i + k]!
    if ((next & 0xc0) !== 0x80) return [ESCAPE + first, 1]
    point = (point << 6) | (next & 0x3f)
  }
  const tooShort = point < (length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000)
  const surrogate = point >= 0xd800 && point < 0xe000
  return tooShort || surrogate || point > 0x10ffff ? [ESCAPE + first, 1] : [point, length]
}

/** UTF-8 bytes of a string; lone surrogates U+DC80..U+DCFF give back the byte they stand for, others U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3)
  let n = 0
  for (let i = 0; i < text.length; i++) {
    let point = text.codePointAt(i)!
    if (point >= 0xdc80 && point <= 0xdcff) {
      out[n++] = point & 0xff
      continue
    }
    if (point >= 0xd800 && point < 0xe000) point = REPLACEMENT
    if (point > 0xffff) i++
    if (point < 0x80) out[n++] = point
    else if (point < 0x800) {
      out[n++] = 0xc0 | (point >> 6)
      out[n++] = 0x80 | (point & 0x3f)
    } else {
      if (point > 0xffff) {
        out[n++] = 0xf0 | (point >> 18)
        out[n++] = 0x80 | ((point >> 12) & 0x3f)
      } else out[n++] = 0xe0 | (point >> 12)
      out[n++] = 0x80 | ((point >> 6) & 0x3f)
      out[n++] = 0x80 | (point & 0x3f)
    }
  }
  return out.slice(0, n)
}
