// Entry of the engine's process: serves the contract on every connection that the shell hands over.
import '../runtime/noTelemetry.ts'
import { createRouterClient, ORPCError } from '@orpc/server'
import { errorParts, type RetortErrorParts } from '../../shared/errors.ts'
import { knownError } from '../files/index.ts'
import { carriedWires, parentKeychain, type ParentKeychain } from '../host/engineSide.ts'
import { openParentLink } from '../host/parentLink.ts'
import type { EngineStart } from '../host/protocol.ts'
import { thisMachine } from '../paths.ts'
import { createService, portWire, serveWires, type Service, type Wire } from '../service/index.ts'

/** Less than the shell waits; trainers that are still saving then go on by themselves. */
const DISPOSE_MS = 25_000

const parent = openParentLink()
const wires = carriedWires(parent)
let running: { service: Service; keychain: ParentKeychain; serve: (wire: Wire) => void } | null = null
let ending = false

async function start({ version, project, keychain: kind }: EngineStart): Promise<void> {
  try {
    const keychain = parentKeychain(parent, kind)
    const service = createService({ machine: thisMachine(), cwd: process.cwd(), version, keychain })
    running = { service, keychain, serve: serveWires(service) }
    if (project !== null) {
      const api = createRouterClient(service.router, { context: service.world })
      await api.projects.open({ folder: project, create: false })
    }
    await parent.send({ type: 'ready' })
  } catch (error) {
    await refuse(error)
  }
}

/** What the shell can tell its user ends here; anything else is a bug and ends the process with its stack. */
async function refuse(error: unknown): Promise<void> {
  const known = knownError(error)
  const called = error instanceof ORPCError && error.code === 'RETORT' ? (error.data as RetortErrorParts) : null
  const parts = known ? errorParts(known) : called
  if (!parts) throw error
  await parent.send({ type: 'failed', error: parts })
  process.exit(1)
}

async function end(): Promise<void> {
  if (ending) return
  ending = true
  const limit = setTimeout(() => {
    process.stderr.write('retort: the engine took too long to stop and ends now; trainings save themselves\n')
    process.exit(1)
  }, DISPOSE_MS)
  wires.closeAll()
  await running?.service.dispose()
  clearTimeout(limit)
  process.exit(0)
}

parent.onMessage((message, ports) => {
  switch (message.type) {
    case 'start':
      return void start(message.start)
    case 'open':
      return running?.serve(wires.open(message.id))
    case 'frame':
      return wires.deliver(message.id, message.frame)
    case 'close':
      return wires.close(message.id)
    case 'port':
      return ports.forEach((port) => running?.serve(portWire(port)))
    case 'keychain-answer':
      return running?.keychain.answer(message)
    case 'ask-activity':
      return void parent.send({ type: 'activity', training: running?.service.world.runs.busy() ?? false })
    case 'shutdown':
      return void end()
  }
})
parent.onGone(() => void end())
process.on('SIGTERM', () => void end())
// Ctrl-C and a closed terminal reach the whole group; the shell decides what they mean, or is gone.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
