// An endpoint that can be asked: a provider with its key, at an address that may be used.
import type { Provider } from '../../shared/contract/routes/chat.ts'
import { RetortError } from '../../shared/errors.ts'

export type Endpoint = Provider & { readonly key: string | null }

/** https to any machine, http only to this one. Throws RetortError `unsafe-endpoint`. */
export function assertBaseUrl(text: string): URL {
  const url = new URL(text)
  const refuse = (found: string, expected: string): never => {
    throw new RetortError({ code: 'unsafe-endpoint', message: 'this address is not used', where: `${url.origin}${url.pathname}`, found, expected })
  }
  if (url.username !== '' || url.password !== '') refuse('a name or password in the address', 'the key in its own field')
  if (url.search !== '' || url.hash !== '') refuse('a query or fragment in the address', 'an address that ends in a path, such as https://host/v1')
  if (url.protocol === 'https:') return url
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return url
  return refuse(`${url.protocol}//${url.hostname}`, 'https, or http to this machine (localhost, 127.0.0.1, [::1])')
}

/** RFC 6761 (localhost), RFC 1122 (127/8), RFC 4291 (::1). URL has already brought every spelling of an address into one. */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

export type NamedEndpoint = Partial<Pick<Provider, 'kind' | 'prefill'>> & {
  readonly url: string
  /** Variable of the environment that holds the key; undefined: there is none. */
  readonly keyVariable: string | undefined
}

/** One that is in no settings: by its address. OpenAI-compatible where nothing else is said. Throws RetortError `unsafe-endpoint`, `key-missing`. */
export function namedEndpoint({ url, keyVariable, kind = 'openai-compatible', prefill }: NamedEndpoint, env: Readonly<Record<string, string | undefined>>): Endpoint {
  if (!URL.canParse(url)) throw new RetortError({ code: 'unsafe-endpoint', message: 'this is no address', found: url, expected: 'one such as http://127.0.0.1:8000/v1' })
  const { hostname } = assertBaseUrl(url)
  const key = keyVariable === undefined ? null : env[keyVariable]?.trim() || null
  if (keyVariable !== undefined && key === null) {
    throw new RetortError({ code: 'key-missing', message: 'there is no key', where: `environment variable ${keyVariable}`, found: 'no value', expected: 'the key of the endpoint' })
  }
  const id = hostname.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40) || 'endpoint'
  return { id, name: hostname, kind, baseUrl: url.replace(/\/+$/, ''), models: [], ...(prefill === undefined ? {} : { prefill }), key }
}
