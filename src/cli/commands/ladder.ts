// `retort ladder`: what distillation buys: students made in different ways, on as many tokens, at the same tasks.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { LadderTeaching } from '../../engine/evaluation/index.ts'
import type { FindTeacher } from '../../engine/teaching/index.ts'
import { type LadderProgress, ladderReportSchema, type LadderWish } from '../../shared/contract/evaluating.ts'
import { damagedSchema } from '../../shared/contract/damaged.ts'
import { errorInLine, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import { durationText } from '../../shared/duration.ts'
import { armTitle, changeText, type Ladder, ladderArmSchema, ladderSchema } from '../../shared/records/ladder.ts'
import { suiteNameSchema } from '../../shared/records/suite.ts'
import { shortText } from '../../shared/shortRungs.ts'
import { settingsShapeSchema } from '../../shared/records/run.ts'
import { defineCommand, type CommandContext, type Values } from '../command.ts'
import { forecastLine, ladderList, ladderPart } from '../evaluationLines.ts'
import { counted, moneyText } from '../counted.ts'
import { usageError } from '../parse.ts'
import { REPEATS, wantedRepeats } from '../repeats.ts'
import type { Progress } from '../progress.ts'
import { budgetOf, newBudget, openedTeacher, pricesOf, TEACHER_AGAIN, TEACHER_OPTIONS, teacherAgain, thoughtOf, trafficOf } from '../teacherOptions.ts'

const OPTIONS = {
  suite: { kind: 'text', value: 'SUITE', help: 'suite of tasks', choices: suiteNameSchema.options },
  student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
  ...TEACHER_OPTIONS,
  'first-thought': { kind: 'text', value: 'WHERE', help: 'where the rung of first thoughts has them: all, off, or families of tasks with commas between', default: 'all' },
  arms: { kind: 'text', value: 'FILE', help: 'JSON with the rungs ("arms"), and with "settings" of their training (default: from prompt only to self-consistent actions)' },
  only: { kind: 'text', value: 'NAMES', help: 'of the rungs only these, with commas between' },
  tokens: { kind: 'int', value: 'N', help: 'training tokens of each rung', default: 50_000, min: 1 },
  seeds: { kind: 'text', value: 'LIST', help: 'each rung is trained once with each of these numbers, with commas between: 1,2,3 are three trainings', default: '1' },
  tasks: { kind: 'int', value: 'N', help: 'tasks of each split', default: 40, min: 1, max: 10_000 },
  'task-seed': { kind: 'int', value: 'K', help: 'seed of the tasks', default: 1, min: 0 },
  splits: { kind: 'text', value: 'LIST', help: 'held-out, ood, or both (default: both, or none with --tasks-file)' },
  'tasks-file': { kind: 'text', value: 'FILE', help: 'tasks from a file: JSON or JSONL with a question and an answer each; nothing worded like them is trained on' },
  system: { kind: 'text', value: 'TEXT', help: "system message of agents, in training and at the tasks (default: the suite's)" },
  sag: { kind: 'int', value: 'N', help: 'samples of the rung of self-consistent actions', default: 8, min: 2, max: 64 },
  repeats: REPEATS,
  context: { kind: 'int', value: 'N', help: 'tokens of context of an episode (default: 2048)', min: 16 },
  'side-by-side': { kind: 'int', value: 'N', help: 'episodes at a time (default: what suits this machine)', min: 1, max: 64 },
  threads: { kind: 'int', value: 'N', help: 'cores of the students that answer (default: all); training has its own setting', min: 1, max: 64 },
  resume: { kind: 'text', value: 'ID', help: 'go on with a ladder that was stopped: what is answered, trained and evaluated is not done again; the other options that count are --key-env, budgets, and how fast is asked and worked' },
  list: { kind: 'flag', help: 'only list the ladders of the project' },
} as const

/** What a file of rungs holds. */
const armsFileSchema = z.union([
  z.array(ladderArmSchema).transform((arms) => ({ arms, settings: {} })),
  z.strictObject({ arms: z.array(ladderArmSchema), settings: settingsShapeSchema.partial().default({}) }),
])

function armsIn(path: string): z.output<typeof armsFileSchema> {
  const bad = (found: string): RetortError => new RetortError({ code: 'bad-arms', message: 'these are no rungs', where: path, found, expected: 'JSON: a list of rungs, or an object with "arms" and "settings"' })
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error))
  }
  const read = armsFileSchema.safeParse(json)
  if (!read.success) throw bad(z.prettifyError(read.error))
  const { arms, settings } = read.data
  const file = (given: string | undefined): { file?: string } => (given === undefined ? {} : { file: resolve(path, '..', given) })
  // Files are named as they lie beside the file of rungs.
  return { settings, arms: arms.map((arm) => (arm.train ? { ...arm, train: { ...arm.train, data: { ...arm.train.data, ...file(arm.train.data.file) } } } : arm)) }
}

