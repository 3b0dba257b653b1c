// Handlers of the app surface.
import { availableParallelism, totalmem } from 'node:os'
import { appFolders } from '../paths.ts'
import { os } from './base.ts'
import { providerHandlers } from './providerInstall.ts'
import { viewFolder } from './folderView.ts'

export const app = os.app.router({
  info: os.app.info.handler(({ context: { machine, version, engineId, keychain, settings, providers, library } }) => {
    const { data, models } = appFolders(machine)
    return {
      version,
      platform: machine.platform,
      node: process.version,
      dataFolder: data,
      modelsFolder: models,
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      keyring: { kind: keychain.kind, notice: keychain.notice },
      engineId,
      notices: [settings, providers, library].flatMap((file) => [...file.notices()]),
    }
  }),
  doctor: os.app.doctor.handler(({ context, signal }) =>
    context.engine.examineMachine(signal ?? new AbortController().signal),
  ),
  providers: providerHandlers,
  settings: {
    get: os.app.settings.get.handler(({ context }) => context.settings.get()),
    set: os.app.settings.set.handler(({ context, input }) => {
      const settings = context.settings.set(input)
      context.changed.send({ type: 'settings' })
      return settings
    }),
  },
  events: os.app.events.handler(async function* ({ context, signal }) {
    const events = context.changed.listen(signal)
    try {
      yield { type: 'engine', engineId: context.engineId }
      yield* events
    } finally {
      await events.return()
    }
  }),
  folder: os.app.folder.handler(({ context, input }) => viewFolder({ ...input, machine: context.machine })),
})
