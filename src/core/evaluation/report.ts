// A ladder as a report: Markdown with a chart, for a reader who was not there.
import type { EvaluationSummary, Interval } from '../../shared/records/evaluation.ts'
import { durationText } from '../../shared/duration.ts'
import { type ArmScore, armTitle, changeText, type Ladder, type LadderArm, type Rung } from '../../shared/records/ladder.ts'
import { baselineOf } from './arms.ts'
import { shortArms, shortRungs, shortText } from '../../shared/shortRungs.ts'
import { type Chart, sharesChart } from './chart.ts'
import { teacherSection } from './teacherTable.ts'

/** `<suite>.md` and its chart; `student`: the file's name. */
export function ladderReport(ladder: Ladder, { student }: { readonly student: string }): { readonly markdown: string; readonly charts: readonly { readonly name: string; readonly svg: string }[] } {
  const { spec } = ladder
  const name = `ladder-${spec.suite}.svg`
  return { markdown: markdownOf(ladder, { student, chart: name }), charts: [{ name, svg: sharesChart(chartOf(ladder, student)) }] }
}

function chartOf({ spec, scores }: Ladder, student: string): Chart {
  return {
    title: `${spec.suite}: tasks solved by ${student}`,
    series: spec.tasks.map(({ name }) => name),
    rows: spec.arms.map((arm) => ({
      label: armTitle(arm),
      bars: spec.tasks.map(({ name }) => scores.find((score) => score.arm === arm.name && score.tasks === name)?.success ?? null),
      note: arm.notApplicable === undefined ? 'not evaluated' : `not applicable: ${arm.notApplicable}`,
    })),
  }
}

