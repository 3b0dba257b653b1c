// `retort curate`: a project's trajectories through the filters of curation; what is worth training on, and why the rest is not.
import { resolve } from 'node:path'
import type { Engine } from '../../engine/engine.ts'
import type { WantedJudge } from '../../engine/curation/index.ts'
import { type CurateProgress, curateReportSchema, type CurateReport } from '../../shared/contract/curating.ts'
import { asksJudge, type Curation, type CurationFilterName, curationFilterSchema, type FunnelRow } from '../../shared/records/curation.ts'
import { counted, estimateLines, paidText, usageText } from '../counted.ts'
import { defineCommand, type OptionTable, type Values } from '../command.ts'
import { labelKilled } from '../labelKilled.ts'
import { usageError } from '../parse.ts'
import { table } from '../text.ts'
import { curationSettings } from '../curationSettings.ts'
import { budgetOf, pricesOf, TEACHER_OPTIONS } from '../teacherOptions.ts'

/** What each filter takes out, in a line of help. */
const REJECTS: Readonly<Record<CurationFilterName, string>> = {
  schema: 'calls that cannot be read, unknown tools, arguments that do not fit, no answer at the end',
  rejects: 'hard rejects: a turn that the environment could not read, a limit that was hit, more steps than are set',
  outcome: 'wrong answers: by the source, by a known answer, or by the judge',
  critic: 'mistakes that nothing mends and too many unnecessary steps, by labels of steps; critic.ask=yes asks the judge for them',
  loops: 'the same call again within a few steps, with the same answer',
  length: "more tokens than the student's context holds, in its own template",
  duplicates: 'the same words, or nearly the same, as one that is kept',
  capacity: 'of several right samples of a task those that the student finds less likely',
  judge: "less than a score of 1 to 5 by a model, calibrated on your labels",
  contamination: 'words, or of a household the places, shared with a question that is evaluated on',
  secrets: 'keys and card numbers; addresses, phone numbers and folders of persons are noted',
  mixture: 'more of a task, a method or a file than are set',
}

const OPTIONS = {
  only: { kind: 'text', value: 'FILTERS', help: `only these filters, in this order, with commas between (default: all): ${curationFilterSchema.options.join(', ')}` },
  without: { kind: 'text', value: 'FILTERS', help: 'all but these' },
  set: { kind: 'text', value: 'SETTINGS', help: 'settings of filters, with commas between, such as loops.window=5,duplicates.similarity=0.9,mixture.perTask=2,mixture.methods.react=0.5' },
  student: { kind: 'text', value: 'FILE', help: 'student GGUF, for length and capacity (default: those filters are left out)' },
  judge: { kind: 'text', value: 'FILE', help: 'judge GGUF, for judge, critic.ask and outcome.unknown=judge' },
  endpoint: { kind: 'text', value: 'URL', help: 'or: base URL of an endpoint that judges' },
  model: TEACHER_OPTIONS.model,
  protocol: { kind: 'text', value: 'NAME', help: 'what the endpoint speaks: openai-compatible or anthropic (default: openai-compatible)', choices: ['openai-compatible', 'anthropic'] },
  'key-env': TEACHER_OPTIONS['key-env'],
  concurrency: { kind: 'int', value: 'N', help: 'requests to it at a time (default: 4)', min: 1, max: 64 },
  'price-in': TEACHER_OPTIONS['price-in'],
  'price-out': TEACHER_OPTIONS['price-out'],
  budget: { ...TEACHER_OPTIONS.budget, help: 'what this judge may cost at most, over all curations of the project; it stops before' },
  'budget-tokens': { ...TEACHER_OPTIONS['budget-tokens'], help: 'tokens of this judge, read and written, at most, over all curations; it stops before' },
  estimate: { kind: 'flag', help: 'only say what the judge would cost: the filters run, but those that ask the student' },
  against: { kind: 'text', value: 'FILES', help: 'files or folders of evaluation questions, with commas between: what shares words with them is rejected, as with the suites' },
  answers: { kind: 'text', value: 'FILES', help: 'files of questions with right answers, with commas between: they decide the outcome' },
  apply: { kind: 'flag', help: 'reject in review what the filters reject: training leaves it out, and one undo takes it back' },
  release: { kind: 'flag', help: 'take back all that curations have rejected and noted: a curation without filters, applied' },
} as const satisfies OptionTable