type Options = Values<typeof OPTIONS>

function wishOf(options: Options, { engine, cwd, out }: CommandContext): LadderWish {
  const refuse = (found: string, expected: string): Error => usageError({ message: 'this is no ladder', where: 'retort ladder', found, expected })
  if (options.suite === undefined) throw refuse('no --suite', `--suite ${suiteNameSchema.options.join('|')}, or --resume ID`)
  const seeds = list(options.seeds).map(Number)
  if (seeds.length === 0 || !seeds.every((seed) => Number.isInteger(seed) && seed >= 0)) throw refuse(`--seeds ${options.seeds}`, 'whole numbers with commas between')
  const splits = z.array(z.enum(['held-out', 'ood'])).min(1).optional().safeParse(options.splits === undefined ? undefined : list(options.splits))
  if (!splits.success) throw refuse(`--splits ${options.splits ?? ''}`, 'held-out, ood, or both')
  const { path: student } = engine.findStudent(options.student)
  out.note(`student: ${student}`)
  const given = options.arms === undefined ? undefined : armsIn(resolve(cwd, options.arms))
  const { suite, tokens, tasks, sag } = options
  const tasksFile = options['tasks-file']
  return {
    suite, student, tokens, tasks, taskSeed: options['task-seed'], ...wantedRepeats(options.repeats, 'ladder'), ...(splits.data ? { splits: splits.data } : {}), seeds, sag,
    ...(tasksFile === undefined ? {} : { tasksFile: resolve(cwd, tasksFile) }),
    ...(given ? { arms: given.arms, settings: given.settings } : {}),
    ...(options.only === undefined ? {} : { only: list(options.only) }),
  }
}

async function teachingOf(options: Options, context: CommandContext): Promise<LadderTeaching> {
  const teacher = await openedTeacher(options, context, 'ladder')
  return { teacher, provider: null, prices: pricesOf(options, 'ladder'), budget: budgetOf(options, 'ladder'), traffic: trafficOf(options), firstThought: thoughtOf(options['first-thought']) }
}

function* teacherLines({ rungs }: Ladder): Iterable<string> {
  const told = new Set<string>()
  for (const { arm, taught } of rungs) {
    if (!taught || told.has(taught.batch)) continue
    told.add(taught.batch)
    const { episodes, kept, rejected, rejections, usage } = taught
    const why = rejections.map(({ reason, count }) => `${count} ${reason}`).join(', ')
    yield `teacher, ${arm}: ${episodes} episodes, ${kept} kept, ${rejected} rejected${why === '' ? '' : ` (${why})`}; ${counted(usage.requests, 'request')}${usage.cost ? `, ${moneyText(usage.cost)}` : ''}`
  }
}

const list = (text: string): string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '')

