// The page's own scheme: which file a URL names, and the answer to a request. Nothing outside the page's folder is read.
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { pageFile, pageHeaders, PAGE_TYPES } from '../shared/pageFiles.ts'

export const SCHEME = 'app'
const HOST = 'retort'
export const PAGE_URL = `${SCHEME}://${HOST}/index.html`

const HEADERS = { ...pageHeaders(), 'cache-control': 'no-store' }

/** Whether a URL is of the page: its scheme and host, without a port or a name before it. */
export function isPage(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host, username, password } = new URL(url)
  return protocol === `${SCHEME}:` && host === HOST && username === '' && password === ''
}

/** The file that a URL of the page names, or null when it is none of the page's. `folder` is the built page. */
export function fileOf(folder: string, url: string): string | null {
  const name = isPage(url) ? pageFile(new URL(url).pathname) : null
  return name !== null && PAGE_TYPES[extname(name)] !== undefined ? join(folder, name) : null
}

/** Answers one request of the page. */
export async function servePage(folder: string, request: { readonly url: string; readonly method: string }): Promise<Response> {
  if (request.method !== 'GET') return new Response(null, { status: 405, headers: HEADERS })
  const file = fileOf(folder, request.url)
  const bytes = file === null ? null : await readFile(file).catch(() => null)
  if (file === null || bytes === null) return new Response(null, { status: 404, headers: HEADERS })
  return new Response(new Uint8Array(bytes), { headers: { ...HEADERS, 'content-type': PAGE_TYPES[extname(file)]! } })
}
