// How fast this machine trains a student: as told, as measured on a pass of the plan, or as the newest run came to.
import { loraOf } from '../../core/nn/index.ts'
import { passLoads } from '../../core/pipeline/training/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { tokenCost } from '../../shared/tokenCost.ts'
import { benchPass } from '../bench/index.ts'
import type { Project } from '../project/index.ts'
import { listRuns } from '../store/index.ts'
import { baseOf } from './memoryFit.ts'
import { everySettings } from './stagedPlan.ts'
import { readExamples, readMetrics, readRunConfig } from './runFolder.ts'
import { stepsOfRun } from './runPlan.ts'
import type { RateSource } from './simulation.ts'

/** Without a given rate, that of the newest run of the project with this student file, or null. */
export const rateOf = ({ given, project, student }: { given: number | undefined; project: Project; student: string }): RateSource =>
  async () => {
    if (given !== undefined) return { tokensPerSecond: given, of: 'this plan', from: 'given', run: null }
    for (const run of listRuns(project.store)) {
      const plain = run.student.path === student ? plainRate(project.runFolder(run.id)) : null
      if (plain !== null) return { tokensPerSecond: plain, of: 'a plain run', from: 'run', run: run.id }
    }
    return null
  }

/** Tokens of a plain run for each second of this one: what its steps put through the graph, at what its settings cost. */
function plainRate(dir: string): number | null {
  try {
    const config = readRunConfig(dir)
    const metrics = readMetrics(dir)
    const seconds = metrics.reduce((sum, line) => sum + line.seconds, 0)
    if (seconds <= 0) return null
    const examples = readExamples(dir, config.examples)
    const train = examples.filter(({ split }) => split === 'train')
    const [steps, settings] = [stepsOfRun(dir, config, examples), everySettings(config)]
    const cost = metrics.reduce((sum, { step }) => {
      const planned = steps[step - 1]
      return planned ? sum + tokenCost(settings[planned.stage] ?? config.settings) * passLoads(step - 1, planned, train).reduce((all, { tokens }) => all + tokens, 0) : sum
    }, 0)
    return cost > 0 ? cost / seconds : null
  } catch (error) {
    // A damaged run says nothing; another one may.
    if (error instanceof RetortError) return null
    throw error
  }
}

/** Steps that are timed, behind one that is not. */
const PROBE_STEPS = 3

export type Probe = { readonly student: string; readonly cacheDir: string; readonly signal: AbortSignal }

/** Trains on a pass of the plan in a process of its own; nothing of it stays. */
export const probedRate = ({ student, cacheDir, signal }: Probe): RateSource =>
  async (pass) => {
    if (pass === null) return null
    const { sequences, tokens, settings } = pass
    const { recompute, threads } = settings
    const job = { student, cacheDir, sequences, lora: { ...loraOf(settings), dropout: 0 }, recompute, base: baseOf(settings), steps: PROBE_STEPS, threads }
    const { stepSeconds } = await benchPass(job, signal)
    // The probe minimises the cross entropy alone: what else the settings ask for is in their cost.
    const cost = tokens * tokenCost({ recompute, base: baseOf(settings), projectGradients: false, stayClose: 0, teacher: undefined })
    const seconds = stepSeconds.reduce((sum, step) => sum + step, 0) / stepSeconds.length
    return { tokensPerSecond: cost / seconds, of: 'a plain run', from: 'probe', run: null }
  }
