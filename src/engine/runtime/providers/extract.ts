// Members of a ZIP archive as files, streamed: libraries of hundreds of megabytes are never held in memory.
import { createReadStream, createWriteStream } from 'node:fs'
import { basename, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { readDirectory, type ZipEntry } from '../../../core/formats/zip/index.ts'
import { RetortError } from '../../../shared/errors.ts'
import { openByteSource, syncFile } from '../../files/index.ts'

export type Extraction = {
  /** Names in the archive and their sizes. */
  readonly members: ReadonlyMap<string, number>
  /** Each member lands here under its last name. */
  readonly folder: string
  readonly onProgress: (bytes: number) => void
  readonly signal: AbortSignal
}

const LOCAL_LENGTH = 30
const STORED = 0
const DEFLATE = 8
/** Readable by all, and executable as libraries are. */
const MODE = 0o755

/** Throws RetortError `archive-damaged` when a member is missing or is not what the archive and the caller say. */
export async function extractMembers(archive: string, { members, folder, onProgress, signal }: Extraction): Promise<void> {
  const source = openByteSource(archive)
  let entries: Map<string, ZipEntry & { start: number }>
  try {
    entries = new Map(
      readDirectory(source).filter(({ name }) => members.has(name)).map((entry) => {
        const header = Buffer.from(source.read(entry.offset, LOCAL_LENGTH))
        return [entry.name, { ...entry, start: entry.offset + LOCAL_LENGTH + header.readUInt16LE(26) + header.readUInt16LE(28) }]
      }),
    )
  } finally {
    source.close()
  }
  let before = 0
  for (const [name, size] of members) {
    const entry = entries.get(name)
    if (entry?.size !== size) throw damaged(archive, entry ? `${name} of ${entry.size} bytes` : `no ${name}`, `it with ${size} bytes`)
    if (entry.method !== STORED && entry.method !== DEFLATE) throw damaged(archive, `${name} packed by method ${entry.method}`, 'stored or DEFLATE')
    let [sum, done] = [0, 0]
    const checked = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        sum = crc32(chunk, sum)
        done += chunk.length
        if (done > size) throw damaged(archive, `more than ${size} bytes of ${name}`, `${size}`)
        onProgress(before + done)
        yield chunk
      }
    }
    const path = join(folder, basename(name))
    const packed = createReadStream(archive, { start: entry.start, end: entry.start + entry.compressedSize - 1 })
    const inflate = entry.method === DEFLATE ? createInflateRaw() : new PassThrough()
    try {
      await pipeline(packed, inflate, checked, createWriteStream(path, { flags: 'wx', mode: MODE }), { signal })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw damaged(archive, `compressed data of ${name} that cannot be read`, 'DEFLATE')
      throw error
    }
    if (done !== size || sum !== entry.crc32) throw damaged(archive, `${name} with other content`, 'its checksum')
    syncFile(path)
    before += size
  }
}

const damaged = (archive: string, found: string, expected: string): RetortError =>
  new RetortError({ code: 'archive-damaged', message: 'the archive is not what it should be', where: basename(archive), found, expected })
