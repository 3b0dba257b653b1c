// The composition root: what every shell calls. Each part is loaded when it is first asked for, so that `list` loads no
// native library and `doctor` runs where one is broken.
// Long because it is one table: every call of a shell, its type and its row.
import { DEFAULT_HELDOUT, heldOut } from '../core/pipeline/task/index.ts'
import type { CurateReport } from '../shared/contract/curating.ts'
import type { DoctorReport } from '../shared/contract/doctor.ts'
import type { ImportBench, ImportReport } from '../shared/contract/importing.ts'
import type { MaskView } from '../shared/contract/masking.ts'
import type { Installable, ProvidersReport } from '../shared/contract/providers.ts'
import type { ScoreReport } from '../shared/contract/scoring.ts'
import type { TeacherReport } from '../shared/contract/teaching.ts'
import type { PretrainReport } from '../shared/contract/pretraining.ts'
import type { PretrainJob, PretrainRequest, PretrainWatch } from './pretraining/index.ts'
import type { ExportReport, ExportTarget, MergedType } from '../shared/contract/exporting.ts'
import type { Damaged } from '../shared/contract/damaged.ts'
import type { BoxBench, Verification } from '../shared/contract/box.ts'
import type { BenchReport, RunDetail, RunRow, TrainSummary, Which } from '../shared/contract/training.ts'
import type { ComplexityReport, Simulation } from '../shared/contract/planning.ts'
import type { AgentEvent } from '../shared/records/episode.ts'
import type { Comparison, EvaluationReport, EvaluationWish, LadderForecast, LadderReport, LadderWish } from '../shared/contract/evaluating.ts'
import type { Accepted, AskEstimate, AskEvent } from '../shared/contract/asking.ts'
import type { RolloutEstimate, RolloutReport, RolloutRow } from '../shared/contract/rollouts.ts'
import type { BudgetChange } from '../shared/records/rollout.ts'
import type { SuiteName, SuiteTask, TaskPlace, TaskSplit } from '../shared/records/suite.ts'
import type { ExpertReport, SuiteList, SuiteTasks } from '../shared/contract/suites.ts'
import type { TrajectoryFilter } from '../shared/contract/routes/trajectories.ts'
import type { ShownTrajectory, TrajectoryRow } from '../shared/contract/trajectories.ts'
import type { Proposal } from '../core/pipeline/curriculum/index.ts'
import type { Complexity, Plan } from '../shared/records/plan.ts'
import type { ProviderChoice, ProviderName } from '../shared/records/provider.ts'
import type { RecipeName } from '../shared/records/recipe.ts'
import type { EpisodeRequest, SuiteEpisodeRequest } from './agent/index.ts'
import type { CurateRequest } from './curation/index.ts'
import type { AdapterChoice, Chat, Student } from './llama/index.ts'
import { appFolders, findStudent, sampleProject, studentFolders, type Machine, type StudentFile } from './paths.ts'
import type * as ProjectModule from './project/index.ts'
import type { ImportProgress, Project } from './project/index.ts'
import type { ProviderInstall, ProviderQuestion, ProviderSearch, ProviderWatch } from './providerDesk.ts'
import type { BenchRequest, ImportRequest } from './bench/index.ts'
import type { BenchBox, CreateBox, CreatedBox, OpenBox } from './box/index.ts'
import type { Endpoint, NamedEndpoint } from './providers/index.ts'
import type { ScoreRequest } from './scoring/index.ts'
import type { ExpertTrial, TaskQuery } from './suites/index.ts'
import type { TeachRequest } from './teacher/index.ts'
import type { Evaluation } from '../shared/records/evaluation.ts'
import type { Ladder } from '../shared/records/ladder.ts'
import type { ClimbOptions, EvaluateOptions, LadderMore } from './evaluation/index.ts'
import type { Acceptance, AskQuestion, BatchRequest, FindTeacher, RolloutWatch, TeacherServer, TeacherServerOptions, TeacherTerms } from './teaching/index.ts'
import type { PlanRequest, ProviderWish, SettingsInput, TrainWatch, Wanted } from './training/index.ts'

export type { Proposal } from '../core/pipeline/curriculum/index.ts'

