// Evaluations and ladders as lines for a person: what one came to, and those that a project has.
import { errorInLine, RetortError, type RetortErrorParts } from '../shared/errors.ts'
import type { EvaluationReport, LadderProgress } from '../shared/contract/evaluating.ts'
import type { Evaluation, Interval } from '../shared/records/evaluation.ts'
import type { Ladder } from '../shared/records/ladder.ts'

const figure = (value: number | null, digits = 1): string => (value === null ? '-' : value.toFixed(digits))
const share = ({ count, of }: { count: number; of: number }): string => (of === 0 ? '-' : `${((100 * count) / of).toFixed(1)} %`)
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
const inPercent = (interval: Interval | null): string => (interval === null ? '-' : `${percent(interval.value)} (${percent(interval.low)} to ${percent(interval.high)})`)

/** What was asked for, where there is less. */
const asked = ({ total, spec }: Evaluation): string | null => (total < spec.tasks.count ? `asked ${spec.tasks.count}, there are ${total}` : null)

export function* evaluationLines(report: EvaluationReport): Iterable<string> {
  const { id, model, summary, seconds, total, rate, folder, state, error } = report
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
  if (rate) yield `speed    ${rate.tokensPerSecond.toFixed(0)} tokens a second, ${rate.sideBySide} at a time; of ${rate.promptTokens + rate.reusedTokens} prompt tokens ${rate.reusedTokens} were there already`
  if (summary.families.length > 1) for (const { family, tasks, successes } of summary.families) yield `  ${family.padEnd(24)} ${successes} of ${tasks}`
  if (error) yield `failed   ${errorInLine(new RetortError(error as RetortErrorParts))}`
  yield state === 'finished' ? `kept in ${folder}` : `${state}; go on with --resume ${id}`
}

/** Those of ladders name it. */
export function* evaluationList(evaluations: readonly Evaluation[]): Iterable<string> {
  if (evaluations.length === 0) yield 'there is no evaluation in this project'
  for (const { id, state, spec, summary, total, model, ladder } of evaluations) {
    const from = spec.tasks.from === 'suite' ? spec.tasks.split : spec.tasks.path
    yield `${id}  ${state.padEnd(8)}  ${spec.suite} ${from}, ${summary.successes} of ${summary.tasks} solved${summary.tasks < total ? ` (of ${total})` : ''}  ${model}${ladder ? `  ladder ${ladder.id}: ${ladder.arm}, seed ${ladder.seed}` : ''}`
  }
}

export function* ladderList(ladders: readonly Ladder[]): Iterable<string> {
  if (ladders.length === 0) yield 'there is no ladder in this project'
  for (const { id, state, spec, rungs } of ladders) {
    const counted = rungs.filter((rung) => rung.state !== 'not-applicable')
    yield `${id}  ${state.padEnd(8)}  ${spec.suite}, ${counted.filter((rung) => rung.state === 'done').length} of ${counted.length} rungs, seeds ${spec.seeds.join(', ')}  ${spec.student}`
  }
}

/** What a ladder does now: its rung by number, and the part of it that is at work. */
export function ladderPart({ arm, seed, state, tasks, weighing, ladder: { rungs, spec } }: LadderProgress): { readonly label: string; readonly unit: string } {
  const real = rungs.filter((rung) => rung.state !== 'not-applicable')
  const at = real.findIndex((rung) => rung.arm === arm && rung.seed === seed) + 1
  const [doing, unit] = weighing ? ['weighing thoughts', 'steps'] : state === 'teaching' ? ['making its data', spec.teacher === null ? 'tokens' : 'episodes'] : state === 'training' ? ['training', 'steps'] : [`evaluating ${tasks ?? ''}`.trimEnd(), 'tasks']
  return { label: `rung ${at} of ${real.length}, ${arm}, seed ${seed}: ${doing}`, unit }
}
