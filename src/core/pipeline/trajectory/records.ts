// The records of a file: lines of JSON (JSONL), the elements of a JSON array, or one JSON object. Found by content.
import type { Line, LineSource } from '../../ports/index.ts'
import { DEPTH_LIMIT, deeperThan } from './canonicalJson.ts'
import type { Problem } from './rejection.ts'
import { describeValue, quote } from './rejection.ts'

/** A JSON document is parsed whole up to this many bytes (text of V8 ends at 512 Mi characters); JSONL has no limit. */
export const DOCUMENT_LIMIT = 256 * 1024 * 1024

/** Lines that are looked at to find the layout and the format. */
export const PROBE_LINES = 50

/** One record: its 0-based index, where it stands, and its value or why there is none. */
export type RawRecord = { index: number; place: string } & ({ value: unknown } | { problem: Problem })

export type Records =
  | { layout: 'jsonl' | 'array' | 'object'; records: () => Iterable<RawRecord> }
  | { layout: null; reason: string }

/** Finds the layout of a file. `records` reads it from the beginning each time it is called. */
export function readRecords(source: LineSource): Records {
  const probe = firstLines(source)
  if (probe[0] && 'problem' in probe[0]) return unreadable(lineReason(probe[0]))
  const first = probe.find((line) => 'text' in line && line.text.trim() !== '')
  if (!first || !('text' in first)) {
    return unreadable(`found ${source.size === 0 ? 'an empty file' : 'only empty lines'}, expected records`)
  }
  if (!/^\s*[[{]/.test(first.text)) {
    return unreadable(`line ${first.number}: found ${quote(first.text)}, expected JSON (an object or an array)`)
  }
  const lines = probe.filter((line) => 'text' in line && line.text.trim() !== '')
  return lines.some(isRecordLine) ? { layout: 'jsonl', records: () => lineRecords(source) } : document(source)
}

const unreadable = (reason: string): Records => ({ layout: null, reason })

const lineReason = ({ number, problem }: Extract<Line, { problem: unknown }>): string =>
  `line ${number}: found ${problem.found}, expected ${problem.expected}`

function firstLines(source: LineSource): Line[] {
  const lines: Line[] = []
  for (const line of source.lines()) {
    lines.push(line)
    if (lines.length === PROBE_LINES) break
  }
  return lines
}

/** A line that is a whole, non-empty JSON object and not indented: a pretty-printed document has none of these. */
function isRecordLine(line: Line): boolean {
  if (!('text' in line) || !line.text.startsWith('{')) return false
  const parsed = parse(line.text)
  return 'value' in parsed && Object.keys(parsed.value as object).length > 0
}

function* lineRecords(source: LineSource): Generator<RawRecord> {
  let index = 0
  for (const line of source.lines()) {
    if ('text' in line && line.text.trim() === '') continue
    const parsed = 'problem' in line ? unusable(line.problem.found, line.problem.expected) : checked(parse(line.text))
    yield { index, place: `line ${line.number}`, ...parsed }
    index += 1
  }
}

function document(source: LineSource): Records {
  if (source.size > DOCUMENT_LIMIT) {
    const expected = `at most ${DOCUMENT_LIMIT}; larger files are read as JSONL (one record a line)`
    return unreadable(`found a JSON document of ${source.size} bytes, expected ${expected}`)
  }
  const lines: string[] = []
  for (const line of source.lines()) {
    if ('problem' in line) return unreadable(lineReason(line))
    lines.push(line.text)
  }
  const parsed = parse(lines.join('\n'))
  if ('problem' in parsed) {
    return unreadable(`found ${parsed.problem.found}, expected a JSON document or one JSON object a line`)
  }
  if (Array.isArray(parsed.value)) {
    const elements: unknown[] = parsed.value
    if (elements.length === 0) return unreadable('found an empty array, expected records')
    const records = elements.map((value, index): RawRecord => ({ index, place: `[${index}]`, ...checked({ value }) }))
    return { layout: 'array', records: () => records }
  }
  return { layout: 'object', records: () => [{ index: 0, place: '', ...checked(parsed) }] }
}

type Parsed = { value: unknown } | { problem: Problem }

function parse(text: string): Parsed {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    const complaint = error instanceof SyntaxError ? error.message : String(error)
    return unusable(`text that is not JSON (${complaint})`, 'a JSON object')
  }
}

function checked(parsed: Parsed): Parsed {
  if ('problem' in parsed) return parsed
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return unusable(describeValue(value), 'a JSON object')
  }
  const expected = `at most ${DEPTH_LIMIT} levels of arrays and objects`
  return deeperThan(value, DEPTH_LIMIT) ? unusable('a deeper nesting', expected) : parsed
}

const unusable = (found: string, expected: string): Parsed => ({ problem: { where: '', found, expected } })
