// A run that trains now, as a child of this process: its state so far, and every event for those who watch.
import type { LiveRunState, RunEvent, RunPhase, RunRow, RunView } from '../../shared/contract/routes/runs.ts'
import type { HeldoutPoint, MetricsLine } from '../../shared/contract/metrics.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import type { Run } from '../../shared/records/run.ts'
import type { Project } from '../project/index.ts'
import { findRun } from '../store/index.ts'
import {
  addStep, continueRun, figuresOf, heldoutEnds, heldoutPoints, readAlerts, readGates, readHeldout, readMetrics, readRunConfig, readSamples, rowOf, trainedOnNow,
  type HeldoutFile, type TrainerEvent, type TrainerProcess,
} from '../training/index.ts'
import { createBroadcast } from './broadcast.ts'

export type LiveRun = {
  readonly project: Project
  readonly run: string
  view(): RunView
  row(): RunRow
  /** From now on, behind what `view` holds now; ends when the run has ended. */
  events(signal: AbortSignal | undefined): AsyncGenerator<RunEvent, void, undefined>
  /** Resolves when the trainer is there, or the run needs none any more; rejects when it cannot be started. */
  readonly started: Promise<void>
  /** Resolves when the trainer has ended and the store knows how; never rejects. */
  readonly ended: Promise<void>
  /** These resolve when it has taken effect, or the run has ended. */
  pause(): Promise<void>
  unpause(): Promise<void>
  /** Saves first. */
  stop(): Promise<void>
  /** Without saving. */
  kill(): Promise<void>
}

export type LiveRunInput = {
  readonly project: Project
  readonly run: Run
  readonly planned: number
  readonly cacheDir: string
  readonly folders: readonly string[]
  /** Where the student's file lies now, when it moved. */
  readonly given: string | undefined
  /** A list may show something else from now on. */
  readonly onChange: () => void
  readonly now: () => Date
}