export const curate = defineCommand({
  name: 'curate',
  summary: 'a funnel of twelve filters: which trajectories are worth training on, and why the others are not',
  details:
    'Cheapest first; each filter sees what those before it leave. Nothing is deleted, and without --apply nothing changes. What a\n' +
    'person rejected is not looked at, and what a person accepted is never rejected by --apply. Trajectories that --apply rejected\n' +
    'have the tag `curated: FILTER`; the next curation looks at them anew. Labels by hand for the judge are the tags score:1 to score:5.\n' +
    'What a judge has said is kept in the project, and not asked for again. Where its budget is reached the rest is not judged, which is\n' +
    'said and noted; --apply then does nothing.\n' +
    `\nFilters, by what they reject:\n${curationFilterSchema.options.map((name) => `  ${name.padEnd(14)}${REJECTS[name]}`).join('\n')}`,
  options: OPTIONS,
  document: curateReportSchema,
  async run(options, { project, cwd, engine, out, signal }): Promise<CurateReport> {
    const paths = (list: string | undefined): string[] => namesOf(list).map((path) => resolve(cwd, path))
    if (options.estimate && (options.apply || options.release)) throw refused('--estimate with --apply or --release', 'one of them: an estimate changes nothing')
    if (options.estimate && options.student !== undefined) throw refused('--estimate with --student', 'one of them: an estimate leaves out the filters that ask the student')
    if (options.estimate && options.endpoint === undefined) throw refused('--estimate without --endpoint', '--endpoint URL with it: a judge of this machine costs nothing')
    const student = options.student === undefined ? null : engine.findStudent(options.student).path
    const settings = curationSettings(options.release ? { only: '', without: undefined, set: undefined } : options)
    const judges = (['judge', 'endpoint'] as const).filter((name) => options[name] !== undefined)
    if (judges.length > 0 && !asksJudge(settings)) {
      throw refused(`--${judges.join(' and --')} with filters that ask no judge`, 'the filter judge among them, or --set critic.ask=yes, or --set outcome.unknown=judge', 'a judge would have nothing to do')
    }
    const judge = await wantedJudge(options, engine)
    if (!options.estimate) await labelKilled({ engine, project, out })
    const progress = out.progress('curate', 'trajectories')
    try {
      const request = {
        project, judge, signal,
        settings,
        against: paths(options.against),
        answers: paths(options.answers),
        onNotice: (text: string) => out.note(text),
        onProgress: ({ filter, done, total }: CurateProgress) => progress.update({ done, total, note: filter ?? 'reading' }),
      }
      return await (options.estimate ? engine.estimateCuration(request) : engine.curate({ ...request, student, apply: options.apply || options.release }))
    } finally {
      progress.end()
    }
  },
  *human({ rows, trajectories, setAside, kept, judge, judging, agreement, applied, estimate }, options) {
    if (estimate) {
      yield* estimateLines(estimate)
      if (estimate.known > 0) yield `${counted(estimate.known, 'answer')} more ${estimate.known === 1 ? 'is' : 'are'} known already, and cost nothing`
      return
    }
    yield `${trajectories} trajectories${setAside > 0 ? `, ${setAside} of them rejected by a person and not looked at` : ''}`
    yield ''
    yield* table(['filter', 'in', 'out', 'rejected', 'seconds', 'reasons'], rows.flatMap((row) => [...linesOf(row)]))
    yield ''
    for (const { filter, notes } of rows) for (const note of notes) yield `${filter}: ${note}`
    if (agreement) {
      const { labelled, exact, kappa, weightedKappa, binaryKappa } = agreement
      const figure = (value: number | null): string => (value === null ? 'undefined' : value.toFixed(3))
      yield `judge: ${labelled} labels by hand, ${(100 * exact).toFixed(0)} % the same score, kappa ${figure(kappa)}, weighted ${figure(weightedKappa)}, keep or reject ${figure(binaryKappa)}`
      yield 'confusion (rows: by hand 1 to 5; columns: the judge):'
      for (const row of agreement.confusion) yield `  ${row.map((count) => String(count).padStart(4)).join('')}`
    }
    if (judging) yield* judgingLines(judge ?? 'the judge', judging)
    yield `${kept} kept, ${trajectories - setAside - kept} rejected`
    if (options.apply && judging?.stopped) yield 'not applied: what was not judged would count as judged'
    if (applied) {
      const { rejected, released, flagged, labelled, persons, changed } = applied
      yield `applied: ${rejected} newly rejected, ${released} taken back, ${flagged} noted, ${labelled} labelled`
      if (persons > 0) yield `${persons} left as they are: a person has decided`
      if (changed > 0) yield `${changed} left as they are: they were corrected meanwhile`
    }
  },
  failed: ({ judging }) => judging !== null && judging.stopped !== null,
})