function markdownOf(ladder: Ladder, { student, chart }: { student: string; chart: string }): string {
  const { spec, rungs, rationale, versions = [], changes = [] } = ladder
  const baseline = baselineOf(spec)
  const short = shortText(ladder)
  const titles = new Map(spec.arms.map((arm) => [arm.name, armTitle(arm)]))
  const lines = [
    `# Ladder: ${spec.suite}`,
    '',
    `Student ${student}, ${spec.tokens.toLocaleString('en')} training tokens a rung, seed${spec.seeds.length === 1 ? '' : 's'} ${spec.seeds.join(', ')}; ${ladder.createdAt.slice(0, 10)}, ${durationText(ladder.seconds)}.`,
    ...(short === null ? [] : [`**Rungs are ${short}; differences from and to them are marked.**`]),
    ...(versions.length > 1 ? [`**Different versions of the program worked at it: ${versions.join(', then ')}.** Limits and settings are kept with the ladder; experts, suites and tools are those of each version.`] : []),
    ...changes.map((change) => `**${changeText(change)}**`),
    ...spec.tasks.map(({ name, choice }) => `- ${name}: ${choice.from === 'suite' ? `${choice.count} of the suite's tasks, seed ${choice.seed}` : `the first ${choice.count} tasks of ${choice.path.split(/[/\\]/).at(-1)}, none worded like one of training`}${thereAre(rungs, { name, asked: choice.count })}`),
    '',
    `Success with its 95 % interval: Wilson's for one seed, else a bootstrap that draws tasks and seeds. Difference in percentage points: paired by task and, where both rungs have seeds of their own, by seed: over the seeds that both have, the same bootstrap${baseline === null ? '' : `, against "${titles.get(baseline)}"`}; an interval that holds 0 shows nothing. Where fewer than five tasks are not like the others, intervals are at least as wide as Wilson's and Newcombe's. Seconds a task: of the whole evaluation, several episodes at a time.`,
    '',
    `![Tasks solved](${chart})`,
    '',
  ]
  for (const { name } of spec.tasks) lines.push(`## ${name}`, '', ...scoreTable(ladder, name), '')
  lines.push('## Training', '', ...trainingTable(ladder, titles), '')
  lines.push(...teacherSection(ladder, titles))
  if (ladder.error !== null) lines.push(`**Not whole: ${failureOf(ladder.error)}.**`, '')
  if (rationale.length > 0) lines.push('## Does the thought lead to the action?', '', THOUGHTS, '', ...rationaleTable(rationale, titles), '')
  return `${lines.join('\n').trimEnd()}\n`
}

/** Fewer tasks than were asked for are said. */
function thereAre(rungs: readonly Rung[], { name, asked }: { name: string; asked: number }): string {
  const done = rungs.filter(({ state }) => state === 'done').flatMap(({ evaluations }) => evaluations.filter(({ tasks }) => tasks === name))
  const most = Math.max(0, ...done.map(({ summary }) => summary.tasks + summary.withoutResult))
  return done.length > 0 && most < asked ? `; **asked ${asked}, there are ${most}**` : ''
}

const scoreTable = ({ spec, scores, rungs }: Ladder, tasks: string): string[] => [
  '| rung | success | by seed | difference, points | invalid actions | steps | tool calls | tokens a task | s a task |',
  '|---|---|---|---|---|---|---|---|---|',
  ...spec.arms.map((arm) => {
    const score = scores.find((one) => one.arm === arm.name && one.tasks === tasks)
    const summaries = rungs.filter((rung) => rung.arm === arm.name).flatMap(({ evaluations }) => evaluations.filter((one) => one.tasks === tasks).map(({ summary }) => summary))
    return score && summaries.length > 0 ? scoreRow(arm, { score, summaries, short: shortArms({ spec, rungs }) }) : `| ${armTitle(arm)} | ${arm.notApplicable === undefined ? 'not evaluated' : `not applicable: ${arm.notApplicable}`} | | | | | | | |`
  }),
]

type Row = { readonly score: ArmScore; readonly summaries: readonly EvaluationSummary[]; /** Arms that are short of tokens. */ readonly short: ReadonlySet<string> }

function scoreRow(arm: LadderArm, { score: { success, bySeed, difference }, summaries, short }: Row): string {
  const counts = summaries.reduce((sum, { invalid }) => ({ count: sum.count + invalid.count, of: sum.of + invalid.of }), { count: 0, of: 0 })
  const average = (of: (summary: EvaluationSummary) => number | null): string => {
    const values = summaries.map(of)
    return values.includes(null) ? '-' : ((values as number[]).reduce((sum, value) => sum + value, 0) / values.length).toFixed(1)
  }
  return [
    '', armTitle(arm), interval(success), bySeed.map(percent).join(', '), difference === null ? '-' : `${points(difference.interval)}${difference.seeds ? `, seed${difference.seeds.length === 1 ? '' : 's'} ${difference.seeds.join(', ')} alone` : ''}${short.has(arm.name) || short.has(difference.against) ? ', not on the same tokens' : ''}`,
    counts.of === 0 ? '-' : percent(counts.count / counts.of), average(({ steps }) => steps), average(({ calls }) => calls), average(({ tokens }) => tokens), average(({ seconds }) => seconds), '',
  ].join(' | ').trim()
}

const trainingTable = ({ spec, rungs }: Ladder, titles: ReadonlyMap<string, string>): string[] => [
  '| rung | seed | trajectories | tokens (with a loss) | steps | time |',
  '|---|---|---|---|---|---|',
  ...rungs.flatMap(({ arm, seed, trained, state, error }) =>
    trained
      ? [`| ${titles.get(arm)} | ${seed} | ${trained.trajectories}${passedOver(trained)} | ${trained.tokens.toLocaleString('en')}${shortOf({ spec, rungs }, { arm, seed })} (${trained.lossTokens.toLocaleString('en')}) | ${trained.steps} | ${durationText(trained.seconds)} |`]
      : state === 'failed' ? [`| ${titles.get(arm)} | ${seed} | failed: ${failureOf(error)} | | | |`] : [],
  ),
]

function shortOf(ladder: Pick<Ladder, 'spec' | 'rungs'>, { arm, seed }: Pick<Rung, 'arm' | 'seed'>): string {
  const short = shortRungs(ladder).find((one) => one.arm === arm && one.seed === seed)
  return short ? ` of ${short.of.toLocaleString('en')}` : ''
}

function passedOver({ tooLong, alike }: NonNullable<Rung['trained']>): string {
  const why = [...(tooLong > 0 ? [`${tooLong} too long`] : []), ...(alike > 0 ? [`${alike} worded like a task`] : [])]
  return why.length === 0 ? '' : ` (passed over: ${why.join(', ')})`
}

/** In a cell of the table. */
const failureOf = (error: Rung['error']): string => [error?.message, error?.found].filter(Boolean).join(': ').replaceAll('|', '\\|').replace(/\s+/g, ' ')

const THOUGHTS =
  'Intervals of 95 % draw the tasks that the steps are of, each with all its steps. Own less swapped: paired, over the steps that have both; an interval that holds 0 shows no thought that leads to its action. Rows that name no tasks are of an older version: their intervals take each step for a task, and are too narrow.'

const rationaleTable = (rows: Ladder['rationale'], titles: ReadonlyMap<string, string>): string[] => [
  '| rung | seed | steps | ACT accuracy, own thought | swapped thought | own less swapped, points | thought tokens (expert) | CoT match |',
  '|---|---|---|---|---|---|---|---|',
  ...rows.map(({ arm, seed, steps, tasks, tooLong, unswapped, actAccuracy, thoughtTokens, matchRate }) =>
    `| ${titles.get(arm)} | ${seed} | ${steps}${tasks === undefined ? '' : ` of ${tasks} tasks`}${tooLong > 0 ? ` (${tooLong} beyond the context left out)` : ''} | ${interval(actAccuracy.own)} | ${actAccuracy.swapped === null ? '-' : interval(actAccuracy.swapped)}${unswapped > 0 ? ` (${unswapped} steps without another thought, or room for it, left out)` : ''} | ${actAccuracy.difference ? points(actAccuracy.difference) : '-'} | ${thoughtTokens.student.toFixed(1)} (${thoughtTokens.expert.toFixed(1)}) | ${interval(matchRate)} |`),
]

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
const interval = ({ value, low, high }: Interval): string => `${percent(value)} (${percent(low)} to ${percent(high)})`
/** What is nothing once it is rounded has no sign. */
function signed(share: number): string {
  const text = (100 * share).toFixed(0)
  return Number(text) === 0 ? '0' : `${share > 0 ? '+' : ''}${text}`
}
const points = ({ value, low, high }: Interval): string => `${signed(value)} (${signed(low)} to ${signed(high)})`
