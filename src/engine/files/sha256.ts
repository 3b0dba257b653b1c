// sha256 by node:crypto, of values and of whole files.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Sha256 } from '../../core/ports/index.ts'

export const sha256: Sha256 = (data) => createHash('sha256').update(data).digest('hex')

/** sha256 (hex) of a file's content, read as a stream. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
