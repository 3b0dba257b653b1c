// One file over HTTP(S) into a folder: goes on where it was cut, and counts only when size and SHA-256 are as expected.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RetortError } from '../../../shared/errors.ts'
import { ensureFolder, syncFile, syncFolder } from '../../files/index.ts'

export type Download = { readonly url: string; readonly bytes: number; readonly sha256: string }

export type DownloadWatch = {
  /** Bytes that are there so far. */
  readonly onProgress: (done: number) => void
  readonly signal: AbortSignal
}

/** In a row, without a byte gained. */
const TRIES = 5
/** Between tries; a server that was cut off needs a moment. */
const PAUSE_MS = 500

/** What a cut download leaves, and the next one goes on from. */
const partOf = (path: string): string => `${path}.part`

/**
 * Downloads to `path`, unless it is there. Throws RetortError `download-failed` when the server cannot be reached or
 * sends something else, `download-damaged` when the content is not what was expected; a part stays only while it may be
 * the beginning of the right file.
 */
export async function downloadFile(path: string, download: Download, watch: DownloadWatch): Promise<void> {
  if (existsSync(path)) return watch.onProgress(download.bytes)
  ensureFolder(dirname(path))
  const part = partOf(path)
  for (let tried = 1; sizeOf(part) < download.bytes; tried++) {
    const before = sizeOf(part)
    try {
      await fetchRest(part, download, watch)
    } catch (error) {
      watch.signal.throwIfAborted()
      if (error instanceof RetortError && error.code !== CUT) throw error
      if (sizeOf(part) > before) tried = 1
      if (tried === TRIES) throw unreachable(download, error)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tried))
    }
  }
  await verify(part, download, watch.signal)
  syncFile(part)
  renameSync(part, path)
  syncFolder(dirname(path))
}

/** Bytes of the file that are there already. */
export const downloadedBytes = (path: string): number => (existsSync(path) ? sizeOf(path) : sizeOf(partOf(path)))

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const CUT = 'download-cut'

/** Asks for what is missing. A server that does not know ranges sends everything, and the part begins anew. */
async function fetchRest(part: string, { url, bytes }: Download, { onProgress, signal }: DownloadWatch): Promise<void> {
  const have = sizeOf(part)
  const response = await fetch(url, { signal, headers: have > 0 ? { range: `bytes=${have}-` } : {} })
  const refuse = (found: string, expected: string): RetortError =>
    new RetortError({ code: 'download-failed', message: 'the server sent something else', where: url, found, expected })
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    const retried = response.status >= 500 || response.status === 429
    throw new RetortError({ code: retried ? CUT : 'download-failed', message: 'the server refused the download', where: url, found: `status ${response.status}` })
  }
  const goesOn = response.status === 206
  if (goesOn && !response.headers.get('content-range')?.startsWith(`bytes ${have}-`)) {
    await response.body.cancel()
    throw refuse(`the range ${response.headers.get('content-range')}`, `one from ${have} on`)
  }
  const declared = response.headers.get('content-length')
  const coming = bytes - (goesOn ? have : 0)
  if (declared !== null && Number(declared) !== coming && response.headers.get('content-encoding') === null) {
    await response.body.cancel()
    throw refuse(`${declared} bytes`, `${coming}`)
  }
  let done = goesOn ? have : 0
  const counted = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      done += chunk.length
      if (done > bytes) throw refuse(`more than ${bytes} bytes`, `${bytes}`)
      onProgress(done)
      yield chunk
    }
  }
  await pipeline(Readable.fromWeb(response.body as never), counted, createWriteStream(part, { flags: goesOn ? 'a' : 'w' }), { signal })
  if (done < bytes) throw new RetortError({ code: CUT, message: 'the download was cut', where: url, found: `${done} bytes`, expected: `${bytes}` })
}

/** A file that is not the expected one is removed: going on from it would never end well. */
async function verify(part: string, { url, sha256 }: Download, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(part, { signal })) hash.update(chunk as Uint8Array)
  const found = hash.digest('hex')
  if (found === sha256) return
  rmSync(part, { force: true })
  throw new RetortError({
    code: 'download-damaged',
    message: 'what was downloaded is not the file that was expected; it was removed',
    where: `${basename(part, '.part')} from ${url}`,
    found: `SHA-256 ${found}`,
    expected: sha256,
    advice: 'try again; if it comes again, something between this machine and the server changes files',
  })
}

const unreachable = ({ url }: Download, cause: unknown): RetortError =>
  new RetortError({
    code: 'download-failed',
    message: 'the download did not succeed; what is there already is kept',
    where: url,
    found: causeText(cause),
    advice: 'look whether this machine reaches that address, then try again: it goes on where it was cut',
    cause,
  })

/** fetch says only "fetch failed"; what the system said is behind it. */
function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error.cause
  return inner instanceof Error ? `${error.message}: ${inner.message}` : error.message
}
