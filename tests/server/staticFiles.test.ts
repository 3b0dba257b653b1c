// The web host: what it serves, and what it refuses.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveFolder, type StaticHost } from '../../src/server/staticFiles.ts'

const parent = mkdtempSync(join(tmpdir(), 'retort-host-'))
let host: StaticHost

beforeAll(async () => {
  const folder = join(parent, 'page')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'index.html'), '<p>page</p>')
  writeFileSync(join(folder, 'assets', 'a.js'), 'let a')
  writeFileSync(join(folder, 'secret.env'), 'unknown type')
  writeFileSync(join(parent, 'outside.html'), 'outside')
  host = await serveFolder({ folder, port: 0 })
})
afterAll(async () => {
  await host.close()
  rmSync(parent, { recursive: true })
})

type Answer = { status: number | undefined; body: string; type: string | undefined }

/** A raw request, because fetch() normalises paths and forbids the Host header. */
const ask = (path: string, options: { method?: string; host?: string } = {}): Promise<Answer> =>
  new Promise((done, failed) => {
    const { hostname, port, host: own } = new URL(host.url)
    const headers = { host: options.host ?? own }
    const call = request({ hostname, port, path, method: options.method ?? 'GET', headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => done({ status: response.statusCode, body, type: response.headers['content-type'] }))
    })
    call.on('error', failed).end()
  })

test('it listens on this machine only and serves files with their types', async () => {
  expect(host.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect(await ask('/')).toEqual({ status: 200, body: '<p>page</p>', type: 'text/html; charset=utf-8' })
  expect(await ask('/assets/a.js?v=1')).toMatchObject({ status: 200, body: 'let a' })
  expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
})

test.each([
  ['/', { host: 'evil.example' }, 403],
  ['/', { host: '127.0.0.1:1' }, 403],
  ['/', { method: 'POST' }, 405],
  ['/../outside.html', {}, 404],
  ['/..%2foutside.html', {}, 404],
  ['/%2e%2e/outside.html', {}, 404],
  ['/assets', {}, 404],
  ['/assets/', {}, 404],
  ['/secret.env', {}, 404],
  ['/%00', {}, 404],
  ['/%zz', {}, 404],
] as const)('%s %j is refused with %i', async (path, options, status) => {
  expect(await ask(path, options)).toMatchObject({ status, body: '' })
})
