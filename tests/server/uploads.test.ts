// Files dropped on the page: they wait under a safe name until they are imported, and nothing else can be made of them.
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { claimUploads, clearUploads, dropUploads, expireUploads, newUpload } from '../../src/engine/files/index.ts'
import { temporaryFolder } from '../support/folder.ts'
import { importInto } from '../support/importInto.ts'
import { eventually, startRealHost, type RealHost } from '../support/realHost.ts'
import { ask, leave, openPage, signIn, type Answer } from '../support/webClient.ts'

let host: RealHost
let port: number
let headers: Record<string, string>
beforeAll(async () => {
  host = await startRealHost()
  port = host.web.port
  headers = { cookie: await signIn(host.web.url), origin: `http://127.0.0.1:${port}` }
})
afterAll(() => host.stop())

const put = (name: string, body: string | Buffer, more: Record<string, string> = {}): Promise<Answer> =>
  ask(port, { path: `/upload?name=${name}`, method: 'PUT', headers: { ...headers, ...more }, body })
const staged = (): string[] => {
  const folder = join(host.home, 'uploads')
  return existsSync(folder) ? readdirSync(folder) : []
}
const line = (i: number): string =>
  `${JSON.stringify({
    messages: [
      { role: 'user', content: `Where is the cat ${i}?` },
      { role: 'assistant', content: 'Thought: I look.\nAction: search[cat]' },
      { role: 'user', content: 'Observation: On the mat.' },
      { role: 'assistant', content: 'Thought: I know.\nAction: finish[mat]' },
    ],
  })}\n`

test('a file arrives byte by byte, each in a folder of its own, and is gone after its import', async () => {
  const body = Buffer.from(Array.from({ length: 500 }, (_, i) => line(i)).join(''))
  const answers = await Promise.all([put('traces.jsonl', body), put('traces.jsonl', body.subarray(0, 0))])
  const paths = answers.map((answer) => (JSON.parse(answer.body) as { path: string }).path)
  expect(answers.map(({ status }) => status)).toEqual([201, 201])
  expect(new Set(paths.map((path) => dirname(path))).size).toBe(2)
  expect(paths.map((path) => basename(path))).toEqual(['traces.jsonl', 'traces.jsonl'])
  expect(readFileSync(paths[0] as string).equals(body)).toBe(true)

  const page = await openPage(port, headers['cookie'] as string)
  const project = join(host.home, 'project')
  await page.api.projects.open({ folder: project, create: true })
  const { report } = await importInto(page.api, { project, paths: [paths[0] as string] })
  expect(report.kept).toBe(500)
  expect([existsSync(paths[0] as string), existsSync(paths[1] as string)]).toEqual([false, true])
  const { lines } = await page.api.trajectories.page({ project, filter: {}, sort: { by: 'imported', descending: false }, offset: 0, limit: 1 })
  expect(lines[0]?.source).toBe('fireact-openai:traces.jsonl#0')
  await leave(page)
})

test.each([
  ['../../evil.jsonl', 'evil.jsonl'],
  ['..%2f..%2fevil.jsonl', 'evil.jsonl'],
  ['..%5c..%5cevil.jsonl', 'evil.jsonl'],
  ['%2fetc%2fpasswd', 'passwd'],
  ['C:%5cautoexec.bat', 'autoexec.bat'],
  ['a:b%3fc*.json', 'a_b_c_.json'],
  ['.hidden', 'hidden'],
  ['..', 'file_'],
  ['', 'file_'],
  ['nul%00.jsonl', 'nul_.jsonl'],
  ['NUL.txt', 'file_NUL.txt'],
  ['x%0d%0aSet-Cookie:%20a.json', 'x__Set-Cookie_ a.json'],
  ['exe%e2%80%aefdp.jsonl', 'exe_fdp.jsonl'],
  [`${'%c3%a9'.repeat(300)}.jsonl`, `${'é'.repeat(60)}.jsonl`],
  ['%ff%fe.json', '��.json'],
])('the name %s becomes %s within its own folder', async (given, name) => {
  const { status, body } = await put(given, 'x')
  const { path } = JSON.parse(body) as { path: string }
  expect([status, basename(path)]).toEqual([201, name])
  expect(dirname(dirname(path))).toBe(join(host.home, 'uploads'))
  expect(readdirSync(dirname(path))).toEqual([name])
})

