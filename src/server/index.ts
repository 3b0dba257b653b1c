// The web host: shows the built window in a browser of this machine.
import { resolve } from 'node:path'
import { serveFolder } from './staticFiles.ts'

const port = Number(process.env['RETORT_PORT'] ?? 4310)
const host = await serveFolder({ folder: resolve(import.meta.dirname, '../../out/renderer'), port })
process.stdout.write(`Retort is shown at ${host.url} (this machine only; Ctrl-C ends it)\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void host.close())
