// Which of an endpoint's tokens stand for which of the student's, where no more is known of them than their text.
import type { MaskedExample } from '../../../shared/records/example.ts'
import { encodeUtf8 } from '../../formats/utf8.ts'
import { alignmentGroups } from './alignmentGroups.ts'
import { stepsOf, type Side, type TeacherPlace } from './teacherPlaces.ts'

/** Text as one character a byte, so that tokens may end within a character of the text. */
export type ByteText = string

/** Bytes that an endpoint could not show as text: those of a token that holds a part of a character. */
const UNCLEAR = '\u0100'
const UNCLEAR_UTF8 = '\u00ef\u00bf\u00bd'

export const byteTextOf = (bytes: Uint8Array): ByteText => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')

/** Of a token as an endpoint writes it: U+FFFD there stands for bytes that are no text by themselves. */
export const spokenText = (text: string): ByteText => byteTextOf(encodeUtf8(text)).replaceAll(UNCLEAR_UTF8, UNCLEAR)

/** A turn of what both have read; `step`: number of the agent's turn in the example, else null. */
export type SpokenTurn = { readonly text: string; readonly step: number | null }

/** `closes`: the token closes a turn. Tokens that do so are compared with each other, whatever they are called. */
export type SpokenPlace = TeacherPlace & { readonly closes: boolean }

/**
 * The agent's tokens that the example trains, where a token of the endpoint begins at the same byte. Turns are looked for in what
 * the endpoint's tokens say together, one after the other, so that its template need not be known; a turn that is not there,
 * or that the student's template writes otherwise, has no places.
 */
export function spokenPlaces(student: Side, spoken: readonly ByteText[], turns: readonly SpokenTurn[]): SpokenPlace[] {
  const { ids } = student.example
  const heard = spoken.join('')
  const steps = stepsOf(student.example)
  const startOf = startsOf(spoken)
  const places: SpokenPlace[] = []
  let from = 0
  for (const { text, step } of turns) {
    const own = step === null ? undefined : steps.get(step)
    if (!own || own.body.length === 0) {
      from = find(heard, spokenText(text.trim()), from)?.end ?? from
      continue
    }
    const pieces = own.body.map((token) => byteTextOf(student.tokenizer.bytes(student.example.ids[token] as number)))
    const body = pieces.join('')
    const found = find(heard, body, from)
    if (!found) continue
    const theirs = tokensWithin(spoken, startOf, found)
    const groups = alignmentGroups(pieces.map(({ length }) => length), lengthsOf(theirs, body.length))
    const end = spoken.findIndex((_, token) => (startOf[token] as number) >= found.end)
    for (const group of groups) {
      const teacher = theirs[group.teacher[0]]?.token ?? null
      if (teacher === null) continue
      const next = theirs[group.teacher[1]]?.token ?? (end < 0 ? spoken.length : end)
      const within = Array.from({ length: next - teacher }, (_, i) => teacher + i)
      const student = own.body[group.student[0]] as number
      // Tokens whose text is unclear are not told apart: of what they say together nothing is known.
      const clear = within.every((token) => !(spoken[token] as ByteText).includes(UNCLEAR))
      const alike = !clear || (within.length === 1 && group.student[1] - group.student[0] === 1)
      places.push({ student, teacher, ...(!alike && { group: { teacher: within, label: ids[student] as number } }), closes: false })
    }
    const closing = spoken.findIndex((piece, token) => (startOf[token] as number) >= found.end && (piece === '' || /\S/.test(piece)))
    if (own.end[0] !== undefined && closing >= 0) places.push({ student: own.end[0], teacher: closing, closes: true })
    from = found.end
  }
  return places
}

/** What a token of the endpoint is by its text is known; these are the steps' tokens of an example that an endpoint is asked about. */
export const spokenTokens = (example: MaskedExample): number[] => [...stepsOf(example).values()].flatMap(({ body, end }) => [...body, ...end.slice(0, 1)])

function startsOf(spoken: readonly ByteText[]): number[] {
  let at = 0
  return spoken.map(({ length }) => (at += length) - length)
}

type Found = { readonly start: number; readonly end: number; /** By its place behind `start`: the byte of the wanted text, or -1 where that is unclear. */ readonly byteAt: Int32Array }

/** The first place from `from` on that says `wanted`, unclear bytes standing for any that are no ASCII. */
function find(heard: ByteText, wanted: ByteText, from: number): Found | null {
  if (wanted === '') return null
  const pattern = new RegExp(wanted.replace(NOT_ASCII_OR_SPECIAL, (run) => (run.charCodeAt(0) < 0x80 ? `\\${run}` : '[\\x80-\\xff\\u0100]+')), 'g')
  for (pattern.lastIndex = from; ; ) {
    const match = pattern.exec(heard)
    if (!match) return null
    const byteAt = bytesOf(match[0], wanted)
    if (byteAt) return { start: match.index, end: match.index + match[0].length, byteAt }
    pattern.lastIndex = match.index + 1
  }
}

const NOT_ASCII_OR_SPECIAL = /[\x80-\xff]+|[\\^$.*+?()[\]{}|/]/g
const RUN = /[\x80-\xff\u0100]+|[^\x80-\xff\u0100]+/g

/** For each character of what was heard the byte of `wanted`; null when clear bytes differ. */
function bytesOf(heard: ByteText, wanted: ByteText): Int32Array | null {
  const byteAt = new Int32Array(heard.length).fill(-1)
  const [theirs, ours] = [[...heard.matchAll(RUN)], [...wanted.matchAll(RUN)]]
  if (theirs.length !== ours.length) return null
  for (const [i, run] of theirs.entries()) {
    const own = ours[i] as RegExpExecArray
    if (run[0] === own[0]) for (let k = 0; k < run[0].length; k++) byteAt[run.index + k] = own.index + k
    else if (run[0].includes(UNCLEAR)) byteAt[run.index] = own.index
    else return null
  }
  return byteAt
}

type Within = { /** null: it began before. */ readonly token: number | null; readonly byte: number }

/** The endpoint's tokens that begin at a known byte of what was found; the first of them at byte 0. */
function tokensWithin(spoken: readonly ByteText[], startOf: readonly number[], { start, end, byteAt }: Found): Within[] {
  const within: Within[] = []
  for (const [token, piece] of spoken.entries()) {
    const at = startOf[token] as number
    if (at < start || piece === '') continue
    if (at >= end) break
    const byte = byteAt[at - start] as number
    if (byte >= 0) within.push({ token, byte })
  }
  return within[0]?.byte === 0 ? within : [{ token: null, byte: 0 }, ...within]
}

const lengthsOf = (tokens: readonly Within[], total: number): number[] => tokens.map(({ byte }, i) => (tokens[i + 1]?.byte ?? total) - byte)
