// What a session carries and keeps: its run, the state from step to step, checkpoints and adapters on the disk.
import { rmSync } from 'node:fs'
import { adamW, ADAMW_DEFAULTS, initialLora, loraMatrices, loraOf } from '../../core/nn/index.ts'
import { writeLoraGguf, type Adapter } from '../../core/pipeline/adapter/index.ts'
import { adapterFeeds, bestPoint, CALM, plainSpanWeights, type TrainState } from '../../core/pipeline/training/index.ts'
import { createRandom } from '../../core/random.ts'
import type { GraphRuntime } from '../../core/ports/index.ts'
import type { TrainSummary } from '../../shared/contract/training.ts'
import { describeError, RetortError } from '../../shared/errors.ts'
import { syncFile, writeFileAtomic } from '../files/index.ts'
import type { StudentWeights } from '../runtime/weightFile.ts'
import { adapterOf } from './adapterOf.ts'
import type { AlertLog } from './alertLog.ts'
import { loadCheckpoint, newestCheckpoint, saveCheckpoint } from './checkpoints.ts'
import { forgetLater } from './heldoutCurve.ts'
import { everySettings } from './stagedPlan.ts'
import type { TrainerEvent } from './protocol.ts'
import { heldoutPoints, readHeldout, readMetrics, runFiles, writeMetrics, type RunConfig, type SplitExample } from './runFolder.ts'

export type SessionControl = {
  /** Called between passes; waits while paused. */
  readonly proceed: () => Promise<'go' | 'stop'>
  readonly emit: (event: TrainerEvent) => void
}

export type Session = SessionControl & {
  readonly dir: string
  readonly config: RunConfig
  /** The student's GGUF file, and its weights as the runtime has them. */
  readonly studentFile: string
  readonly student: StudentWeights
  readonly runtime: GraphRuntime
  readonly examples: readonly SplitExample[]
  readonly alerts: AlertLog
}

const matricesOf = ({ student, config }: Session) => loraMatrices(student.config, loraOf(config.settings))
export const lastAdapter = ({ student, config }: Session, { parameters, step }: TrainState): Adapter => ({
  ...adapterOf(parameters, student.config, loraOf(config.settings)),
  step,
})

/** The best of the held-out curve as far as it is measured. */
const bestOf = ({ dir, config }: Session, { step }: TrainState) => bestPoint(heldoutPoints(readHeldout(dir), step), config.settings)

export function save(session: Session, state: TrainState): void {
  const { metrics, checkpoints } = runFiles(session.dir)
  // On the disk before the checkpoint is, which counts only with them.
  syncFile(metrics)
  saveCheckpoint(checkpoints, state, { matrices: matricesOf(session), best: bestOf(session, state)?.step ?? null })
}

/** The state and the adapters. One with a number that is not finite serves nobody. */
export function saveAll(session: Session, state: TrainState): void {
  save(session, state)
  const { adapter } = runFiles(session.dir)
  if ([...state.parameters.values()].every((values) => values.every(Number.isFinite))) {
    writeFileAtomic(adapter, (sink) => writeLoraGguf(lastAdapter(session, state), sink))
  } else rmSync(adapter, { force: true })
  saveBest(session, state)
}

/** The best adapter beside the last one, where it is another. A best whose checkpoint is damaged is told, and forgotten. */
export function saveBest(session: Session, state: TrainState): { best: TrainSummary['best']; own: boolean } {
  const { bestAdapter, checkpoints } = runFiles(session.dir)
  const best = bestOf(session, state)
  if (!best || best.step === state.step) {
    rmSync(bestAdapter, { force: true })
    return { best, own: false }
  }
  try {
    const kept = loadCheckpoint(checkpoints, best.step)
    writeFileAtomic(bestAdapter, (sink) => writeLoraGguf(lastAdapter(session, kept), sink))
    return { best, own: true }
  } catch (error) {
    if (!(error instanceof RetortError) || error.code === 'disk-full') throw error
    const text = `the best checkpoint, of step ${best.step}, cannot be read: ${describeError(error).join('; ')}`
    session.alerts.add({ type: 'checkpoint-damaged', step: state.step, text })
    rmSync(bestAdapter, { force: true })
    return { best: null, own: false }
  }
}

/**
 * The newest whole checkpoint whose steps all have their metrics, else the start. Metrics of later steps are forgotten,
 * since they are made again.
 */
export function restore(session: Session): TrainState {
  const { dir, config, emit } = session
  const metrics = readMetrics(dir)
  const found = newestCheckpoint(runFiles(dir).checkpoints, {
    atMost: metrics.length,
    damaged: (step, error) => {
      const text = `the checkpoint of step ${step} is damaged and is passed over: ${describeError(error).join(';')}`
      session.alerts.add({ type: 'checkpoint-damaged', step, text })
    },
  })
  const state = found ?? start(session)
  // Always: what follows the last whole line must go before the next one is added.
  writeMetrics(dir, metrics.slice(0, state.step))
  forgetLater(dir, state.step)
  emit({ type: 'restored', step: state.step })
  if (!found) save(session, state)
  else emit({ type: 'notice', text: `going on after step ${state.step} of run ${config.id}` })
  return state
}

function start(session: Session): TrainState {
  const parameters = initialLora(matricesOf(session), createRandom(session.config.settings.seed))
  const learned = everySettings(session.config).some(({ learnSpanWeights }) => learnSpanWeights)
  return {
    step: 0,
    parameters,
    optimiser: adamW(ADAMW_DEFAULTS).init(parameters),
    guard: CALM,
    ...(learned && { spanWeights: plainSpanWeights() }),
  }
}

export const trainingSide = ({ examples }: Session): SplitExample[] => examples.filter((example) => example.split === 'train')
export const adapterInput = (session: Session, state: TrainState) =>
  ({ lora: loraOf(session.config.settings), feeds: adapterFeeds(matricesOf(session), state.parameters) })
