// The steps of a session: stretches of the plan between gates, and what belongs between two steps.
import { ADAMW_DEFAULTS, loraOf } from '../../core/nn/index.ts'
import { bestPoint, createLossAlerts, earlyStop, passLoads, runTraining, type PlannedStep, type TrainState } from '../../core/pipeline/training/index.ts'
import type { MetricsLine } from '../../shared/contract/metrics.ts'
import { scoringCost, tokenCost } from '../../shared/tokenCost.ts'
import { appendLine } from '../files/index.ts'
import { hasCheckpoint } from './checkpoints.ts'
import { gateText, type Course } from './course.ts'
import { createEta } from './eta.ts'
import type { HeldoutCurve } from './heldoutCurve.ts'
import { openObjectives, type Objectives } from './objectives.ts'
import { heldoutPoints, readHeldout, readMetrics, runFiles, type SplitExample } from './runFolder.ts'
import type { Sampling } from './sampling.ts'
import { AHEAD } from '../teacher/index.ts'
import { createSessionGraph } from './sessionGraph.ts'
import { adapterInput, lastAdapter, save, trainingSide, type Session } from './sessionState.ts'

type Training = { readonly state: TrainState; readonly evaluation: HeldoutCurve; readonly sampling: Sampling; readonly course: Course }

/** From the state as it is to the end of the plan, to a stop, or to the reason why it ends early. */
export async function trainSteps(session: Session, { state, evaluation, sampling, course }: Training): Promise<'finished' | 'stopped' | { early: string }> {
  const { dir, config, emit, student, alerts } = session
  const { settings } = config
  const examples = trainingSide(session)
  let steps = course.steps()
  const toTraining = (): void => emit({ type: 'phase', phase: 'training', done: state.step, total: steps.length })
  const newEta = () =>
    createEta({
      costOf: (step) => {
        const passes = passLoads(step, steps[step] as PlannedStep, examples)
        return tokenCost(course.settingsAt(step)) * passes.reduce((sum, { tokens }) => sum + tokens, 0)
      },
      steps: steps.length,
      evaluations: evaluation.load,
      scoringCost: scoringCost(settings),
      checkpointEvery: settings.checkpointEvery,
      samplesEvery: settings.samplesEvery,
    })
  let eta = newEta()
  const lossAlerts = createLossAlerts()
  // What it saw before decides what it says next, as in a run that was never interrupted.
  for (const line of readMetrics(dir)) lossAlerts(line)
  let early: string | null = null
  /** What belongs behind a step and before the next: an evaluation, a new best, samples, the end for want of a gain. */
  const between = async (done: number): Promise<'go' | 'stop'> => {
    if (evaluation.due(done)) {
      if ((await evaluation.during(done, adapterInput(session, state))) === 'stop') return 'stop'
      toTraining()
    }
    if (sampling.due(done)) {
      const began = performance.now()
      if ((await sampling.take(done, lastAdapter(session, state))) === 'stop') return 'stop'
      eta.sampled((performance.now() - began) / 1000)
      toTraining()
    }
    if (settings.heldoutEvery === 0 || done % settings.heldoutEvery !== 0) return 'go'
    const points = heldoutPoints(readHeldout(dir), done)
    if (bestPoint(points, settings)?.step === done && !hasCheckpoint(runFiles(dir).checkpoints, done)) save(session, state)
    early = earlyStop(points, settings)
    if (early === null) return 'go'
    alerts.add({ type: 'early-stop', step: done, text: early })
    return 'stop'
  }
  /** The gate behind the last step, if there is one: decided once, and followed again when its step comes again. */
  const passGate = async (): Promise<'go' | 'stop'> => {
    const gate = course.due(state.step)
    if (!gate) return 'go'
    const before = course.recorded(gate, state.step)
    const actAccuracy = before ? before.actAccuracy : await measureGate()
    if (actAccuracy === 'stop') return 'stop'
    const decision = before ?? course.decide(gate, { step: state.step, actAccuracy })
    course.follow(decision)
    emit({ type: 'gate', decision })
    emit({ type: 'notice', text: gateText(config, decision) })
    if (decision.decision === 'wait') return 'go'
    steps = course.steps()
    eta = newEta()
    return 'go'
  }
  const measureGate = async (): Promise<number | null | 'stop'> => {
    if (evaluation.due(state.step) && (await evaluation.during(state.step, adapterInput(session, state))) === 'stop') return 'stop'
    return evaluation.actAccuracy(state.step, adapterInput(session, state))
  }
  /** Examples that are still trained on. A gate may choose others than are planned now: with a plan, all. */
  const ahead = (): SplitExample[] =>
    config.plan ? examples : [...new Set(steps.slice(state.step).flatMap((step) => step.examples))].map((index) => examples[index] as SplitExample)
  const objectives = state.step < steps.length ? await openObjectives({ ...session, model: student.config, examples: ahead() }) : null
  if (objectives === null && state.step < steps.length) return 'stopped'
  /** What a teacher says of the next step is there; of those behind it, on its way. */
  const taught = async (done: number): Promise<'go' | 'stop'> => {
    const began = performance.now()
    let waited = false
    const outcome = await (objectives as Objectives).ready(
      steps.slice(done, done + 1 + AHEAD).map((step) => step.examples.map((index) => examples[index] as SplitExample)),
      () => {
        waited = true
        emit({ type: 'phase', phase: 'teacher', done, total: steps.length })
      },
    )
    eta.waited(waited ? (performance.now() - began) / 1000 : 0)
    if (waited) toTraining()
    return outcome
  }
  const graphs = createSessionGraph(session, { state, course })
  const stretch = async (until: number): Promise<'finished' | 'stopped'> => {
    const objective = (objectives as Objectives).at(course.settingsAt(state.step))
    return runTraining({
      config: student.config,
      trainable: loraOf(config.settings),
      adamW: { ...ADAMW_DEFAULTS, weightDecay: settings.weightDecay },
      clipNorm: settings.clipNorm,
      examples,
      steps: steps.slice(0, until),
      graph: await graphs.at(objective),
      objective,
      state,
      now: () => performance.now(),
      proceed: session.proceed,
      beforeStep: async (done) => ((await between(done)) === 'stop' ? 'stop' : taught(done)),
      onAlert: (alert) => alerts.add(alert),
      onStep: (made: MetricsLine) => {
        const metrics = config.plan ? { ...made, stage: (steps[made.step - 1] as PlannedStep).stage } : made
        for (const alert of lossAlerts(metrics)) alerts.add(alert)
        appendLine(runFiles(dir).metrics, JSON.stringify(metrics))
        eta.stepDone(metrics)
        const began = performance.now()
        if (state.step % settings.checkpointEvery === 0) {
          save(session, state)
          eta.saved((performance.now() - began) / 1000)
        }
        emit({ type: 'step', metrics, steps: steps.length, etaSeconds: eta.seconds() })
      },
    })
  }
  try {
    for (;;) {
      if ((await passGate()) === 'stop') return 'stopped'
      const until = course.until(state.step)
      if (state.step >= until) break
      toTraining()
      const outcome = await stretch(until)
      if (early !== null) return { early }
      if (outcome === 'stopped') return 'stopped'
    }
    const stopped = course.stopped()
    return stopped === null ? 'finished' : { early: stopped }
  } finally {
    objectives?.close()
    await graphs.dispose()
  }
}
