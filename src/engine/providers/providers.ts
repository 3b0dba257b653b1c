// Endpoints that the user has named: where they are and what they offer; their keys lie in the keychain, never in a file.
import { join } from 'node:path'
import { z } from 'zod'
import { type Provider, type ProviderRow, providerSchema } from '../../shared/contract/routes/chat.ts'
import { RetortError } from '../../shared/errors.ts'
import { openKeptFile } from '../files/index.ts'
import { assertBaseUrl, type Endpoint } from './endpoint.ts'

/** Port: where secret keys are kept. */
type KeyStore = {
  readonly kind: 'system' | 'session'
  get(id: string): Promise<string | null>
  set(id: string, key: string | null): Promise<void>
}

export type Providers = {
  list(): Promise<ProviderRow[]>
  /** Adds it, or replaces the one of its id. Throws RetortError `unsafe-endpoint` for http to another machine. */
  put(provider: Provider): Promise<void>
  /** Its key goes too. */
  remove(id: string): Promise<void>
  /** An empty key takes it away. */
  setKey(id: string, key: string): Promise<void>
  /** Throws RetortError `no-such-provider`. */
  endpoint(id: string): Promise<Endpoint>
  /** One that is not kept yet, or is being changed; a key that is kept goes to its own address only. Throws RetortError `unsafe-endpoint`. */
  draft(of: { readonly provider: Provider; readonly key: string }): Promise<Endpoint>
  /** What of the file could not be read. */
  notices(): readonly string[]
}

const fileSchema = z.object({ providers: z.array(providerSchema) })

type ProvidersInput = {
  /** Folder of the app's data. */
  readonly folder: string
  readonly keys: KeyStore
  readonly env: Readonly<Record<string, string | undefined>>
}

export function openProviders({ folder, keys, env }: ProvidersInput): Providers {
  const path = join(folder, 'providers.json')
  const file = openKeptFile({ path, empty: { providers: [] }, parse: (json) => ({ value: fileSchema.parse(json), lost: [] }) })

  const keep = (step: (now: Provider[]) => Provider[]): void => void file.change(({ providers }) => ({ providers: step(providers) }))
  const find = (id: string): Provider => {
    const { providers } = file.get()
    const provider = providers.find((known) => known.id === id)
    if (provider) return provider
    const ids = providers.map((known) => known.id).join(', ')
    throw new RetortError({ code: 'no-such-provider', message: 'there is no such provider', found: id, expected: ids === '' ? 'one that was added' : `one of ${ids}` })
  }
  /** A key that was set here comes before the environment's. */
  const keyOf = async (id: string): Promise<{ key: string | null; source: ProviderRow['keySource'] }> => {
    const own = await keys.get(keyName(id))
    if (own !== null && own !== '') return { key: own, source: keys.kind === 'system' ? 'keyring' : 'session' }
    const inherited = env[environmentVariable(id)]?.trim()
    return inherited ? { key: inherited, source: 'environment' } : { key: null, source: 'none' }
  }
  return {
    list: () =>
      Promise.all(
        file.get().providers.map(async (provider) => ({
          ...provider,
          keySource: (await keyOf(provider.id)).source,
          environmentVariable: environmentVariable(provider.id),
        })),
      ),
    async put(given) {
      const provider = { ...given, baseUrl: given.baseUrl.replace(/\/+$/, '') }
      const url = assertBaseUrl(provider.baseUrl)
      const before = file.get().providers.find(({ id }) => id === provider.id)
      // A key belongs to the endpoint it was given for: a file or page that changes the address must not take it along.
      if (before && new URL(before.baseUrl).origin !== url.origin) await keys.set(keyName(provider.id), null)
      keep((now) => {
        const known = now.some(({ id }) => id === provider.id)
        return known ? now.map((each) => (each.id === provider.id ? provider : each)) : [...now, provider]
      })
    },
    async remove(id) {
      find(id)
      await keys.set(keyName(id), null)
      keep((now) => now.filter((known) => known.id !== id))
    },
    async setKey(id, key) {
      find(id)
      await keys.set(keyName(id), key.trim() === '' ? null : key.trim())
    },
    notices: file.notices,
    endpoint: async (id) => ({ ...find(id), key: (await keyOf(id)).key }),
    async draft({ provider, key }) {
      const baseUrl = provider.baseUrl.replace(/\/+$/, '')
      const { origin } = assertBaseUrl(baseUrl)
      const before = file.get().providers.find(({ id }) => id === provider.id)
      const same = before === undefined || new URL(before.baseUrl).origin === origin
      return { ...provider, baseUrl, key: key.trim() !== '' ? key.trim() : same ? (await keyOf(provider.id)).key : null }
    },
  }
}

const keyName = (id: string): string => `provider:${id}`

/** RETORT_KEY_<ID>, in capitals, with underscores. */
const environmentVariable = (id: string): string => `RETORT_KEY_${id.toUpperCase().replaceAll('-', '_')}`