/** `project` is always the folder. */
export type Engine = {
  /** The app's own folder for data. */
  readonly dataFolder: string
  examineMachine(signal: AbortSignal): Promise<DoctorReport>
  /** Which execution providers work here, by self-tests that are kept. */
  providers(question: ProviderQuestion): Promise<ProvidersReport>
  /** The provider that a choice means here, for that run if one is named. Throws RetortError `provider-unusable`. */
  pickProvider(choice: ProviderChoice, search: ProviderSearch & { readonly run?: { readonly settings: SettingsInput; readonly plan: Plan | null } }): Promise<ProviderName>
  /** The CUDA libraries that can be fetched, and what of them is there. */
  installable(): Promise<Installable>
  installProvider(options: ProviderInstall): Promise<ProvidersReport>
  removeProvider(watch: ProviderWatch): Promise<ProvidersReport>
  /** The named file, else the first student of the known folders. */
  findStudent(given: string | undefined): StudentFile
  /** The sample project, made when it is not there yet; its folder. */
  openSample(): Promise<string>
  /** Makes the project when there is none. */
  importPaths(options: {
    project: string
    paths: readonly string[]
    onProgress: (progress: ImportProgress) => void
    signal: AbortSignal
  }): Promise<ImportReport>
  /** In the order of import; `total` counts what the filter leaves, `rows` are its first `limit`. */
  listTrajectories(
    project: string,
    options?: { filter?: TrajectoryFilter; limit?: number },
  ): Promise<{ rows: TrajectoryRow[]; total: number }>
  /** `id` may be the beginning of one, here and for `mask`. */
  showTrajectory(options: { project: string; id: string }): Promise<ShownTrajectory>
  mask(options: { project: string; id: string; student: string; recipe: RecipeName; signal: AbortSignal }): Promise<MaskView>
  /** `heldout` undefined: the share of the adapter's run when the project has it, else the default. */
  score(
    options: Omit<ScoreRequest, 'project' | 'cacheDir' | 'heldout'> & { project: string; heldout: number | undefined },
  ): Promise<ScoreReport>
  /** An endpoint by its address, with the key that the environment has under a name; undefined: without key. Throws RetortError for an address that is not used, and for a name without value. */
  namedEndpoint(named: NamedEndpoint): Promise<Endpoint>
  /** What a batch of rollouts would take. */
  estimateRollouts(request: BatchRequest, signal: AbortSignal): Promise<RolloutEstimate>
  /** A teacher's episodes on a suite's tasks, the good ones kept as trajectories; makes the project when there is none. */
  makeRollouts(options: { project: string; request: BatchRequest; watch: RolloutWatch }): Promise<RolloutReport>
  /** Goes on with a batch of the project. */
  resumeRollouts(options: { project: string; batch: string; budget: BudgetChange | undefined; traffic?: BatchRequest['traffic']; find: FindTeacher; watch: RolloutWatch }): Promise<RolloutReport>
  listRollouts(project: string): Promise<RolloutRow[]>
  listSuites(): Promise<SuiteList>
  showTasks(query: TaskQuery): Promise<SuiteTasks>
  /** A suite's expert at work, through the agent loop. */
  tryExpert(trial: Omit<ExpertTrial, 'clock'>): Promise<ExpertReport>
  /** What asking for a step again would cost; `trajectory` may be the beginning of an id here and for `askTeacher`. */
  estimateAsk(options: AskQuestion & { project: string }): Promise<AskEstimate>
  /** Continuations of a step as they come. Leaving the loop stops it. */
  askTeacher(options: AskQuestion & { project: string; signal: AbortSignal }): AsyncGenerator<AskEvent, void, undefined>
  acceptContinuation(options: Acceptance & { project: string }): Promise<Accepted>
  /** Experts of suites as an endpoint on 127.0.0.1; `close` it when done. `student`: whose tokens are counted as usage. */
  startTeacherServer(options: TeacherServerOptions): Promise<TeacherServer>
  /** A teacher's distributions over the project's trajectories as corrected now; goes on with the file where it was stopped. */
  scoreTeacher(options: Omit<TeachRequest, 'project'> & { project: string }): Promise<TeacherReport>
  /** Labels slips of batches that were killed; resolves to the trajectories it has labelled. */
  labelKilled(options: { project: string }): Promise<number>
  /** The project's trajectories through the filters; `apply`: what they reject is rejected in review, but where the judge's budget was reached before it had judged all. */
  curate(options: Omit<CurateRequest, 'project' | 'cacheDir'> & { project: string; apply: boolean }): Promise<CurateReport>
  /** What the judge would cost; it is asked nothing, and nothing is kept. */
  estimateCuration(options: Omit<CurateRequest, 'project' | 'cacheDir' | 'student'> & { project: string }): Promise<CurateReport>
  /** A new run of the project's trajectories as corrected now, trained to its end or until the signal. */
  train(options: {
    project: string; student: string; settings: SettingsInput; plan?: Plan | undefined
    /** Start it although it is estimated not to fit into memory. */
    allowMemoryOverrun?: boolean | undefined; watch: TrainWatch
  }): Promise<TrainSummary>
  /** What a plan would do; `rate`: tokens a second, 'probe' measures, undefined takes that of the newest run with this student. */
  simulatePlan(options: PlanRequest & { plan: Plan; rate: number | 'probe' | undefined }): Promise<Simulation>
  measureComplexity(options: PlanRequest & { complexity: Complexity; bins: number }): Promise<ComplexityReport>
  readPlan(path: string): Promise<Plan>
  writePlan(path: string, plan: Plan): Promise<void>
  proposePlan(proposal: Proposal): Promise<Plan>
  /**
   * Goes on with a run from its newest checkpoint. `student` is where its student lies now; undefined: where it was, else
   * a file of the known folders with the same content.
   */
  resume(options: ProviderWish & { project: string; run: string; student: string | undefined; watch: TrainWatch }): Promise<TrainSummary>
  /** Newest first. */
  listRuns(project: string): Promise<RunRow[]>
  /** A run with its alerts, samples and environments. */
  showRun(options: { project: string; run: string }): Promise<RunDetail>
  /** Path of a run's adapter; `which` undefined: the best where the run may end early, else the last. */
  adapterOfRun(options: { project: string; run: string; which: Which | undefined }): Promise<string>
  /** A new run that repeats another one: the same examples, settings and student, which `student` names where it moved. */
  trainLike(options: { project: string; run: string; student: string | undefined; allowMemoryOverrun?: boolean | undefined; watch: TrainWatch }): Promise<TrainSummary>
  /** The newest run of this student with these settings that was stopped or cut off before its end, or null. */
  unfinishedRun(options: Wanted & { project: string }): Promise<string | null>
  /** Whether a task is held out when a run leaves the share at its default. */
  heldOut(taskId: string): boolean
  /** `type`, `student` (where it lies now) and `watch` are those of merged files. */
  exportRun(options: {
    project: string; run: string; to: ExportTarget; which: Which | undefined; out: string | undefined
    type?: MergedType | undefined; student?: string | undefined; watch: { onProgress: (done: number, total: number) => void; signal: AbortSignal }
  }): Promise<ExportReport>
  /** A new model from text alone. */
  pretrain(request: PretrainRequest, watch: PretrainWatch): Promise<PretrainReport>
  /** Goes on with such a run from its newest checkpoint. */
  resumePretraining(job: PretrainJob, watch: PretrainWatch): Promise<PretrainReport>
  benchTraining(options: Omit<BenchRequest, 'cacheDir'>): Promise<BenchReport>
  benchImport(options: ImportRequest): Promise<ImportBench>
  /** One episode of an agent, its log as it grows. Leaving the loop stops it. */
  agentEpisode(request: EpisodeRequest): AsyncGenerator<AgentEvent, void, undefined>
  /** Makes an evaluation of the project, which is made when there is none; yields its id. Nothing is worked at yet. */
  beginEvaluation(options: { project: string; wish: EvaluationWish; context?: number | undefined; seed?: number | undefined; terms?: TeacherTerms | null | undefined }): Promise<string>
  /** Works at the tasks of an evaluation that are not done, to the end or until the signal. */
  runEvaluation(options: EvaluateOptions & { id: string }): Promise<EvaluationReport>
  /** Those of the project, newest first, with those of its ladders; and those that cannot be read. */
  listEvaluations(options: { project: string }): Promise<{ evaluations: Evaluation[]; damaged: Damaged[] }>
  /** Newest first. */
  listLadders(options: { project: string }): Promise<{ ladders: Ladder[]; damaged: Damaged[] }>
  /** How two evaluations of the project differ, over the tasks that both have done. */
  compareEvaluations(options: { project: string; first: string; second: string }): Promise<Comparison>
  suiteTask(options: { suite: SuiteName; place: TaskPlace }): Promise<SuiteTask>
  /** One task of a suite, worked at by a student or an endpoint: its log as it grows, the outcome last. */
  suiteEpisode(request: SuiteEpisodeRequest): AsyncGenerator<AgentEvent, void, undefined>
  /** A box of tools, made of what a teacher writes for a suite's tasks. */
  createBox(options: CreateBox): Promise<CreatedBox>
  readBox(folder: string): Promise<OpenBox>
  /** The box's tools on further tasks. */
  verifyBox(folder: string, options: { tasks: number; split: TaskSplit; seed: number; signal: AbortSignal }): Promise<{ name: string; verified: Verification }[]>
  /** A student with the box and without it; the report, and the same as a table. */
  benchBox(folder: string, options: BenchBox): Promise<{ report: BoxBench; markdown: string }>
  /** The box's MCP server over stdin and stdout, until they close. */
  serveBox(folder: string, signal: AbortSignal): Promise<void>
  /** How long such a ladder would take, by what the project has measured of its student; null: not known. Nothing is made. */
  forecastLadder(options: LadderMore & { project: string; wish: LadderWish }): Promise<LadderForecast | null>
  /** Makes a ladder of the project, which is made when there is none; yields its id. Nothing of it is begun. */
  beginLadder(options: LadderMore & { project: string; wish: LadderWish }): Promise<string>
  /** Goes on with a ladder, to its end or until the signal: `files` are those of the report. */
  climbLadder(options: Omit<ClimbOptions, 'cacheDir' | 'folders'> & { id: string }): Promise<LadderReport>
  /** An episode's log as a trajectory of the project, which is made when there is none. */
  keepEpisode(options: { project: string; events: readonly AgentEvent[] }): Promise<{ id: string; kept: 'kept' | 'duplicate' }>
  /** `dispose` it when done. */
  openStudent(options: { path: string; weights: Student['weights']; signal: AbortSignal }): Promise<Student>
  /** Over a student opened with its weights; `dispose` it before the student. */
  openChat(options: { student: Student; adapter?: AdapterChoice; context: number; signal: AbortSignal }): Promise<Chat>
}

