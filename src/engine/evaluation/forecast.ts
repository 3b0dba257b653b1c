// What a project has measured of a student, by which a ladder that is not begun can be told.
import { forecastOf, type Measured } from '../../core/evaluation/index.ts'
import type { LadderForecast } from '../../shared/contract/evaluating.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Ladder, LadderSpec } from '../../shared/records/ladder.ts'
import type { Run } from '../../shared/records/run.ts'
import { type CostSettings, tokenCost } from '../../shared/tokenCost.ts'
import { isProjectFolder, openProject } from '../project/index.ts'
import { listRuns } from '../store/index.ts'
import { figuresOf, readMetrics, runFolderOf } from '../training/index.ts'
import { listEvaluations } from './folder.ts'
import { frozen } from './frozen.ts'
import { listLadders } from './ladderFolder.ts'

/** Several tasks are worked at side by side: the time of a few says little. */
const FEWEST_TASKS = 5

/** By trainings of this student's file in the project, and its evaluations on the suite; null where they tell nothing. `but`: a ladder that does not count. */
export function forecastLadder(project: string, spec: LadderSpec, but: string | null = null): LadderForecast | null {
  const whole = frozen(spec)
  const ladders = listLadders(project).filter((ladder) => ladder.spec.student === spec.student && ladder.id !== but)
  const measured: Measured = {
    trainings: [...runTimes(project, spec.student), ...ladders.flatMap(rungTimes)],
    evaluations: listEvaluations(project).flatMap(({ spec: { suite, solver, prompting, sag }, summary, ladder }) =>
      suite !== spec.suite || solver.type !== 'local' || solver.student !== spec.student || summary.seconds === null || summary.tasks < FEWEST_TASKS || (ladder !== null && ladder.id === but)
        ? []
        : [{ prompting, samples: sag?.samples ?? 1, adapted: solver.adapter !== null, seconds: summary.seconds }],
    ),
    // What a teacher took that is a model says nothing of another one.
    besides: ladders.filter((ladder) => ladder.spec.suite === spec.suite && ladder.spec.teacher === null).flatMap(besidesOf),
  }
  return forecastOf({ spec: whole, cost: costOf, measured })
}

const PLAIN: CostSettings = { recompute: false, base: 'auto', projectGradients: false, stayClose: 0, teacher: undefined }

type Given = { readonly [Name in keyof CostSettings]?: CostSettings[Name] | undefined }

const costOf = (settings: Given): number => tokenCost({ ...PLAIN, ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) })

/** Seconds for a token of data and pass, of each run that has trained. */
function runTimes(folder: string, student: string): number[] {
  if (!isProjectFolder(folder)) return []
  const project = openProject(folder, { create: false })
  const timeOf = ({ id, settings }: Run): number[] => {
    try {
      const { tokens, seconds } = figuresOf(readMetrics(runFolderOf(project, id)))
      return tokens > 0 && seconds > 0 ? [seconds / tokens / costOf(settings)] : []
    } catch (error) {
      // A damaged run says nothing; another one may.
      if (error instanceof RetortError) return []
      throw error
    }
  }
  try {
    return listRuns(project.store).filter((run) => run.student.path === student).flatMap(timeOf)
  } finally {
    project.dispose()
  }
}

const rungTimes = ({ spec, rungs }: Ladder): number[] =>
  rungs.flatMap(({ arm, trained }) => {
    const train = spec.arms.find(({ name }) => name === arm)?.train
    const settings = { ...spec.settings, ...train?.settings }
    // Those that train by a plan pass over their data in another way.
    return trained && trained.tokens > 0 && trained.seconds > 0 && train && !train.plan ? [trained.seconds / trained.tokens / (settings.epochs ?? 1) / costOf(settings)] : []
  })

/** Of rungs that are done and know what they took. */
const besidesOf = ({ rungs, rationale }: Ladder): Measured['besides'] =>
  rungs.flatMap(({ arm, seed, state, seconds, trained, evaluations }) => {
    if (state !== 'done' || seconds === 0) return []
    const working = evaluations.reduce((sum, { summary }) => sum + (summary.seconds ?? 0) * summary.tasks, 0)
    const weighed = rationale.some((row) => row.arm === arm && row.seed === seed)
    return [{ trained: trained !== null, weighed, tokens: trained?.tokens ?? null, seconds: Math.max(0, seconds - working - (trained?.seconds ?? 0)) }]
  })
