// What a run came to: the document that `retort train` prints, made from its metrics and held-out figures.
import type { GateDecision } from '../../shared/contract/planning.ts'
import type { MetricsLine } from '../../shared/contract/metrics.ts'
import type { StageSummary, TrainSummary } from '../../shared/contract/training.ts'
import type { TokenKind } from '../../shared/records/example.ts'
import { readGates } from './runPlan.ts'
import { runFiles, type HeldoutFile, type RunConfig } from './runFolder.ts'
import { trainedOnNow } from './runTeacher.ts'

export type SummaryInput = {
  readonly config: RunConfig
  readonly dir: string
  readonly metrics: readonly MetricsLine[]
  readonly heldout: HeldoutFile
  readonly state: TrainSummary['state']
  readonly endedEarly: string | null
  readonly best: TrainSummary['best']
  readonly noGain: string | null
  /** Whether the best step has an adapter of its own. */
  readonly ownBest: boolean
  readonly peakMemoryBytes: number
}

const sum = (lines: readonly MetricsLine[], of: (line: MetricsLine) => number): number =>
  lines.reduce((total, line) => total + of(line), 0)

export function summarise({ config, dir, metrics, heldout, state, endedEarly, best, noGain, ownBest, peakMemoryBytes }: SummaryInput): TrainSummary {
  const taken = metrics.filter(({ loss }) => loss !== null)
  const last = taken.at(-1)
  const files = runFiles(dir)
  const seconds = sum(metrics, (line) => line.seconds)
  return {
    run: config.id,
    state,
    ...trainedOnNow(dir, config),
    steps: metrics.length,
    trainedTokens: sum(metrics, (line) => line.trainedTokens),
    loss: { first: taken[0]?.loss ?? null, last: last?.loss ?? null, byKind: last?.byKind ?? {} },
    heldout: compare(heldout),
    tokensPerSecond: seconds > 0 ? sum(metrics, (line) => line.tokens) / seconds : 0,
    peakMemoryBytes,
    ...(config.plan && { stages: config.plan.stages.map(({ name }, stage) => stageSummary({ name, stage, metrics, gates: readGates(dir) })) }),
    endedEarly,
    best,
    ...(noGain !== null && { noGain }),
    adapter: files.adapter,
    bestAdapter: ownBest ? files.bestAdapter : null,
    metrics: files.metrics,
  }
}

type StageInput = { readonly name: string; readonly stage: number; readonly metrics: readonly MetricsLine[]; readonly gates: readonly GateDecision[] }

function stageSummary({ name, stage, metrics, gates }: StageInput): StageSummary {
  const own = metrics.filter((line) => line.stage === stage)
  const taken = own.filter(({ loss }) => loss !== null)
  return {
    name,
    steps: own.length,
    tokens: sum(own, (line) => line.tokens),
    trainedTokens: sum(own, (line) => line.trainedTokens),
    seconds: sum(own, (line) => line.seconds),
    loss: { first: taken[0]?.loss ?? null, last: taken.at(-1)?.loss ?? null },
    gate: gates.filter((decision) => decision.stage === stage && decision.step <= metrics.length),
  }
}

function compare({ before, after }: HeldoutFile): TrainSummary['heldout'] {
  if (!before || !after) return null
  const kinds = Object.keys(before.byKind) as TokenKind[]
  return {
    before: before.agent.nll,
    after: after.agent.nll,
    byKind: Object.fromEntries(
      kinds.map((kind) => [kind, { before: before.byKind[kind]?.nll ?? 0, after: after.byKind[kind]?.nll ?? 0 }]),
    ),
    detail: { before, after },
  }
}