export function createEngine(world: { machine: Machine; cwd: string }): Engine {
  const { machine, cwd } = world
  const cacheDir = appFolders(machine).cache
  const folders = studentFolders(machine)
  const openStudent: Engine['openStudent'] = async (options) => (await import('./llama/index.ts')).openStudent(options)
  return {
    dataFolder: appFolders(machine).data,
    examineMachine: async (signal) => (await import('./doctor.ts')).examineMachine({ machine, signal }),
    providers: async (question) => (await import('./providerDesk.ts')).reportProviders(machine, question),
    pickProvider: async (choice, { run, ...search }) => {
      const needs = run && (await import('./training/index.ts')).neededBy(run)
      return (await import('./providerDesk.ts')).pickProvider(machine, choice, { ...search, ...(needs && { needs }) })
    },
    installable: async () => (await import('./runtime/providers/install.ts')).installable(appFolders(machine).data),
    installProvider: async (options) => (await import('./providerDesk.ts')).installProvider(machine, options),
    removeProvider: async (watch) => (await import('./providerDesk.ts')).removeProvider(machine, watch),
    findStudent: (given) => findStudent({ given, cwd, folders }),
    openSample: async () => {
      const folder = sampleProject(machine)
      await (await import('./project/index.ts')).ensureSample(folder)
      return folder
    },
    importPaths: async ({ project, paths, ...options }) => {
      // Before a project is made: a mistyped path shall not leave an empty one behind.
      const { requirePaths } = await import('./project/index.ts')
      requirePaths(paths)
      return withProject(project, { create: true }, ({ importPaths }, opened) => importPaths(opened, paths, options))
    },
    listTrajectories: (project, { filter = {}, limit } = {}) =>
      withProject(project, { create: false }, ({ listTrajectories, countMatches }, opened) => ({
        rows: listTrajectories(opened, { filter, ...(limit !== undefined && { limit }) }),
        total: countMatches(opened, filter),
      })),
    showTrajectory: ({ project, id }) =>
      withProject(project, { create: false }, ({ showTrajectory, resolveId }, opened) => showTrajectory(opened, resolveId(opened, id))),
    mask: ({ project, id, student: path, recipe, signal }) =>
      withProject(project, { create: false }, async ({ getTrajectory, resolveId }, opened) => {
        const corrected = getTrajectory(opened, resolveId(opened, id))
        const { maskView } = await import('./masking.ts')
        const student = await openStudent({ path, weights: 'none', signal })
        try {
          return maskView({ corrected, student, recipe })
        } finally {
          await student.dispose()
        }
      }),
    score: ({ project, ...request }) =>
      withProject(project, { create: false }, async (_, opened) => {
        const { scoreProject } = await import('./scoring/index.ts')
        const { heldoutOfAdapter } = await import('./training/index.ts')
        // An adapter of this project was trained on its run's side of the split: only the rest is held out for it.
        const own = request.adapter === null ? null : heldoutOfAdapter(opened, request.adapter)
        const heldout = request.heldout ?? own ?? DEFAULT_HELDOUT
        return scoreProject({ ...request, heldout, project: opened, cacheDir })
      }),
    namedEndpoint: async (named) => (await import('./providers/index.ts')).namedEndpoint(named, machine.env),
    estimateRollouts: async (request, signal) => (await import('./teaching/index.ts')).estimateBatch(request, signal),
    makeRollouts: ({ project, request, watch }) =>
      withProject(project, { create: true }, async (_, opened) => (await import('./teaching/index.ts')).startBatch(opened, request, watch)),
    resumeRollouts: ({ project, batch, budget, traffic, find, watch }) =>
      withProject(project, { create: false }, async (_, opened) => (await import('./teaching/index.ts')).resumeBatch(opened, { id: batch, budget, traffic, find }, watch)),
    listRollouts: async (project) => (await import('./teaching/index.ts')).listBatches(project),
    listSuites: async () => (await import('./suites/index.ts')).listSuites(),
    showTasks: async (query) => (await import('./suites/index.ts')).showTasks(query),
    async tryExpert(trial) {
      const [{ tryExpert }, { systemClock }] = await Promise.all([import('./suites/index.ts'), import('./agent/index.ts')])
      return tryExpert({ ...trial, clock: systemClock })
    },
    estimateAsk: ({ project, ...question }) =>
      withProject(project, { create: false }, async ({ resolveId }, opened) =>
        (await import('./teaching/index.ts')).estimateAsk(opened, { ...question, trajectory: resolveId(opened, question.trajectory) }),
      ),
    async *askTeacher({ project, signal, ...question }) {
      const { openProject, resolveId } = await import('./project/index.ts')
      const opened = openProject(project, { create: false })
      try {
        yield* (await import('./teaching/index.ts')).askTeacher(opened, { ...question, trajectory: resolveId(opened, question.trajectory) }, signal)
      } finally {
        opened.dispose()
      }
    },
    acceptContinuation: ({ project, ...acceptance }) =>
      withProject(project, { create: false }, async (_, opened) => (await import('./teaching/index.ts')).acceptContinuation(opened, acceptance)),
    startTeacherServer: async (options) => (await import('./teaching/index.ts')).startTeacherServer(options),
    scoreTeacher: ({ project, ...request }) =>
      withProject(project, { create: false }, async (_, opened) => (await import('./teacher/index.ts')).scoreTeacher({ ...request, project: opened })),
    labelKilled: ({ project }) => withProject(project, { create: false }, async (_, opened) => (await import('./teaching/index.ts')).labelKilled(opened)),
    curate: ({ project, apply, ...request }) =>
      withProject(project, { create: false }, async (_, opened) => {
        const { applyCuration, curateProject } = await import('./curation/index.ts')
        const curation = await curateProject({ ...request, project: opened, cacheDir })
        const by = { author: 'retort curate', at: new Date().toISOString() }
        // What was never judged is not taken for judged because nobody was there to see it.
        const whole = curation.judging === null || curation.judging.stopped === null
        return { ...curation, applied: apply && whole ? await applyCuration(opened, { id: curation.id, by }) : null, estimate: null }
      }),
    estimateCuration: ({ project, ...request }) =>
      withProject(project, { create: false }, async (_, opened) => {
        const { curation, estimate } = await (await import('./curation/index.ts')).estimateCuration({ ...request, project: opened, cacheDir })
        return { ...curation, applied: null, estimate }
      }),
    simulatePlan: ({ project, plan, rate, ...request }) =>
      withProject(project, { create: false }, async (_, opened) =>
        (await import('./training/index.ts')).simulateInProject(opened, { ...request, plan, rate, cacheDir }),
      ),
    measureComplexity: ({ project, complexity, bins, ...request }) =>
      withProject(project, { create: false }, async (_, opened) =>
        (await import('./training/index.ts')).complexityInProject(opened, { ...request, complexity, bins, cacheDir }),
      ),
    readPlan: async (path) => (await import('./project/index.ts')).readPlanFile(path),
    writePlan: async (path, plan) => (await import('./project/index.ts')).writePlanFile(path, plan),
    proposePlan: async (proposal) => (await import('../core/pipeline/curriculum/index.ts')).proposePlan(proposal),
    train: ({ project, student, settings, plan, allowMemoryOverrun, watch }) =>
      withProject(project, { create: false }, async (_, opened) => {
        const { createRun, continueRun, createLossSource } = await import('./training/index.ts')
        const withPlan = plan && { plan, losses: createLossSource({ student, cacheDir }) }
        const run = await createRun(opened, { student, settings, plan: withPlan, allowMemoryOverrun }, watch)
        return continueRun(opened, { run, cacheDir, given: student, folders }, watch)
      }),
    resume: ({ project, run, student, watch, ...wish }) =>
      withProject(project, { create: false }, async (_, opened) =>
        (await import('./training/index.ts')).continueRun(opened, { run, cacheDir, given: student, folders, ...wish }, watch),
      ),
    listRuns: (project) =>
      withProject(project, { create: false }, async (_, opened) => (await import('./training/index.ts')).runRows(opened)),
    showRun: ({ project, run }) =>
      withProject(project, { create: false }, async (_, opened) => (await import('./training/index.ts')).runDetail(opened, run)),
    adapterOfRun: ({ project, run, which }) =>
      withProject(project, { create: false }, async (_, opened) => {
        const { chooseAdapter, readRunConfig, runFolderOf } = await import('./training/index.ts')
        const dir = runFolderOf(opened, run)
        return chooseAdapter(dir, readRunConfig(dir), which).path
      }),
    trainLike: ({ project, run, student, allowMemoryOverrun, watch }) =>
      withProject(project, { create: false }, async (_, opened) => {
        const { createRunLike, continueRun } = await import('./training/index.ts')
        const made = await createRunLike(opened, { run, given: student, folders, allowMemoryOverrun }, watch)
        return continueRun(opened, { run: made.run, cacheDir, given: made.student, folders }, watch)
      }),
    unfinishedRun: ({ project, ...wanted }) =>
      withProject(project, { create: false }, async (_, opened) =>
        (await import('./training/index.ts')).unfinishedRun(opened, wanted),
      ),
    heldOut: (taskId) => heldOut(taskId, DEFAULT_HELDOUT),
    exportRun: ({ project, run, to, which, out, watch, ...merging }) =>
      withProject(project, { create: false }, async (_, opened) => {
        const { exportRun, defaultExportPath, runFolderOf } = await import('./training/index.ts')
        const path = out ?? defaultExportPath(opened.exportsFolder, { run, to, type: merging.type })
        return exportRun({ dir: runFolderOf(opened, run), to, which, out: path, merging: { ...merging, folders }, watch })
      }),
    pretrain: async (request, watch) => (await import('./pretraining/index.ts')).pretrain(request, watch),
    resumePretraining: async (job, watch) => (await import('./pretraining/index.ts')).continuePretraining(job, watch),
    benchImport: async (request) => (await import('./bench/index.ts')).benchImporting(request),
    benchTraining: async (request) => (await import('./bench/index.ts')).benchTraining({ ...request, cacheDir }),
    async *agentEpisode(request) {
      yield* (await import('./agent/index.ts')).agentEpisode(request, appFolders(machine).data)
    },
    beginEvaluation: async ({ project, wish, terms = null, ...more }) => {
      const { createEvaluation, specOf } = await import('./evaluation/index.ts')
      const spec = await specOf(wish, more)
      return withProject(project, { create: true }, async (_, { folder }) => (await createEvaluation(folder, spec, { terms })).id)
    },
    forecastLadder: async ({ project, wish, ...more }) => {
      const { forecastLadder, ladderSpecOf } = await import('./evaluation/index.ts')
      return forecastLadder(project, await ladderSpecOf(wish, more))
    },
    beginLadder: async ({ project, wish, ...more }) => {
      const { createLadder, ladderSpecOf } = await import('./evaluation/index.ts')
      const spec = await ladderSpecOf(wish, more)
      return withProject(project, { create: true }, (_, { folder }) => createLadder(folder, spec).id)
    },
    climbLadder: async ({ id, ...options }) => (await import('./evaluation/index.ts')).climb(id, { ...options, cacheDir, folders }),
    runEvaluation: async ({ id, ...options }) => (await import('./evaluation/index.ts')).runEvaluation(id, options),
    listEvaluations: ({ project }) =>
      withProject(project, { create: false }, async (_, { folder }) => {
        const { damagedEvaluations, listEvaluations } = await import('./evaluation/index.ts')
        return { evaluations: listEvaluations(folder), damaged: damagedEvaluations(folder) }
      }),
    listLadders: ({ project }) =>
      withProject(project, { create: false }, async (_, { folder }) => {
        const { damagedLadders, listLadders } = await import('./evaluation/index.ts')
        return { ladders: listLadders(folder), damaged: damagedLadders(folder) }
      }),
    compareEvaluations: async ({ project, ...pair }) => (await import('./evaluation/index.ts')).compareEvaluations(project, pair),
    suiteTask: async ({ suite, place }) => (await import('../core/suites/index.ts')).suiteNamed(suite).problem(place).task,
    async *suiteEpisode(request) {
      yield* (await import('./agent/index.ts')).suiteEpisode(request)
    },
    createBox: async (options) => (await import('./box/index.ts')).createBox(options),
    readBox: async (folder) => (await import('./box/index.ts')).readBox(folder),
    verifyBox: async (folder, options) => {
      const { readBox, verifyBox } = await import('./box/index.ts')
      return verifyBox(readBox(folder), options)
    },
    benchBox: async (folder, options) => {
      const { benchBox, benchTable, readBox } = await import('./box/index.ts')
      const report = await benchBox(readBox(folder), options)
      return { report, markdown: benchTable(report) }
    },
    serveBox: async (folder, signal) => (await import('./box/index.ts')).serveBox(folder, signal),
    keepEpisode: async ({ project, events }) => {
      const { foldEpisode } = await import('../core/agent/index.ts')
      return withProject(project, { create: true }, ({ keepEpisode }, opened) => keepEpisode(opened, foldEpisode(events)))
    },
    openStudent,
    openChat: async (options) => (await import('./llama/index.ts')).openChat(options),
  }
}

/** Opens the project for the time of `work`. */
async function withProject<Result>(
  folder: string,
  how: { create: boolean },
  work: (module: typeof ProjectModule, project: Project) => Result | Promise<Result>,
): Promise<Result> {
  const module = await import('./project/index.ts')
  const project = module.openProject(folder, how)
  try {
    return await work(module, project)
  } finally {
    project.dispose()
  }
}
