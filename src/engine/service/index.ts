// The service: the contract fulfilled by the engine, for every shell that has a page.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { AppEvent } from '../../shared/contract/routes/app.ts'
import { createVoices } from '../chat/index.ts'
import { createEngine } from '../engine.ts'
import { openLibrary } from '../models/index.ts'
import { appFolders, studentFolders, type Machine } from '../paths.ts'
import { openProviders } from '../providers/index.ts'
import { app } from './app.ts'
import { asking } from './asking.ts'
import { os } from './base.ts'
import { createBroadcast } from './broadcast.ts'
import { chat } from './chat.ts'
import { curation } from './curation.ts'
import { createCurationDesk } from './curationDesk.ts'
import { curriculum } from './curriculum.ts'
import { createEvaluationDesk, createLadderDesk } from './evaluationDesk.ts'
import { evaluations } from './evaluations.ts'
import { createExportDesk } from './exportDesk.ts'
import { createImportDesk } from './importDesk.ts'
import { createMaskDesk } from './maskDesk.ts'
import { mcp } from './mcp.ts'
import { createMcpDesk } from './mcpDesk.ts'
import { models } from './models.ts'
import { createProjectPool } from './projectPool.ts'
import { projects } from './projects.ts'
import { createRolloutDesk } from './rolloutDesk.ts'
import { rollouts } from './rollouts.ts'
import { createRunDesk } from './runDesk.ts'
import { runs } from './runs.ts'
import { openSettings } from './settingsFile.ts'
import { createTeachDesk } from './teachDesk.ts'
import { teachers } from './teachers.ts'
import { trajectories } from './trajectories.ts'
import type { Keychain, World } from './world.ts'

export type { Keychain } from './world.ts'
export { portWire, serveWires, type PortLike, type Wire } from './wire.ts'

const router = os.router({ app, projects, trajectories, curation, curriculum, teachers, asking, rollouts, runs, evaluations, models, chat, mcp })
export type Router = typeof router

export type Service = {
  readonly router: Router
  /** The context that the router's handlers want. */
  readonly world: World
  /** Ends subscriptions, stops and saves trainings, closes projects. */
  dispose(): Promise<void>
}

export function createService(options: { machine: Machine; cwd: string; version: string; keychain: Keychain }): Service {
  const { machine, cwd, version, keychain } = options
  const { data } = appFolders(machine)
  const settings = openSettings(data)
  const changed = createBroadcast<AppEvent>()
  const voices = createVoices({ threads: () => settings.get().threads })
  const desk = createRunDesk({ machine, changed, makeRoom: () => voices.release() })
  const world: World = {
    machine,
    version,
    keychain,
    engineId: randomUUID(),
    engine: createEngine({ machine, cwd }),
    settings,
    projects: createProjectPool(),
    library: openLibrary({ list: join(data, 'models.json'), folders: studentFolders(machine) }),
    voices,
    providers: openProviders({ folder: data, keys: keychain, env: machine.env }),
    mcp: createMcpDesk({ data, home: machine.home }),
    masks: createMaskDesk(),
    changed,
    curations: createCurationDesk(),
    imports: createImportDesk({ machine, changed }),
    runs: desk,
    teaching: createTeachDesk(),
    rollouts: createRolloutDesk(),
    evaluations: createEvaluationDesk(),
    ladders: createLadderDesk(),
    exports: createExportDesk({ machine, changed, preparation: desk.preparation }),
  }
  return {
    router,
    world,
    dispose: async () => {
      world.changed.end()
      await world.imports.dispose()
      await world.curations.dispose()
      await world.exports.dispose()
      await world.teaching.dispose()
      await world.rollouts.dispose()
      await world.evaluations.dispose()
      await world.ladders.dispose()
      await world.runs.dispose()
      await world.mcp.dispose()
      await world.voices.dispose()
      await world.masks.dispose()
      world.projects.dispose()
    },
  }
}
