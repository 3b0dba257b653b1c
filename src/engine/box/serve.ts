// A box's own server, run here over this process's stdin and stdout.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { nodeEnvironment } from '../workers/forkWorker.ts'
import { readBox, SERVER_FILE } from './folder.ts'

/** Until the client closes stdin, or the signal. Throws RetortError `bad-box`. */
export function serveBox(folder: string, signal: AbortSignal): Promise<void> {
  readBox(folder)
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-warnings', join(folder, SERVER_FILE)], { stdio: 'inherit', env: nodeEnvironment() })
    const stop = (): void => void child.kill()
    signal.addEventListener('abort', stop, { once: true })
    child.once('error', reject)
    child.once('exit', () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
  })
}
