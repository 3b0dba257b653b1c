// sha256 by node:crypto, of values and of whole files.
import { createHash, hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Sha256 } from '../../core/ports/index.ts'

export const sha256: Sha256 = (data) => hash('sha256', data, 'hex')

/** sha256 (hex) of a file's content, read as a stream. */
export async function sha256File(path: string): Promise<string> {
  const whole = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) whole.update(chunk as Uint8Array)
  return whole.digest('hex')
}
