// Reads a file of distributions: its header at once, its records where they are asked for.
import { teacherMetaSchema, type TeacherMeta } from '../../../shared/records/teacherMeta.ts'
import type { ByteSource } from '../../ports/index.ts'
import { FormatError } from '../formatError.ts'
import { decodeHeaderSizes, decodeMeta, decodeRecordHead, decodeRows, decodeShared, HEADER_BYTES, payloadBytes, RECORD_BYTES, type RecordHead, type Rows } from './layout.ts'

/** What stands in the header. */
export type TopkMeta = TeacherMeta

/** Where a record's rows lie. */
export type RecordPlace = RecordHead & { readonly offset: number }

export type TopkFile = {
  readonly k: number
  readonly meta: TopkMeta
  /** One entry a token of the student; null: all tokens are the same. */
  readonly shared: Uint8Array | null
  /** In the order in which they were written. */
  readonly records: readonly RecordPlace[]
  /** Bytes up to the end of the last whole record; what follows is the rest of a write that was cut off. */
  readonly end: number
}

/** Walks the records by their heads alone. Throws FormatError when the header is not one; a cut-off end is no error. */
export function readTopk(source: ByteSource): TopkFile {
  const { name, size } = source
  const malformed = (found: string, expected: string): FormatError => new FormatError({ file: name, offset: 0, found, expected })
  if (size < HEADER_BYTES) throw malformed(`${size} bytes`, 'a file of teacher distributions')
  const { k, metaBytes, sharedBytes } = decodeHeaderSizes(source.read(0, HEADER_BYTES), name)
  const first = HEADER_BYTES + metaBytes + sharedBytes
  if (size < first) throw malformed(`${size} bytes`, `a header of ${first} bytes`)
  const meta = metaOf(decodeMeta(source.read(HEADER_BYTES, metaBytes)), malformed)
  const records: RecordPlace[] = []
  let end = first
  while (end + RECORD_BYTES <= size) {
    const head = decodeRecordHead(source.read(end, RECORD_BYTES))
    const offset = end + RECORD_BYTES
    if (!head || offset + payloadBytes(head.count, k) > size) break
    records.push({ ...head, offset })
    end = offset + payloadBytes(head.count, k)
  }
  const shared = meta.overlap === null ? null : decodeShared(source.read(HEADER_BYTES + metaBytes, sharedBytes), meta.student.vocabulary)
  return { k, meta, shared, records, end }
}

function metaOf(text: string, malformed: (found: string, expected: string) => FormatError): TopkMeta {
  const refuse = (found: string): FormatError => malformed(found, 'a description of the teacher')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw refuse('text that is no JSON')
  }
  const parsed = teacherMetaSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw refuse(`${issue?.path.join('.')}: ${issue?.message}`)
}

/** A record's rows. Throws FormatError when they are not what was written. */
export function readRows(source: ByteSource, { record, k, crc32 }: { record: RecordPlace; k: number; crc32: (bytes: Uint8Array) => number }): Rows {
  const payload = source.read(record.offset, payloadBytes(record.count, k))
  if (crc32(payload) !== record.crc32) {
    throw new FormatError({ file: source.name, offset: record.offset, found: 'rows with another checksum', expected: 'the rows as they were written' })
  }
  return decodeRows(payload, { count: record.count, k })
}
