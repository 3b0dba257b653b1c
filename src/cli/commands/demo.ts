// `retort demo`: the whole way with what comes along: a teacher's episodes, a student that learns from them, and what it can do then.
import { existsSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { starterStudent } from '../../engine/paths.ts'
import { demoReportSchema, type DemoReport } from '../../shared/contract/demo.ts'
import { suiteNameSchema } from '../../shared/records/suite.ts'
import type { TrajectoryRow } from '../../shared/contract/trajectories.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { measure, teach, train, watchTask, type Stage } from '../demo/acts.ts'
import { type Course, courseOf } from '../demo/course.ts'
import { closing, evaluationLine, gainLine, spanLine, trainingLine } from '../demo/lines.ts'
import { maskLines } from '../maskLines.ts'

/** Kinds whose spans a row of the list counts. */
const KINDS = ['reason', 'act', 'final', 'observe'] as const

const spanCounts = (rows: readonly TrajectoryRow[]): DemoReport['sample']['spans'] =>
  Object.fromEntries(KINDS.map((kind) => [kind, rows.reduce((sum, row) => sum + row.spans[kind], 0)])) as DemoReport['sample']['spans']

async function openSample({ engine }: CommandContext): Promise<DemoReport['sample']> {
  const folder = await engine.openSample()
  const { rows } = await engine.listTrajectories(folder)
  return { folder, trajectories: rows.length, spans: spanCounts(rows), guessed: rows.reduce((sum, row) => sum + row.guessed, 0) }
}

/** Each student has a project of its own: it is trained on all that is there. */
function folderName(suite: string, student: string): string {
  const own = student === starterStudent ? '' : `-${basename(student, extname(student)).replaceAll(/[^\w.-]+/g, '-')}`
  return `demo-${suite}${own}`
}

/** Another student on this machine than the one that comes along. */
function biggerThan(student: string, { engine }: CommandContext): string | null {
  const { path } = engine.findStudent(undefined)
  return path === student || path === starterStudent ? null : path
}

export const demo = defineCommand({
  name: 'demo',
  summary: 'a teacher, a student, and what it can do before and after, with nothing but what comes along',
  details:
    "The suite's expert works at tasks through a server on this machine, a small student that comes along is trained on its episodes, and\n" +
    'held-out tasks are solved before and after. Some 3 minutes on 2 cores, some 7 with a student of 135 million parameters. Ctrl-C saves (exit code 1); the next demo goes on.\n' +
    "The project lies in the app's data folder unless --project names one. With --student the same is done with a bigger student.",
  options: {
    student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the one that comes along)' },
    suite: { kind: 'text', value: 'SUITE', help: 'whose tasks', choices: suiteNameSchema.options, default: 'arith' },
    episodes: { kind: 'int', value: 'N', help: "the teacher's episodes (default: 2000, with a bigger student 600)", min: 1, max: 100_000 },
    steps: { kind: 'int', value: 'N', help: 'optimiser steps at most (default: as many as the episodes give)', min: 1 },
  },
  document: demoReportSchema,
  async run({ student: given, suite, episodes, steps }, context): Promise<DemoReport> {
    const { engine, out, signal } = context
    const began = performance.now()
    const student = given === undefined && existsSync(starterStudent) ? starterStudent : engine.findStudent(given).path
    const folder = context.namedProject ?? join(engine.dataFolder, folderName(suite, student))
    const families = (await engine.listSuites()).suites.find(({ name }) => name === suite)!.families.train
    const standard = courseOf({ name: suite, families }, student === starterStudent)
    const course: Course = { ...standard, episodes: episodes ?? standard.episodes, settings: { ...standard.settings, ...(steps === undefined ? {} : { maxSteps: steps }) } }
    const stage: Stage = { engine, out, signal, folder, suite, student, course }
    out.line(`student  ${student}\nproject  ${folder}\ntasks    ${suite}${course.families ? `, ${course.families.length} of its ${families.length} kinds` : ''}`)

    const sample = await openSample(context)
    out.line(`\n1. The sample project: ${sample.trajectories} recorded trajectories in ${sample.folder}`)
    out.line(`   ${spanLine(sample)}`)

    out.line(`\n2. A teacher works: the expert of ${suite}, through a server on this machine`)
    const rollouts = await teach(stage)
    out.line(`   ${rollouts.kept} of ${rollouts.episodes} episodes are kept as trajectories${rollouts.earlier ? ' (made by an earlier demo)' : ''}`)

    const { rows, total } = await engine.listTrajectories(folder, { limit: 1 })
    const [first] = rows
    if (!first) throw new Error('a teacher that kept episodes has made trajectories')
    const mask = await engine.mask({ project: folder, id: first.id, student, recipe: 'sft', signal })
    out.line(`\n3. What the student will learn of one of them (${first.id.slice(0, 12)}): the teacher's words, not what it was told`)
    for (const line of maskLines(mask)) out.line(`   ${line}`)
    out.line(`   ${mask.trained} of ${mask.tokens.length} tokens are trained; ${mask.straddling} straddle two spans`)

    out.line('\n4. Before: held-out tasks with the plain student')
    const before = await measure(stage, null)
    out.line(`   ${evaluationLine(before.summary)}`)

    out.line(`\n5. Training on ${total} trajectories`)
    const training = await train(stage)
    out.line(`   ${trainingLine(training)}`)
    const done = { project: folder, student, suite, sample, rollouts, trajectories: total, mask, before: before.summary, training, bigger: biggerThan(student, context) }
    const seconds = (): number => (performance.now() - began) / 1000
    if (training.state === 'stopped') return { ...done, after: null, shown: null, seconds: seconds() }

    out.line('\n6. After: the same tasks with the trained student')
    const after = await measure(stage, training.adapter)
    const { difference: gain } = await engine.compareEvaluations({ project: folder, first: before.id, second: after.id })
    out.line(`   ${evaluationLine(after.summary)}`)
    if (gain) out.line(`   ${gainLine(gain)}`)

    out.line('\n7. One more held-out task, as it is worked at')
    const shown = await watchTask(stage, training.adapter)
    out.line(`   ${shown.success ? 'Right' : 'Not right'}: ${shown.detail}`)
    return { ...done, after: { summary: after.summary, gain }, shown, seconds: seconds() }
  },
  *human(report) {
    yield* closing(report)
  },
  failed: ({ training }) => training.state === 'stopped',
})
