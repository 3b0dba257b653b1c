// Serves a folder of built files to this machine only: GET and HEAD, no listing, no path outside the folder.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createReadStream, statSync } from 'node:fs'
import { extname, join, normalize, sep } from 'node:path'

const HOST = '127.0.0.1'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
}

export type StaticHost = { readonly url: string; close(): Promise<void> }

/** `port` 0 takes a free one. Rejects when the port is taken. */
export async function serveFolder(options: { folder: string; port: number }): Promise<StaticHost> {
  const folder = normalize(options.folder)
  const server = createServer((request, response) => answer({ folder, request, response, server }))
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(options.port, HOST, done)
  })
  return {
    url: `http://${HOST}:${portOf(server)}/`,
    close: () => new Promise((done) => (server.close(() => done()), server.closeAllConnections())),
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return address.port
}

function answer(exchange: { folder: string; request: IncomingMessage; response: ServerResponse; server: Server }): void {
  const { folder, request, response, server } = exchange
  const end = (status: number) => void response.writeHead(status).end()
  // A foreign name that resolves to this machine (DNS rebinding) is refused.
  const { host } = request.headers
  if (host !== `${HOST}:${portOf(server)}` && host !== `localhost:${portOf(server)}`) return end(403)
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(405)

  const path = fileOf(folder, request.url ?? '/')
  const type = path === null ? undefined : TYPES[extname(path)]
  if (path === null || type === undefined) return end(404)
  const size = statSync(path, { throwIfNoEntry: false })
  if (!size?.isFile()) return end(404)
  response.writeHead(200, {
    'content-type': type,
    'content-length': size.size,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  })
  if (request.method === 'HEAD') return void response.end()
  createReadStream(path).on('error', () => response.destroy()).pipe(response)
}

/** The file that a URL names, or null when it is malformed or leaves the folder. */
function fileOf(folder: string, url: string): string | null {
  try {
    const name = decodeURIComponent(new URL(url, `http://${HOST}`).pathname)
    const path = normalize(join(folder, name.endsWith('/') ? `${name}index.html` : name))
    return path.startsWith(folder + sep) && !path.includes('\0') ? path : null
  } catch {
    return null
  }
}
