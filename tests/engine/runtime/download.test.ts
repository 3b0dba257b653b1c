// Downloads against a server of this machine: whole, cut, without ranges, damaged, aborted.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { downloadedBytes, downloadFile } from '../../../src/engine/runtime/providers/download.ts'
import { fileServer } from '../../support/fileServer.ts'
import { temporaryFolder } from '../../support/folder.ts'

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) >>> 24)
const sha256 = createHash('sha256').update(content).digest('hex')
const watch = () => {
  const seen: number[] = []
  return { seen, onProgress: (done: number) => void seen.push(done), signal: new AbortController().signal }
}
const download = (url: string) => ({ url, bytes: content.length, sha256 })

test('a whole file, with its progress', async () => {
  const path = join(temporaryFolder(), 'a', 'file')
  const { url } = await fileServer({ content })
  const { seen, ...rest } = watch()
  await downloadFile(path, download(url), rest)
  expect(readFileSync(path).equals(content)).toBe(true)
  expect(seen.at(-1)).toBe(content.length)
  expect(existsSync(`${path}.part`)).toBe(false)
})

test('cut twice: it goes on where it was cut, and nothing is sent twice', async () => {
  const path = join(temporaryFolder(), 'file')
  const { url, ranges } = await fileServer({ content, cuts: [100_000, 50_000] })
  await downloadFile(path, download(url), watch())
  expect(readFileSync(path).equals(content)).toBe(true)
  expect(ranges).toEqual([null, 'bytes=100000-', 'bytes=150000-'])
})

test('what an earlier attempt left is gone on from', async () => {
  const path = join(temporaryFolder(), 'file')
  writeFileSync(`${path}.part`, content.subarray(0, 12_345))
  expect(downloadedBytes(path)).toBe(12_345)
  const { url, ranges } = await fileServer({ content })
  await downloadFile(path, download(url), watch())
  expect(ranges).toEqual(['bytes=12345-'])
  expect(readFileSync(path).equals(content)).toBe(true)
})

test('a server without ranges: it begins anew', async () => {
  const path = join(temporaryFolder(), 'file')
  const { url, ranges } = await fileServer({ content, cuts: [100_000], ranges: false })
  await downloadFile(path, download(url), watch())
  expect(ranges).toEqual([null, 'bytes=100000-'])
  expect(readFileSync(path).equals(content)).toBe(true)
})

test('another content of the same size is refused and removed', async () => {
  const path = join(temporaryFolder(), 'file')
  const other = content.slice()
  other[1000]! ^= 1
  const { url } = await fileServer({ content: other })
  await expect(downloadFile(path, download(url), watch())).rejects.toMatchObject({ code: 'download-damaged', expected: sha256 })
  expect(existsSync(path) || existsSync(`${path}.part`)).toBe(false)
})

test.each([['shorter', content.subarray(1)], ['longer', Buffer.concat([content, content.subarray(0, 10)])]])('a %s file is refused before it is read', async (_, other) => {
  const path = join(temporaryFolder(), 'file')
  const { url, ranges } = await fileServer({ content: other })
  await expect(downloadFile(path, download(url), watch())).rejects.toMatchObject({ code: 'download-failed' })
  expect(ranges).toHaveLength(1)
})

test('a refusal is final, a server in trouble is asked again', async () => {
  const path = join(temporaryFolder(), 'file')
  const gone = await fileServer({ content, status: 404 })
  await expect(downloadFile(path, download(gone.url), watch())).rejects.toMatchObject({ code: 'download-failed', found: 'status 404' })
  expect(gone.ranges).toHaveLength(1)
  const busy = await fileServer({ content, status: 503 })
  await expect(downloadFile(path, download(busy.url), watch())).rejects.toMatchObject({ code: 'download-failed' })
  expect(busy.ranges.length).toBeGreaterThan(1)
})

test('an aborted download keeps what it has', async () => {
  const path = join(temporaryFolder(), 'file')
  const { url } = await fileServer({ content, cuts: [100_000, 50_000] })
  const stopping = new AbortController()
  const onProgress = (done: number): void => void (done > 100_000 && stopping.abort())
  await expect(downloadFile(path, download(url), { onProgress, signal: stopping.signal })).rejects.toMatchObject({ name: 'AbortError' })
  expect(existsSync(path)).toBe(false)
  expect(downloadedBytes(path)).toBeGreaterThanOrEqual(100_000)
})