test('a file that is too large is refused before it is sent, with the reason', async () => {
  const before = staged()
  const answer = await put('huge.jsonl', 'x', { 'content-length': String(2 ** 40) }).catch((error: unknown) => error as Error)
  expect(answer).toMatchObject({ status: 413 })
  expect((answer as Answer).body).toMatch(/too large.*1099511627776 bytes.*at most 8589934592 bytes.*file dialog/)
  expect(staged()).toEqual(before)
})

test.each([
  ['no length', { 'transfer-encoding': 'chunked' }, 411],
  ['two lengths of the body', { 'content-length': '1', 'transfer-encoding': 'chunked' }, 400],
  ['a length that is none', { 'content-length': '-1' }, 400],
] as const)('%s: refused, and nothing stays', async (_, more, status) => {
  const before = staged()
  expect(await rawPut(more)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(staged()).toEqual(before)
})

/** The first line that comes back for a body of one byte under these headers. */
const rawPut = (more: Record<string, string>): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString())).on('error', () => {}).on('close', () => resolve(text))
    const all = { host: `127.0.0.1:${port}`, connection: 'close', ...headers, ...more }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
    socket.end(`PUT /upload?name=a HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${'transfer-encoding' in more ? '1\r\nx\r\n0\r\n\r\n' : 'x'}`)
  })

test('a file that is cut off leaves nothing behind', async () => {
  const before = staged()
  const socket = connect({ host: '127.0.0.1', port })
  const lines = Object.entries({ host: `127.0.0.1:${port}`, 'content-length': '1000000', ...headers }).map(([name, value]) => `${name}: ${value}`)
  socket.write(`PUT /upload?name=cut.jsonl HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\nbeginning`)
  await eventually('the upload begins', () => staged().length > before.length)
  socket.destroy()
  await eventually('what came is removed', () => staged().length === before.length)
})

test('only uploads are removed, and only of processes that are gone', () => {
  const data = temporaryFolder()
  const own = newUpload(data, 'a.jsonl')
  writeFileSync(own, 'x')
  const outside = join(data, 'models')
  mkdirSync(outside)
  writeFileSync(join(outside, 'student.gguf'), 'x')
  dropUploads(data, [join(outside, 'student.gguf'), data, join(data, 'uploads'), dirname(own), join(own, 'deeper'), `${dirname(own)}/../../models/student.gguf`])
  expect(existsSync(own) && existsSync(join(outside, 'student.gguf'))).toBe(true)

  const folderOf = (pid: number): string => join(data, 'uploads', `${pid}-${'0'.repeat(24)}`)
  // Process 1 always runs; no process has the highest number.
  for (const name of [folderOf(1), folderOf(2 ** 22 + 1), join(data, 'uploads', 'by hand')]) mkdirSync(name)
  dropUploads(data, [own])
  expect(existsSync(own)).toBe(false)
  clearUploads(data)
  expect(readdirSync(join(data, 'uploads')).sort()).toEqual([basename(folderOf(1)), 'by hand'])
})

test('what was sent and never imported is removed after a while, but not while it is sent or imported', () => {
  const data = temporaryFolder()
  const [old, growing, claimed] = ['a', 'b', 'c'].map((name) => newUpload(data, name)) as [string, string, string]
  for (const path of [old, growing, claimed]) writeFileSync(path, 'x')
  claimUploads(data, [claimed, join(data, 'settings.json')])
  for (const path of [old, claimed, ...[old, growing, claimed].map(dirname)]) utimesSync(path, 1000, 1000)
  expireUploads(data, { before: 999_000 })
  expect([old, growing, claimed].map((path) => existsSync(path))).toEqual([true, true, true])
  expireUploads(data, { before: Date.now() - 3_600_000 })
  expect([old, growing, claimed].map((path) => existsSync(path))).toEqual([false, true, true])
  dropUploads(data, [claimed])
  expect(readdirSync(join(data, 'uploads'))).toEqual([basename(dirname(growing))])
  expect(existsSync(join(data, '.claimed'))).toBe(false)
})
