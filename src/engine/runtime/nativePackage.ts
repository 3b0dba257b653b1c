// Where onnxruntime-node lies and which version it is, without loading it.
import { createRequire } from 'node:module'

export const BINDING = 'onnxruntime_binding.node'

const packageRequire = (): NodeJS.Require => createRequire(createRequire(import.meta.url).resolve('onnxruntime-node'))

/** The binding that comes along; in the packaged app a path inside the archive, which Node under Electron maps to a real file. */
export const bundledBinding = (): string =>
  packageRequire().resolve(`../bin/napi-v6/${process.platform}/${process.arch}/${BINDING}`)

/** The package's version, which a provider library has to have too. */
export const onnxRuntimeVersion = (): string => (packageRequire()('../package.json') as { version: string }).version
