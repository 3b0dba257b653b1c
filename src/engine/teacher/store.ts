// A teacher's distributions in a file: appended while they are scored, read by the rows that a run asks for.
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { FormatError } from '../../core/formats/formatError.ts'
import {
  decodeRecordHead, encodeHeader, encodeRecord, NO_TOKEN, readRows, readTopk, RECORD_BYTES, type RecordHead, type RecordPlace, type Rows, type TopkFile, type TopkMeta,
} from '../../core/formats/topk/index.ts'
import type { ByteSource, TeacherDistributions, TeacherRow } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { ensureFolder, openByteSource, sha256, takeLock, writeFileAtomic } from '../files/index.ts'

/** What an example is known by: its tokens, whatever it is called. */
export const exampleKey = (ids: readonly number[]): string => sha256(new Uint8Array(Int32Array.from(ids).buffer))

type Header = { readonly k: number; readonly meta: TopkMeta; readonly shared: Uint8Array | null }

export type TeacherWriter = {
  /** Examples that are there, by their keys, each with the tokens that have a row. */
  readonly done: ReadonlyMap<string, ReadonlySet<number>>
  /** On the disk when it returns, whole. */
  append(key: string, rows: ReadonlyMap<number, TeacherRow>): void
  /** What the file has of an example, as it is written there: one entry a record. */
  read(key: string): Rows[]
  close(): void
}

