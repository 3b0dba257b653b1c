// Evaluations and ladders as lines for a person: what one came to, and those that a project has.
import { errorInLine, RetortError, type RetortErrorParts } from '../shared/errors.ts'
import type { EvaluationReport, LadderForecast, LadderProgress } from '../shared/contract/evaluating.ts'
import { durationText } from '../shared/duration.ts'
import type { Damaged } from '../shared/contract/damaged.ts'
import type { Evaluation, Interval } from '../shared/records/evaluation.ts'
import type { Ladder } from '../shared/records/ladder.ts'
import { counted, exceededLines, usageText } from './counted.ts'

const figure = (value: number | null, digits = 1): string => (value === null ? '-' : value.toFixed(digits))
const share = ({ count, of }: { count: number; of: number }): string => (of === 0 ? '-' : `${((100 * count) / of).toFixed(1)} %`)
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
const inPercent = (interval: Interval | null): string => (interval === null ? '-' : `${percent(interval.value)} (${percent(interval.low)} to ${percent(interval.high)})`)

/** What was asked for, where there is less. */
const asked = ({ total, spec }: Evaluation): string | null => (total < spec.tasks.count ? `asked ${spec.tasks.count}, there are ${total}` : null)

export function* evaluationLines(report: EvaluationReport): Iterable<string> {
  const { id, model, summary, seconds, total, rate, folder, state, error, usage, terms } = report
  const { withoutResult: lost } = summary
  const left = total - summary.tasks - lost
  const fewer = asked(report)
  yield ''
  yield model
  if (fewer !== null) yield `TASKS    ${fewer}`
  yield summary.tasks === 0 ? 'success  nothing was measured' : `success  ${summary.successes} of ${summary.tasks}: ${inPercent(summary.success)}${left > 0 ? ` (${left} tasks are left)` : ''}`
  if (lost > 0) yield `NO RESULT of ${lost} tasks: they count neither as solved nor as not solved`
  if (summary.tasks > 0) {
    yield `steps    ${figure(summary.steps)}, calls ${figure(summary.calls)} a task`
    yield `invalid  ${share(summary.invalid)} of actions; failed ${share(summary.failed)}`
    yield summary.tokens === null && summary.promptTokens === null ? 'tokens   not said by the endpoint' : `tokens   ${figure(summary.tokens, 0)} written, ${figure(summary.promptTokens, 0)} read a task`
    yield `time     ${figure(summary.seconds)} s a task, ${seconds.toFixed(0)} s in all`
  }
  if (usage) yield `asked    ${usageText(usage)}`
  if (usage && terms) yield* exceededLines(usage, terms.budget)
  if (rate) yield `speed    ${rate.tokensPerSecond.toFixed(0)} tokens a second, ${rate.sideBySide} at a time; of ${rate.promptTokens + rate.reusedTokens} prompt tokens ${rate.reusedTokens} were there already`
  if (summary.families.length > 1) for (const { family, tasks, successes } of summary.families) yield `  ${family.padEnd(24)} ${successes} of ${tasks}`
  if (error) yield `failed   ${errorInLine(new RetortError(error as RetortErrorParts))}`
  yield state === 'finished' ? `kept in ${folder}` : `${state}; go on with --resume ${id}`
}

/** Those of ladders name it. */
export function* evaluationList({ evaluations, damaged }: { readonly evaluations: readonly Evaluation[]; readonly damaged: readonly Damaged[] }): Iterable<string> {
  if (evaluations.length + damaged.length === 0) yield 'there is no evaluation in this project'
  for (const { id, state, spec, summary, total, model, ladder } of evaluations) {
    const from = spec.tasks.from === 'suite' ? spec.tasks.split : spec.tasks.path
    yield `${id}  ${state.padEnd(8)}  ${spec.suite} ${from}, ${summary.successes} of ${summary.tasks} solved${summary.tasks < total ? ` (of ${total})` : ''}  ${model}${ladder ? `  ladder ${ladder.id}: ${ladder.arm}, seed ${ladder.seed}` : ''}`
  }
  yield* damagedLines(damaged)
}

export function* ladderList({ ladders, damaged }: { readonly ladders: readonly Ladder[]; readonly damaged: readonly Damaged[] }): Iterable<string> {
  if (ladders.length + damaged.length === 0) yield 'there is no ladder in this project'
  for (const { id, state, spec, rungs } of ladders) {
    const counted = rungs.filter((rung) => rung.state !== 'not-applicable')
    yield `${id}  ${state.padEnd(8)}  ${spec.suite}, ${counted.filter((rung) => rung.state === 'done').length} of ${counted.length} rungs, seeds ${spec.seeds.join(', ')}  ${spec.student}`
  }
  yield* damagedLines(damaged)
}

function* damagedLines(damaged: readonly Damaged[]): Iterable<string> {
  for (const { id, problem } of damaged) yield `${id}  damaged   ${problem}`
}

/** How long a ladder may take that has no rung yet. */
export function forecastLine(forecast: LadderForecast | null): string {
  if (forecast === null) return 'how long it takes is not known before its first rung is done: too little of this student was measured in this project'
  const { low, high, rungs, unknown, basis, teaching } = forecast
  const [from, to] = [durationText(low), durationText(high)]
  const measured = [...(basis.trainings > 0 ? [counted(basis.trainings, 'training')] : []), ...(basis.evaluations > 0 ? [counted(basis.evaluations, 'evaluation')] : [])].join(' and ')
  const without = unknown.length > 0 ? `; that is for ${counted(rungs, 'rung')}, nothing like these was measured: ${unknown.join('; ')}` : ''
  return `about ${from === to ? to : `${from} to ${to}`}, by ${measured} of this student in this project${without}${teaching ? '; what the teacher takes comes on top' : ''}`
}

/** What a ladder does now: its rung by number, and the part of it that is at work. */
export function ladderPart({ arm, seed, state, tasks, weighing, ladder: { rungs, spec } }: LadderProgress): { readonly label: string; readonly unit: string } {
  const real = rungs.filter((rung) => rung.state !== 'not-applicable')
  const at = real.findIndex((rung) => rung.arm === arm && rung.seed === seed) + 1
  const [doing, unit] = weighing ? ['weighing thoughts', 'steps'] : state === 'teaching' ? ['making its data', spec.teacher === null ? 'tokens' : 'episodes'] : state === 'training' ? ['training', 'steps'] : [`evaluating ${tasks ?? ''}`.trimEnd(), 'tasks']
  return { label: `rung ${at} of ${real.length}, ${arm}, seed ${seed}: ${doing}`, unit }
}
