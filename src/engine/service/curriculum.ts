// Handlers of the curriculum surface.
import { proposePlan, readPlan } from '../../core/pipeline/curriculum/index.ts'
import { appFolders } from '../paths.ts'
import { listPlans, loadPlan, removePlan, savePlan } from '../project/index.ts'
import type { SettingsInput } from '../training/index.ts'
import { os } from './base.ts'
import { createBroadcast } from './broadcast.ts'
import { appDefaults } from './runDefaults.ts'
import type { World } from './world.ts'

type Progress = { readonly phase: 'masking' | 'scoring'; readonly done: number; readonly total: number }
type Watch = { readonly onProgress: (done: number, total: number, phase: Progress['phase']) => void; readonly signal: AbortSignal }

/** Progress while the work is done; yields its result. Leaving the stream ends the work. */
async function* withProgress<Result>(
  work: (watch: Watch) => Promise<Result>,
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<{ type: 'progress' } & Progress, Result, undefined> {
  const progress = createBroadcast<Progress>()
  const events = progress.listen(signal)
  const made = work({ onProgress: (done, total, phase) => progress.send({ phase, done, total }), signal }).finally(() => progress.end())
  // Awaited below, unless the page leaves before.
  made.catch(() => {})
  for await (const event of events) yield { type: 'progress', ...event }
  return await made
}

type Wanted = { readonly project: string; readonly student: string; readonly settings: SettingsInput }

const requestOf = (world: World, { project, student, settings }: Wanted) => ({
  project: world.projects.get(project).folder,
  student,
  settings: { ...appDefaults(), ...settings },
  cacheDir: appFolders(world.machine).cache,
})

export const curriculum = os.curriculum.router({
  histogram: os.curriculum.histogram.handler(async function* ({ context, input, signal }) {
    const { complexity, bins } = input
    const request = { ...requestOf(context, input), complexity, bins }
    const report = yield* withProgress((watch) => context.runs.preparation.complexity(request, watch), signal)
    yield { type: 'report', report }
  }),
  propose: os.curriculum.propose.handler(({ input }) => proposePlan(input)),
  validate: os.curriculum.validate.handler(({ input }) => {
    const { plan, problems } = readPlan(input.plan)
    return { plan, problems: [...problems] }
  }),
  simulate: os.curriculum.simulate.handler(async function* ({ context, input, signal }) {
    const { plan, tokensPerSecond } = input
    const request = { ...requestOf(context, input), plan, tokensPerSecond }
    const simulation = yield* withProgress((watch) => context.runs.preparation.simulate(request, watch), signal)
    yield { type: 'simulation', simulation }
  }),
  plans: {
    list: os.curriculum.plans.list.handler(({ context, input }) => listPlans(context.projects.get(input.project).folder)),
    load: os.curriculum.plans.load.handler(({ context, input }) => loadPlan(context.projects.get(input.project).folder, input.id)),
    save: os.curriculum.plans.save.handler(({ context, input: { project, ...saved } }) => savePlan(context.projects.get(project).folder, saved)),
    remove: os.curriculum.plans.remove.handler(({ context, input }) => {
      removePlan(context.projects.get(input.project).folder, input.id)
      return {}
    }),
  },
})
