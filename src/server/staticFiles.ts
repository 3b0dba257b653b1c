// Answers with a built file of the page's folder: no listing, no path outside the folder, known types only.
import { createReadStream, statSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream'
import { pageFile, PAGE_TYPES } from '../shared/pageFiles.ts'

/** `path` is the URL's path as it came. Names of assets hold a hash of their content, the page's own name does not. */
export function sendFile(options: { folder: string; path: string; head: boolean; response: ServerResponse }): void {
  const { head, path, response } = options
  const name = pageFile(path)
  const type = name === null ? undefined : PAGE_TYPES[extname(name)]
  const file = name === null || type === undefined ? null : join(options.folder, name)
  const stats = file === null ? undefined : statSync(file, { throwIfNoEntry: false })
  if (file === null || !stats?.isFile()) return void response.writeHead(404).end()
  response.writeHead(200, {
    'content-type': type,
    'content-length': stats.size,
    'cache-control': path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
  })
  if (head) return void response.end()
  // Closes the file also when the page has gone meanwhile; there is nobody to tell then.
  pipeline(createReadStream(file), response, () => {})
}
