// Plans, their simulations and difficulties for a person's eye.
import type { ComplexityReport, Simulation, StageLoad } from '../shared/contract/planning.ts'
import { quoted } from '../shared/quoted.ts'
import type { Plan, Stage } from '../shared/records/plan.ts'
import { counted } from './counted.ts'
import { clock } from './progress.ts'
import { table } from './text.ts'

const percent = (share: number): string => `${Math.round(100 * share)} %`
const time = (seconds: number | null): string => (seconds === null ? '-' : clock(seconds))
const gigabytes = (bytes: number | null): string => (bytes === null ? '-' : `${(bytes / 1e9).toFixed(2)} GB`)
const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(2))

function takes({ filter }: Stage): string {
  const parts = Object.entries(filter).map(([key, value]) =>
    value !== undefined && !Array.isArray(value) ? `${key} ${percent(value.from)} to ${percent(value.to)}` : `${key} ${(value ?? []).join(', ')}`,
  )
  return parts.length === 0 ? 'everything' : parts.join('; ')
}

const gateOf = ({ gate }: Stage): string =>
  gate === null ? '-' : `ACT ${(100 * gate.actAccuracy).toFixed(1)} %, ${gate.every === 1 ? 'each step' : `each ${gate.every} steps`}, else ${gate.otherwise}`
const lengthOf = ({ length }: Stage): string => (length.unit === 'passes' ? counted(length.passes, 'pass', 'passes') : counted(length.steps, 'step'))

export function* planLines({ path, plan }: { readonly path: string; readonly plan: Plan }): Iterable<string> {
  yield* table(
    ['stage', 'takes', 'order', 'length', 'replay', 'recipe', 'gate'],
    plan.stages.map((stage) => [stage.name, takes(stage), stage.order, lengthOf(stage), percent(stage.replay), stage.recipe ?? "the run's", gateOf(stage)]),
  )
  yield `complexity: ${JSON.stringify(plan.complexity)}${plan.pacing === null ? '' : `; pacing: ${JSON.stringify(plan.pacing)}`}`
  yield `plan ${JSON.stringify(plan.name)} written to ${path}`
  yield `see what it would do: retort plan simulate ${quoted(path)}`
}

const HEADER = ['stage', 'recipe', 'trajectories', 'examples', 'replayed', 'steps', 'tokens', 'trained', 'time', 'measuring', 'memory', 'complexity', 'learning rate']

const row = ({ name, recipe, trajectories, drawn, replayed, steps, tokens, trainedTokens, seconds, heldoutSeconds, peakMemoryBytes, complexity, lr }: StageLoad) => [
  name, recipe, trajectories, drawn, replayed, steps, tokens, trainedTokens, time(seconds), time(heldoutSeconds), gigabytes(peakMemoryBytes),
  complexity ? `${figure(complexity.least)} to ${figure(complexity.most)}` : '-',
  lr ? `${lr.first.toExponential(1)} to ${lr.last.toExponential(1)}` : '-',
]

const FROM = { given: 'as given', probe: 'measured just now', run: 'of run ' } as const

export function* simulationLines({ stages, total, rate, warnings, trajectories, left, plan }: Simulation): Iterable<string> {
  yield* table(HEADER, [
    ...stages.map(row),
    ['all', '', '', '', '', total.steps, total.tokens, total.trainedTokens, time(total.seconds), time(total.heldoutSeconds), gigabytes(total.peakMemoryBytes), '', ''],
  ])
  yield `${trajectories.train} trajectories to train on, ${trajectories.heldout} held out, ${trajectories.rejected} rejected; ${left.length} left out or not whole`
  yield rate === null ? 'times are open: --rate X says how many tokens a second, --probe measures' : `at ${rate.tokensPerSecond.toFixed(1)} tokens/s, ${FROM[rate.from]}${rate.run ?? ''}`
  if (plan.stages.some(({ gate }) => gate !== null)) yield 'when no gate opens early: at most this'
  for (const { stage, message } of warnings) yield `warning: ${stage === null ? '' : `stage ${plan.stages[stage]!.name}: `}${message}`
}

const BAR = 40

export function* difficultyLines({ bins, unit, trajectories, quantiles, complexity, left }: ComplexityReport): Iterable<string> {
  const most = Math.max(1, ...bins.map(({ count }) => count))
  yield* table(['from', 'to', 'count', ''], bins.map(({ from, to, count }) => [figure(from), figure(to), count, '#'.repeat(Math.round((count / most) * BAR))]))
  const at = (share: number): string => figure(quantiles[share] ?? 0)
  if (quantiles.length > 0) yield `least ${at(0)}, quarter ${at(25)}, half ${at(50)}, three quarters ${at(75)}, most ${at(100)} ${unit}`
  yield `${trajectories} trajectories of the training side by ${complexity.metric}; ${left.length} left out or not whole`
}
