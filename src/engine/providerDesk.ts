// Where training can run on this machine, asked and arranged through the app's folders.
import type { InstallProgress, ProvidersReport } from '../shared/contract/providers.ts'
import type { Compute, ProviderChoice, ProviderName } from '../shared/records/provider.ts'
import { appFolders, type Machine } from './paths.ts'
import { chooseProvider, fastest, type Choosing } from './runtime/providers/choose.ts'
import { examineProviders, type Examination } from './runtime/providers/examine.ts'
import { installable, installCuda, removeCuda } from './runtime/providers/install.ts'

export type ProviderWatch = { readonly onTest?: (name: ProviderName) => void; readonly signal: AbortSignal }
export type ProviderQuestion = ProviderWatch & { readonly compute?: Compute; readonly fresh?: boolean }
/** What the run that it is for needs, and who is told when a faster one lacks it. */
export type ProviderSearch = ProviderQuestion & Pick<Choosing, 'needs' | 'onPassedOver'>
export type ProviderInstall = { readonly onProgress: (progress: InstallProgress) => void; readonly signal: AbortSignal }

const examination = (machine: Machine, question: ProviderQuestion): Examination => {
  const { data, cache } = appFolders(machine)
  return { ...question, dataFolder: data, cacheDir: cache, env: machine.env }
}

/** Self-tests of all providers, those that were made before included. */
export async function reportProviders(machine: Machine, question: ProviderQuestion): Promise<ProvidersReport> {
  const providers = await examineProviders(examination(machine, question))
  return { fastest: fastest(providers), providers, installable: installable(appFolders(machine).data) }
}

/** The provider that a choice means here. Throws RetortError `provider-unusable`. */
export const pickProvider = (machine: Machine, choice: ProviderChoice, search: ProviderSearch): Promise<ProviderName> =>
  chooseProvider(choice, { ...search, ...examination(machine, search) })

/** Fetches ONNX Runtime's CUDA libraries, then tests the provider. */
export async function installProvider(machine: Machine, { onProgress, signal }: ProviderInstall): Promise<ProvidersReport> {
  await installCuda({ dataFolder: appFolders(machine).data, onProgress, signal })
  return reportProviders(machine, { signal })
}

/** Takes them away again. */
export async function removeProvider(machine: Machine, watch: ProviderWatch): Promise<ProvidersReport> {
  removeCuda(appFolders(machine).data)
  return reportProviders(machine, watch)
}