export function beginLiveRun(input: LiveRunInput): LiveRun {
  const { project, run, planned, onChange } = input
  const dir = project.runFolder(run.id)
  const config = readRunConfig(dir)
  const broadcast = createBroadcast<RunEvent>()
  const stopping = new AbortController()
  const effects = new Set<() => void>()
  const notices: RunView['notices'] = []
  const samples: RunView['samples'] = readSamples(dir)
  const alerts: RunView['alerts'] = readAlerts(dir)
  let metrics: MetricsLine[] = readMetrics(dir)
  let gates = readGates(dir).filter(({ step }) => step <= metrics.length)
  let whole: HeldoutFile = readHeldout(dir)
  let points: HeldoutPoint[] = heldoutPoints(whole, metrics.length)
  let figures = figuresOf(metrics)
  let state: LiveRunState = 'training'
  let phase: RunPhase | null = null
  let memory: RunView['memory'] = null
  let etaSeconds: number | null = null
  let trainer: TrainerProcess | null = null
  let killed = false

  const row = (): RunRow => {
    const heldout = heldoutEnds(whole, points)
    return rowOf({ project, run: { ...run, error: null }, state, figures, heldout, planned })
  }
  const view = (): RunView => ({
    row: row(),
    trainedOn: trainedOnNow(dir, config),
    datasetRevision: run.datasetRevision,
    metrics: [...metrics],
    heldout: [...points],
    phase,
    notices: [...notices],
    alerts: [...alerts],
    samples: [...samples],
    summary: null,
    memory,
    etaSeconds,
    ...(run.plan && { plan: run.plan, gates: [...gates] }),
  })
  const say = (text: string): void => {
    const notice = { at: input.now().toISOString(), text }
    notices.push(notice)
    broadcast.send({ type: 'notice', notice })
  }
  const turn = (next: LiveRunState): void => {
    state = next
    broadcast.send({ type: 'state', row: row() })
    onChange()
    for (const done of effects) done()
  }

  const onEvent = (event: TrainerEvent): void => {
    switch (event.type) {
      case 'phase':
        phase = { phase: event.phase, done: event.done, total: event.total }
        return broadcast.send({ type: 'phase', phase })
      case 'restored':
        // Steps after the checkpoint are made again.
        metrics = metrics.slice(0, event.step)
        points = points.filter(({ step }) => step <= event.step)
        gates = gates.filter(({ step }) => step <= event.step)
        figures = figuresOf(metrics)
        return broadcast.send({ type: 'view', view: view() })
      case 'step': {
        metrics.push(event.metrics)
        figures = addStep(figures, event.metrics)
        etaSeconds = event.etaSeconds
        phase = { phase: 'training', done: event.metrics.step, total: event.steps }
        return broadcast.send({ type: 'step', metrics: event.metrics, row: row(), etaSeconds })
      }
      case 'alert':
        alerts.push(event.alert)
        return broadcast.send({ type: 'alert', alert: event.alert })
      case 'samples':
        samples.push(...event.samples)
        return broadcast.send({ type: 'samples', samples: [...event.samples] })
      case 'heldout':
        if (event.when !== 'during') whole = { ...whole, [event.when]: event.result }
        points = [...points.filter(({ step }) => step !== event.point.step), event.point]
        broadcast.send({ type: 'heldout', point: event.point, row: row() })
        return onChange()
      case 'memory':
        memory = { bytes: event.bytes, peak: event.peak }
        return broadcast.send({ type: 'memory', memory })
      case 'gate':
        gates = [...gates.filter(({ stage, step }) => stage !== event.decision.stage || step !== event.decision.step), event.decision]
        return broadcast.send({ type: 'gate', decision: event.decision })
      case 'notice':
        return say(event.text)
      case 'paused':
        return turn('paused')
      case 'resumed':
        return turn('training')
      case 'ended':
      case 'failed':
        return
    }
  }

  let setStarted: () => void = () => {}
  let refuse: (error: unknown) => void = () => {}
  const started = new Promise<void>((resolve, reject) => ([setStarted, refuse] = [resolve, reject]))
  // Whoever asked to start hears of it; a run that goes on without asking has its events.
  started.catch(() => {})
  const onTrainer = (process: TrainerProcess): void => {
    trainer = process
    if (killed) process.kill()
    setStarted()
    turn('training')
  }
  const { cacheDir, folders, given } = input
  const work = continueRun(project, { run: run.id, cacheDir, folders, given }, { onEvent, onTrainer, signal: stopping.signal })
  const ended = work.then(
    () => setStarted(),
    (error: unknown) => {
      refuse(error)
      // Whoever killed it knows.
      if (killed) return
      const known = error instanceof RetortError ? error : new RetortError({ code: 'trainer-failed', message: String(error) })
      broadcast.send({ type: 'failed', error: errorParts(known), row: { ...row(), state: 'failed', error: known.message } })
    },
  ).then(() => {
    state = storedState()
    onChange()
    for (const done of effects) done()
    broadcast.end()
  })

  /** As the store knows it; a project that went away meanwhile knows nothing. */
  function storedState(): LiveRunState {
    try {
      return findRun(project.store, run.id)?.state ?? 'failed'
    } catch {
      return 'failed'
    }
  }

  /** Asks for a state and waits for it, or for the end. */
  const become = async (wanted: LiveRunState, ask: () => void): Promise<void> => {
    // What is asked before the trainer is there waits for it.
    await started.catch(() => {})
    if (state === wanted) return
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (state !== wanted && (state === 'training' || state === 'paused')) return
        effects.delete(look)
        resolve()
      }
      effects.add(look)
      void ended.then(() => (effects.delete(look), resolve()))
      ask()
    })
  }
  return {
    project,
    run: run.id,
    view,
    row,
    events: (signal) => broadcast.listen(signal),
    started,
    ended,
    pause: () => become('paused', () => trainer?.pause()),
    unpause: () => become('training', () => trainer?.resume()),
    stop: () => {
      say('stopping: the pass that runs is finished, then the state is saved')
      stopping.abort()
      return ended
    },
    kill: () => {
      killed = true
      stopping.abort()
      trainer?.kill()
      return ended
    },
  }
}