/** What it said, what it took, and what was left when its budget was reached. */
function* judgingLines(judge: string, { answered, failed, unasked, stopped, usage, total }: NonNullable<Curation['judging']>): Generator<string> {
  yield `${judge}: ${answered} judged${failed > 0 ? `, ${failed} without an answer` : ''}${unasked > 0 ? `, ${unasked} not judged` : ''}; ${usageText(usage)}`
  if (total.requests > usage.requests) yield `  of this judge, in all curations of the project: ${counted(total.requests, 'request')}, ${total.promptTokens + total.tokens} tokens${paidText(total.cost)}`
  if (stopped) yield `  ${[stopped.message, stopped.found, stopped.expected].filter(Boolean).join(': ')}. With a larger --budget or --budget-tokens the rest is judged, and nothing is paid for again`
}

const REASONS = 4

function* linesOf({ filter, skipped, in: before, out, seconds, reasons, flagged }: FunnelRow): Generator<(string | number)[]> {
  const said = [
    ...reasons.slice(0, REASONS).map(({ reason, count, examples }) => `${reason}: ${count} (${examples.join(', ')})`),
    ...(reasons.length > REASONS ? [`and ${reasons.length - REASONS} more reasons`] : []),
    ...flagged.map(({ reason, count }) => `noted, ${reason}: ${count}`),
  ]
  yield [filter, before, out, before - out, seconds.toFixed(2), skipped === null ? (said[0] ?? '') : `not run: ${skipped}`]
  for (const more of said.slice(1)) yield ['', '', '', '', '', more]
}

const namesOf = (list: string | undefined): string[] => (list ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '')

const refused = (found: string, expected: string, message = 'this cannot be meant'): Error => usageError({ message, where: 'retort curate', found, expected })

const OF_ENDPOINT = ['model', 'protocol', 'key-env', 'concurrency', 'price-in', 'price-out', 'budget', 'budget-tokens'] as const

async function wantedJudge(options: Values<typeof OPTIONS>, engine: Engine): Promise<WantedJudge | null> {
  const { judge, endpoint, model, protocol } = options
  const refuse = (found: string, expected: string): Error => refused(found, expected, 'who judges must be said once')
  const idle = OF_ENDPOINT.filter((name) => options[name] !== undefined).map((name) => `--${name}`)
  if (judge !== undefined && endpoint !== undefined) throw refuse('--judge and --endpoint', 'one of them')
  if (endpoint === undefined && idle.length > 0) throw refuse(`${idle.join(', ')} without --endpoint`, '--endpoint URL with it')
  if (judge !== undefined) return { type: 'local', path: engine.findStudent(judge).path, terms: { prices: null, budget: { cost: null, tokens: null }, traffic: {} } }
  if (endpoint === undefined) return null
  if (model === undefined) throw refuse('--endpoint without --model', '--model NAME with it')
  const terms = { prices: pricesOf(options, 'curate'), budget: budgetOf(options, 'curate'), traffic: { concurrency: options.concurrency } }
  return { type: 'endpoint', endpoint: await engine.namedEndpoint({ url: endpoint, keyVariable: options['key-env'], ...(protocol === undefined ? {} : { kind: protocol }) }), model, terms }
}
