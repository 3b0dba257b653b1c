// Typed access to a GGUF file's metadata, with errors that name key, type found and type expected.
import { RetortError } from '../../../shared/errors.ts'
import type { Gguf } from './reader.ts'
import { isNumberType } from './values.ts'
import type { GgufValue } from './values.ts'

/** A metadata entry is missing or has another type. */
export class MetadataError extends RetortError {
  override readonly name = 'MetadataError'
  readonly key: string
  constructor(gguf: Gguf, key: string, problem: { found: string; expected: string }) {
    const message = `${gguf.name}: metadata "${key}": found ${problem.found}; expected ${problem.expected}`
    super({ code: 'gguf-metadata', message, where: gguf.name, ...problem })
    this.key = key
  }
}

/** A number of any stored type. Absent: the fallback; without one, throws. */
export function metadataNumber(gguf: Gguf, key: string, fallback?: number): number {
  return read({ gguf, key, fallback, expected: 'a number', take: asNumber })
}

export function metadataString(gguf: Gguf, key: string, fallback?: string): string {
  return read({ gguf, key, fallback, expected: 'a string', take: (v) => (v.type === 'string' ? v.value : undefined) })
}

export function metadataBoolean(gguf: Gguf, key: string, fallback?: boolean): boolean {
  return read({ gguf, key, fallback, expected: 'a boolean', take: (v) => (v.type === 'bool' ? v.value : undefined) })
}

export function metadataStrings(gguf: Gguf, key: string): readonly string[] {
  const take = (v: GgufValue) => (v.type === 'array' && v.of === 'string' ? v.value : undefined)
  return read({ gguf, key, fallback: undefined, expected: 'an array of strings', take })
}

/** An array of numbers of any stored type. */
export function metadataNumbers(gguf: Gguf, key: string): readonly number[] {
  return read({ gguf, key, fallback: undefined, expected: 'an array of numbers', take: asNumbers })
}

function read<T>(request: {
  gguf: Gguf
  key: string
  fallback: T | undefined
  expected: string
  take: (value: GgufValue) => T | undefined
}): T {
  const { gguf, key, fallback, expected, take } = request
  const entry = gguf.metadata.get(key)
  if (!entry) {
    if (fallback !== undefined) return fallback
    throw new MetadataError(gguf, key, { found: 'no such entry', expected })
  }
  const value = take(entry)
  if (value !== undefined) return value
  const type = entry.type === 'array' ? `array of ${entry.of}` : entry.type
  throw new MetadataError(gguf, key, { found: `type ${type}`, expected })
}

function asNumber(entry: GgufValue): number | undefined {
  if (entry.type === 'u64' || entry.type === 'i64') {
    const number = Number(entry.value)
    return Number.isSafeInteger(number) ? number : undefined
  }
  return typeof entry.value === 'number' ? entry.value : undefined
}

function asNumbers(entry: GgufValue): readonly number[] | undefined {
  if (entry.type !== 'array') return undefined
  if (isNumberType(entry.of)) return Array.from(entry.value as Iterable<number>)
  if (entry.of !== 'u64' && entry.of !== 'i64') return undefined
  const numbers = Array.from(entry.value as Iterable<bigint>, Number)
  return numbers.every(Number.isSafeInteger) ? numbers : undefined
}
