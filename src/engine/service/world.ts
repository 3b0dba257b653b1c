// What the handlers of the service share: the engine, the app's settings, open projects, and word of what changed.
import type { AppEvent } from '../../shared/contract/routes/app.ts'
import type { Voices } from '../chat/index.ts'
import type { Engine } from '../engine.ts'
import type { Library } from '../models/index.ts'
import type { Machine } from '../paths.ts'
import type { Providers } from '../providers/index.ts'
import type { Broadcast } from './broadcast.ts'
import type { CurationDesk } from './curationDesk.ts'
import type { EvaluationDesk, LadderDesk } from './evaluationDesk.ts'
import type { ExportDesk } from './exportDesk.ts'
import type { ImportDesk } from './importDesk.ts'
import type { McpDesk } from './mcpDesk.ts'
import type { MaskDesk } from './maskDesk.ts'
import type { ProjectPool } from './projectPool.ts'
import type { RolloutDesk } from './rolloutDesk.ts'
import type { RunDesk } from './runDesk.ts'
import type { SettingsFile } from './settingsFile.ts'
import type { TeachDesk } from './teachDesk.ts'

/** Port: where the shell keeps secret keys; the system's keyring, or the memory of this session. */
export type Keychain = {
  readonly kind: 'system' | 'session'
  /** What a user must know about it, or null. */
  readonly notice: string | null
  get(id: string): Promise<string | null>
  /** null takes the key away. */
  set(id: string, key: string | null): Promise<void>
}

export type World = {
  readonly machine: Machine
  readonly version: string
  /** Another one after each start. */
  readonly engineId: string
  readonly engine: Engine
  readonly keychain: Keychain
  readonly settings: SettingsFile
  /** Projects stay open while the service runs. */
  readonly projects: ProjectPool
  /** Students and adapters of this machine. */
  readonly library: Library
  /** Students that answer. */
  readonly voices: Voices
  readonly providers: Providers
  /** MCP servers that the user has named, and those that run. */
  readonly mcp: McpDesk
  /** Trajectories as a student's tokens. */
  readonly masks: MaskDesk
  readonly changed: Broadcast<AppEvent>
  /** Imports, which go on without a page. */
  readonly imports: ImportDesk
  /** Curations, which go on without a page. */
  readonly curations: CurationDesk
  /** Training, which goes on without a page. */
  readonly runs: RunDesk
  /** The making of teachers' distributions, which goes on without a page. */
  readonly teaching: TeachDesk
  /** The making of teachers' episodes, which goes on without a page. */
  readonly rollouts: RolloutDesk
  /** Evaluations of students, which go on without a page. */
  readonly evaluations: EvaluationDesk
  /** Ladders of students, which go on without a page. */
  readonly ladders: LadderDesk
  /** Exports, which go on without a page. */
  readonly exports: ExportDesk
}
