// Reads one metadata value of a GGUF header, with the limits that all values of a file share.
import { quoted } from '../formatError.ts'
import type { Cursor } from './cursor.ts'
import { LIMITS } from './limits.ts'
import { NUMBERS, VALUE_TYPE_IDS, isNumberType, valueTypeName } from './values.ts'
import type { GgufArray, GgufValue } from './values.ts'

/** The fewest bytes that one array element takes in the file, for refusing counts that cannot be true. */
const SMALLEST: { readonly [T in GgufValue['type']]: number } = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  f64: 8,
  u64: 8,
  i64: 8,
  bool: 1,
  string: 8,
  array: 12,
}

/** A reader of values; it counts array elements over the whole file. */
export function createValueReader(cursor: Cursor): (key: string) => GgufValue {
  let elements = 0
  let arrays = 0

  const spend = (limit: { what: string; most: number; why: string }, total: number, offset: number): void => {
    if (total <= limit.most) return
    const found = `${limit.what} ${total} in all metadata so far`
    cursor.fail({ found, expected: `at most ${limit.most} (${limit.why})`, offset })
  }

  const readType = (what: string): GgufValue['type'] => {
    const offset = cursor.at()
    const id = cursor.u32(what)
    const type = valueTypeName(id)
    if (type) return type
    const known = Object.entries(VALUE_TYPE_IDS).map(([name, number]) => `${number} ${name}`)
    return cursor.fail({ found: `${what} ${id}`, expected: `one of ${known.join(', ')}`, offset })
  }

  const readBool = (what: string): boolean => {
    const { view, at } = cursor.view(1, what)
    const byte = view.getUint8(at)
    if (byte > 1) cursor.fail({ found: `${what} ${byte}`, expected: '0 or 1', offset: cursor.at() - 1 })
    return byte === 1
  }

  const readArray = (name: string, depth: number): GgufArray => {
    const offset = cursor.at()
    if (depth > LIMITS.depth.most) {
      const { what, most, why } = LIMITS.depth
      cursor.fail({ found: `${what} ${depth} deep in ${name}`, expected: `at most ${most} (${why})`, offset })
    }
    spend(LIMITS.arrays, ++arrays, offset)
    const of = readType(`element type of ${name}`)
    const countAt = cursor.at()
    const count = cursor.count({ ...LIMITS.elements, what: `number of elements of ${name}` })
    spend(LIMITS.elements, (elements += count), countAt)
    if (count * SMALLEST[of] > cursor.left()) {
      const expected = `${count} elements of at least ${SMALLEST[of]} bytes each`
      cursor.fail({ found: `${cursor.left()} bytes left for ${name}`, expected, offset: countAt })
    }
    if (isNumberType(of)) {
      const { size, array } = NUMBERS[of]
      return { type: 'array', of, value: array(cursor.copy(count * size, `elements of ${name}`)) }
    }
    const fill = <T>(read: () => T): T[] => {
      const value: T[] = []
      for (let i = 0; i < count; i++) value.push(read())
      return value
    }
    switch (of) {
      case 'u64':
        return { type: 'array', of, value: new BigUint64Array(cursor.copy(count * 8, `elements of ${name}`)) }
      case 'i64':
        return { type: 'array', of, value: new BigInt64Array(cursor.copy(count * 8, `elements of ${name}`)) }
      case 'bool':
        return { type: 'array', of, value: fill(() => readBool(`element of ${name}`)) }
      case 'string':
        return { type: 'array', of, value: fill(() => cursor.string(LIMITS.string)) }
      case 'array':
        return { type: 'array', of, value: fill(() => readArray(name, depth + 1)) }
    }
  }

  return (key) => {
    const name = quoted(key)
    const type = readType(`value type of ${name}`)
    if (isNumberType(type)) {
      const { view, at } = cursor.view(NUMBERS[type].size, `value of ${name}`)
      return { type, value: NUMBERS[type].get(view, at) }
    }
    switch (type) {
      case 'u64':
      case 'i64': {
        const { view, at } = cursor.view(8, `value of ${name}`)
        return { type, value: type === 'u64' ? view.getBigUint64(at, true) : view.getBigInt64(at, true) }
      }
      case 'bool':
        return { type, value: readBool(`value of ${name}`) }
      case 'string':
        return { type, value: cursor.string(LIMITS.string) }
      case 'array':
        return readArray(name, 1)
    }
  }
}
