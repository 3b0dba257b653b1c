// The command line in its process: gives the command line its world (streams, signals, clock) and ends with its exit code.
import { readFileSync } from 'node:fs'
import { createEngine } from '../engine/engine.ts'
import { thisMachine } from '../engine/paths.ts'
import { commands } from './commands/index.ts'
import { listenForInterrupt } from './interrupt.ts'
import { runCommandLine } from './run.ts'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

// A reader that closes the pipe (`| head`) is no failure of ours, and must not lose a training run.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

const { signal } = listenForInterrupt({
  process,
  now: () => performance.now(),
  onFirst: () => process.stderr.write('\nstopping ... (Ctrl-C again kills)\n'),
  kill: () => process.exit(1),
})

const code = await runCommandLine(process.argv.slice(2), commands, {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  engine: createEngine({ machine: thisMachine(), cwd: process.cwd() }),
  signal,
  now: () => performance.now(),
  version: manifest.version,
})

// Pipes are written asynchronously: wait for them, then end, whatever native threads still wait for work.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))))
process.exit(code)
