// What every request must fulfil before anything is looked at: the right Host, and the Origin of the host's own page.
import type { IncomingMessage } from 'node:http'
import { pageHeaders } from '../shared/pageFiles.ts'

export const ADDRESS = '127.0.0.1'

/**
 * The status to refuse with, or null. A foreign name that resolves to this machine (DNS rebinding) comes with its own
 * Host; another site's page, also one of another port of this machine, with its own Origin. What changes something
 * must name its Origin: browsers always do then.
 */
export function refusalOf(request: IncomingMessage, port: number): 403 | 421 | null {
  const { host, origin } = request.headers
  if (host !== `${ADDRESS}:${port}` && host !== `localhost:${port}`) return 421
  const reading = (request.method === 'GET' || request.method === 'HEAD') && request.headers.upgrade === undefined
  if (origin === undefined) return reading ? null : 403
  return origin === `http://${host}` ? null : 403
}

/** On every answer. `connect-src` names the sockets too: older browsers do not count them to 'self'. */
export const securityHeaders = (port: number): Readonly<Record<string, string>> => ({
  ...pageHeaders([`ws://${ADDRESS}:${port}`, `ws://localhost:${port}`]),
  'cross-origin-embedder-policy': 'require-corp',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
})