export const ladder = defineCommand({
  name: 'ladder',
  summary: 'what distillation buys: students made in different ways, on as many tokens, at the same tasks',
  details: `Each rung is taught by the suite's expert, trained, and evaluated, in-domain and out of domain; what is done is on the disk, and
--resume ID goes on (--list says the ids). With a --teacher that is a model its own episodes are what students learn from, where the scorer lets them pass, and
there is a rung whose first turns begin with its own thoughts. It is asked for each task once, whatever the seeds, on the same tasks for
all rungs; its budget is for all of them, and a rung that would exceed it fails and goes on with --resume ID and a larger one.
The report (Markdown and SVG, and a CSV of what came of each task) lies in the project's folder ladders/ID/report.`,
  options: OPTIONS,
  together: {
    alone: {
      list: { besides: [], why: 'all ladders of the project are listed' },
      resume: { besides: [...TEACHER_AGAIN, 'side-by-side', 'threads'], why: 'a ladder keeps what it was begun with' },
    },
  },
  document: z.union([ladderReportSchema, z.object({ ladders: z.array(ladderSchema), damaged: z.array(damagedSchema) })]),
  async run(options, context) {
    const { engine, project, signal, out } = context
    if (options.list) return engine.listLadders({ project })
    const wish = options.resume === undefined ? wishOf(options, context) : null
    const id = options.resume ?? (await engine.beginLadder({ project, wish: wish!, system: options.system, context: options.context, teaching: await teachingOf(options, context) }))
    let told = ''
    let bar: { readonly label: string; readonly progress: Progress } | null = null
    if (wish) out.note(`ladder ${id}`)
    const onProgress = (now: LadderProgress): void => {
      const { label, unit } = ladderPart(now)
      if (bar === null) for (const change of now.ladder.changes ?? []) out.note(changeText(change))
      if (bar === null && !now.ladder.rungs.some(({ state }) => state === 'done')) out.note(forecastLine(now.forecast))
      if (bar?.label !== label) {
        bar?.progress.end()
        const rung = `${now.arm} ${now.seed}`
        if (now.secondsLeft !== null && rung !== told) out.note(`about ${durationText(now.secondsLeft)} left, by what rungs took so far`)
        told = rung
        bar = { label, progress: out.progress(label, unit) }
      }
      bar.progress.update({ done: now.done, total: now.total })
    }
    const findTeacher: FindTeacher = (kept) => teacherAgain(kept, options, context)
    try {
      return await engine.climbLadder({ project, id, sideBySide: options['side-by-side'], threads: options.threads, findTeacher, budget: newBudget(options, 'ladder'), ...(wish ? {} : { traffic: trafficOf(options) }), signal, onProgress })
    } finally {
      // Assigned in onProgress, which the compiler does not see.
      ;(bar as { readonly progress: Progress } | null)?.progress.end()
    }
  },
  *human(document) {
    if ('ladders' in document) {
      yield* ladderList(document)
      return
    }
    const { ladder, files } = document
    const { spec, scores, rungs } = ladder
    const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
    for (const { name } of spec.tasks) {
      yield ''
      yield name
      for (const arm of spec.arms) {
        const score = scores.find((one) => one.arm === arm.name && one.tasks === name)
        const failed = rungs.find((rung) => rung.arm === arm.name && rung.state === 'failed')
        const otherwise = arm.notApplicable === undefined ? (failed ? `failed: ${[failed.error?.message, failed.error?.found].filter(Boolean).join(': ')}` : 'not evaluated') : `not applicable: ${arm.notApplicable}`
        yield `  ${armTitle(arm).padEnd(36)} ${score ? `${percent(score.success.value)} (${percent(score.success.low)} to ${percent(score.success.high)})` : otherwise}`
      }
    }
    yield ''
    yield* teacherLines(ladder)
    const short = shortText(ladder)
    if (short !== null) yield `rungs are ${short}`
    if (ladder.error) yield `failed: ${errorInLine(new RetortError(ladder.error as RetortErrorParts))}`
    for (const file of files) yield `wrote ${file}`
  },
  failed: (document) => 'ladder' in document && document.ladder.state !== 'finished',
})
