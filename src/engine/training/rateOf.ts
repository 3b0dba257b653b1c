// How fast this machine trains a student: as told, as measured on a pass of the plan, or as the newest run came to.
import { loraOf } from '../../core/nn/index.ts'
import { benchPass } from '../bench/index.ts'
import type { Project } from '../project/index.ts'
import { baseOf } from './memoryFit.ts'
import { runRows } from './runRows.ts'
import type { RateSource } from './simulation.ts'

/** Without a given rate, that of the newest run of the project with this student file, or null. */
export const rateOf = ({ given, project, student }: { given: number | undefined; project: Project; student: string }): RateSource =>
  async () => {
    if (given !== undefined) return { tokensPerSecond: given, from: 'given', run: null }
    const run = runRows(project).find((row) => row.student.path === student && row.tokensPerSecond !== null)
    return run ? { tokensPerSecond: run.tokensPerSecond!, from: 'run', run: run.id } : null
  }

/** Steps that are timed, behind one that is not. */
const PROBE_STEPS = 3

export type Probe = { readonly student: string; readonly cacheDir: string; readonly signal: AbortSignal }

/** Trains on a pass of the plan in a process of its own; nothing of it stays. */
export const probedRate = ({ student, cacheDir, signal }: Probe): RateSource =>
  async (pass) => {
    if (pass === null) return null
    const { ids, supervised, settings } = pass
    const { recompute, threads } = settings
    const last = supervised.lastIndexOf(true)
    const job = { student, cacheDir, sequences: [{ ids: ids.slice(0, last + 1), supervised: supervised.slice(0, last + 1) }], lora: { ...loraOf(settings), dropout: 0 }, recompute, base: baseOf(settings), steps: PROBE_STEPS, threads }
    const { tokensPerSecond } = await benchPass(job, signal)
    return { tokensPerSecond, from: 'probe', run: null }
  }
