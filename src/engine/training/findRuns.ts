// Runs of a project found again: one that can go on with what is asked for, and the one that made an adapter.
import { isDeepStrictEqual } from 'node:util'
import { RetortError } from '../../shared/errors.ts'
import type { Run } from '../../shared/records/run.ts'
import { sha256File } from '../files/index.ts'
import type { Project } from '../project/index.ts'
import { listRuns } from '../store/index.ts'
import { readRunConfig, runFiles } from './runFolder.ts'
import { fillSettings, type SettingsInput } from './settings.ts'

/** A trainer that dies, or finds the disk full, leaves its checkpoints, and going on may well work: other failures would come again. */
const PASSING = ['trainer-died', 'teacher-died', 'disk-full']

/** What the store keeps of a failure: its code first. */
export const failureText = (error: unknown): string =>
  error instanceof RetortError ? `${error.code}: ${error.message}` : error instanceof Error ? error.message : String(error)

/** Whether going on with a run may well work: it has steps left, and did not fail in a way that would come again. */
export const canGoOn = ({ state, error }: Run): boolean =>
  state === 'failed' ? PASSING.some((code) => error?.startsWith(`${code}: `)) : state !== 'finished'

export type Wanted = { readonly student: string; readonly settings: SettingsInput }

/** The newest run with steps left that has these settings and a student of the same content, or null. */
export async function unfinishedRun(project: Project, { student, settings }: Wanted): Promise<string | null> {
  const wanted = fillSettings(settings)
  const same = (run: Run): boolean => {
    const base = wanted.base === 'auto' ? run.settings.base : wanted.base
    return isDeepStrictEqual(run.settings, { ...wanted, base, context: Math.min(wanted.context, readContext(project, run.id)) })
  }
  const candidates = listRuns(project.store).filter((run) => canGoOn(run) && same(run))
  if (candidates.length === 0) return null
  const sha256 = await sha256File(student)
  return candidates.find((run) => run.student.sha256 === sha256)?.id ?? null
}

/** The context of the run's student; 0, which no settings have, for a run whose folder cannot be used. */
function readContext(project: Project, run: string): number {
  try {
    return readRunConfig(project.runFolder(run)).model.context
  } catch (error) {
    if (error instanceof RetortError) return 0
    throw error
  }
}

/** The held-out share of the run that made this adapter file, or null when the project has no such run. */
export function heldoutOfAdapter(project: Project, adapter: string): number | null {
  const run = listRuns(project.store).find(({ id }) => {
    const files = runFiles(project.runFolder(id))
    return files.adapter === adapter || files.bestAdapter === adapter
  })
  return run?.settings.heldout ?? null
}
