// A box's own server, run here over this process's stdin and stdout.
import { spawn } from 'node:child_process'
import { nodeEnvironment } from '../workers/forkWorker.ts'
import { boxServerWords } from './folder.ts'

/** Until the client closes stdin, or the signal. Throws RetortError `bad-box`. */
export function serveBox(folder: string, signal: AbortSignal): Promise<void> {
  const [program = '', ...given] = boxServerWords(folder)
  return new Promise((resolve, reject) => {
    const child = spawn(program, given, { stdio: 'inherit', env: nodeEnvironment() })
    const stop = (): void => void child.kill()
    signal.addEventListener('abort', stop, { once: true })
    child.once('error', reject)
    child.once('exit', () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
  })
}