/** Opens a file to go on with it, or makes it. Throws RetortError `other-teacher` when it holds something else's distributions, `teacher-busy` while another process writes it. */
export function openTeacherWriter(path: string, header: Header): TeacherWriter {
  ensureFolder(dirname(path))
  const lock = takeLock(join(dirname(path), `.${basename(path)}.lock`))
  if (!lock) throw teacherBusy(path)
  try {
    return openLocked(path, header, lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

function openLocked(path: string, header: Header, lock: { release(): void }): TeacherWriter {
  if (!existsSync(path)) writeFileAtomic(path, (sink) => sink(encodeHeader({ ...header, meta: JSON.stringify(header.meta) })))
  const { file: known, done } = readDone(path)
  if (known.k !== header.k || JSON.stringify(known.meta) !== JSON.stringify(header.meta)) throw otherTeacher(path, known, header)
  const { k } = header
  const file = openSync(path, 'r+')
  let end = known.end
  // The rest of a write that was cut off.
  ftruncateSync(file, end)
  const records = new Map<string, RecordPlace[]>()
  const keep = (record: RecordPlace): void => void records.set(record.key, [...(records.get(record.key) ?? []), record])
  for (const record of known.records) if (record.offset < end) keep(record)
  const source: ByteSource = {
    name: path,
    size: Infinity,
    read(offset, length) {
      const bytes = new Uint8Array(length)
      for (let got = 0; got < length; ) {
        const more = readSync(file, bytes, got, length - got, offset + got)
        if (more === 0) throw new FormatError({ file: path, offset: offset + got, found: 'the end of the file', expected: `${length - got} bytes more` })
        got += more
      }
      return bytes
    },
  }
  return {
    done,
    append(key, rows) {
      const record = encodeRecord({ key, ...flat(rows, k), crc32 })
      for (let written = 0; written < record.length; ) written += writeSync(file, record, written, record.length - written, end + written)
      fsyncSync(file)
      keep({ ...(decodeRecordHead(record) as RecordHead), offset: end + RECORD_BYTES })
      done.set(key, new Set([...(done.get(key) ?? []), ...rows.keys()]))
      end += record.length
    },
    read: (key) => (records.get(key) ?? []).map((record) => readRows(source, { record, k, crc32 })),
    close: () => {
      closeSync(file)
      lock.release()
    },
  }
}

/** What is whole of the file. From a record on that is not what was written, all of it is scored again: it is cut off there. */
function readDone(path: string): { file: TopkFile; done: Map<string, Set<number>> } {
  const source = openByteSource(path)
  try {
    const file = readTopk(source)
    const done = new Map<string, Set<number>>()
    let { end } = file
    for (const record of file.records) {
      const rows = wholeRows(source, record, file.k)
      if (!rows) {
        end = record.offset - RECORD_BYTES
        break
      }
      const tokens = done.get(record.key) ?? new Set()
      for (const token of rows.tokens) tokens.add(token)
      done.set(record.key, tokens)
    }
    return { file: { ...file, end }, done }
  } finally {
    source.close()
  }
}

function wholeRows(source: ByteSource, record: RecordPlace, k: number): Rows | null {
  try {
    return readRows(source, { record, k, crc32 })
  } catch (error) {
    if (error instanceof FormatError) return null
    throw error
  }
}

function flat(rows: ReadonlyMap<number, TeacherRow>, k: number): { rows: Rows; mass: number } {
  const ids = new Int32Array(rows.size * k).fill(NO_TOKEN)
  const logProbs = new Float32Array(rows.size * k)
  let mass = 0
  let at = 0
  for (const row of rows.values()) {
    for (let i = 0; i < Math.min(k, row.ids.length); i++) {
      ids[at * k + i] = row.ids[i] as number
      logProbs[at * k + i] = row.logProbs[i] as number
      mass += Math.exp(row.logProbs[i] as number)
    }
    at += 1
  }
  return { rows: { tokens: Uint32Array.from(rows.keys()), ids, logProbs }, mass }
}

export type OpenTeacher = TeacherDistributions & { readonly meta: TopkMeta; close(): void }

/** An example and the tokens of it that a run would compare with a teacher. */
export type Asked = { readonly id: string; readonly ids: readonly number[]; readonly tokens: readonly number[] }

/** Examples whose rows stay in memory: those of a step, which is read twice at most. */
const KEPT = 64

/**
 * Opens a file for a run's examples. Rows are read when they are asked for (the system keeps the pages); an example that was
 * changed since it was scored has none. `vocabulary`: tokens of the student, which must be those that were named.
 */
export function openTeacher(path: string, asked: readonly Asked[], student: { readonly fingerprint: string }): OpenTeacher {
  const source = openByteSource(path)
  try {
    const { k, meta, shared, records } = readTopk(source)
    if (meta.student.fingerprint !== student.fingerprint) throw otherTokens(path)
    const byKey = new Map<string, RecordPlace[]>()
    for (const record of records) byKey.set(record.key, [...(byKey.get(record.key) ?? []), record])
    const recordsOf = new Map(asked.map(({ id, ids }) => [id, byKey.get(exampleKey(ids)) ?? []]))
    const kept = new Map<string, ReadonlyMap<number, TeacherRow>>()
    const rowsOf = (example: string): ReadonlyMap<number, TeacherRow> => {
      const known = kept.get(example)
      if (known) return known
      const rows = new Map((recordsOf.get(example) ?? []).flatMap((record) => rowsIn(readRows(source, { record, k, crc32 }), k)))
      const [oldest] = kept.keys()
      if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest)
      kept.set(example, rows)
      return rows
    }
    return {
      k,
      meta,
      label: meta.label,
      vocabulary: shared && { shared, overlap: meta.overlap as number },
      row: (example, token) => rowsOf(example).get(token) ?? null,
      coverage() {
        const used = [...new Set([...recordsOf.values()].flat())]
        const scored = used.reduce((sum, { count }) => sum + count, 0)
        return {
          tokens: asked.reduce((sum, { id, tokens }) => sum + tokens.filter((token) => rowsOf(id).has(token)).length, 0),
          of: asked.reduce((sum, { tokens }) => sum + tokens.length, 0),
          mass: scored === 0 ? 0 : used.reduce((sum, { mass }) => sum + mass, 0) / scored,
        }
      },
      close: () => source.close(),
    }
  } catch (error) {
    source.close()
    throw error
  }
}

/** Probability of all that a row names. */
export const massOf = ({ logProbs }: TeacherRow): number => Array.from(logProbs).reduce((sum, one) => sum + Math.exp(one), 0)

/** A record's rows by the student's tokens. */
export const rowsIn = ({ tokens, ids, logProbs }: Rows, k: number): [number, TeacherRow][] =>
  Array.from(tokens, (token, row) => {
    const none = ids.subarray(row * k, (row + 1) * k).indexOf(NO_TOKEN)
    const end = row * k + (none < 0 ? k : none)
    return [token, { ids: ids.subarray(row * k, end), logProbs: logProbs.subarray(row * k, end) }]
  })

const otherTeacher = (path: string, known: Header, wanted: Header): RetortError =>
  new RetortError({
    code: 'other-teacher',
    message: 'the file holds the distributions of another teacher, or other ones',
    found: `${known.meta.label}, ${known.k} tokens a row`,
    expected: `${wanted.meta.label}, ${wanted.k} tokens a row`,
    where: path,
    advice: 'name another file',
  })

const teacherBusy = (path: string): RetortError =>
  new RetortError({
    code: 'teacher-busy',
    message: 'another process writes these distributions',
    where: path,
    advice: 'wait for it: this command goes on with what it leaves',
  })

const otherTokens = (path: string): RetortError =>
  new RetortError({
    code: 'other-tokens',
    message: 'the distributions name the tokens of another student',
    found: 'another vocabulary',
    expected: "the student's own",
    where: path,
    advice: 'score the trajectories once more for this student',
  })
