// Requests to an endpoint: the key goes to its own origin only, redirects are not followed, answers have a largest size.
import { RetortError } from '../../shared/errors.ts'
import { assertBaseUrl, type Endpoint } from './endpoint.ts'
import { LIMITS, limitedBody, type Limits } from './limitedBody.ts'

type KeyHeader = (key: string) => Readonly<Record<string, string>>

/** Per kind of endpoint: the headers that carry the key. */
const KEY_HEADERS: { readonly [K in Endpoint['kind']]: KeyHeader } = {
  'openai-compatible': (key) => ({ authorization: `Bearer ${key}` }),
  anthropic: (key) => ({ 'x-api-key': key }),
}

type GuardedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** A `fetch` for one endpoint. The key is added here and is known to no library above. `onBytes`: told of every piece of an answer, whatever it holds. */
export function guardedFetch(endpoint: Endpoint, limits: Limits = LIMITS, onBytes?: () => void): GuardedFetch {
  const base = assertBaseUrl(endpoint.baseUrl)
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.origin !== base.origin) throw new Error(`a request to ${url.origin} with the endpoint ${base.origin}`)
    const headers = new Headers(init.headers)
    for (const name of ['authorization', 'x-api-key']) headers.delete(name)
    if (endpoint.key !== null) for (const [name, value] of Object.entries(KEY_HEADERS[endpoint.kind](endpoint.key))) headers.set(name, value)
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    if (response.status < 300 || response.status >= 400) return limitedBody(response, limits, onBytes)
    const to = response.headers.get('location')
    await response.body?.cancel()
    throw new RetortError({
      code: 'endpoint-redirects',
      message: 'the endpoint sends requests elsewhere, and they are not followed with a key',
      where: `${url.origin}${url.pathname}`,
      found: `status ${response.status}${to === null ? '' : ` to ${targetOf(to, url)}`}`,
      expected: 'an answer',
      advice: 'if that address is right, make it the base URL',
    })
  }
}

/** Without query: it may hold what is not to be shown. */
function targetOf(location: string, from: URL): string {
  if (!URL.canParse(location, from.href)) return 'no valid address'
  const { origin, pathname } = new URL(location, from.href)
  return `${origin}${pathname}`
}
