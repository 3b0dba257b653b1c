// The demo's acts that go over more than one call: the teacher's episodes, a measurement, training, a task that is watched.
import type { Engine } from '../../engine/engine.ts'
import type { EvaluationReport } from '../../shared/contract/evaluating.ts'
import type { DemoReport } from '../../shared/contract/demo.ts'
import { RetortError } from '../../shared/errors.ts'
import type { EventOf } from '../../shared/records/episode.ts'
import type { SuiteName, SuiteTask } from '../../shared/records/suite.ts'
import type { CommandContext } from '../command.ts'
import { watchTraining } from '../trainWatch.ts'
import { MEASURED, type Course } from './course.ts'

export type Stage = Pick<CommandContext, 'engine' | 'out' | 'signal'> & {
  readonly folder: string
  readonly suite: SuiteName
  readonly student: string
  readonly course: Course
}

const SIDE_BY_SIDE = 8

/** Made now, by a server on this machine that speaks as hosted ones do; or, of an earlier demo, gone on with, or there already. */
export async function teach({ engine, out, signal, folder, suite, course }: Stage): Promise<DemoReport['rollouts']> {
  const progress = out.progress('teach', 'episodes')
  const teacher = { type: 'expert', settings: course.teacher } as const
  const families = course.families ? { families: course.families } : {}
  const watch = { signal, onProgress: ({ done, total, kept }: { done: number; total: number; kept: number }) => progress.update({ done, total, note: `${kept} kept` }) }
  try {
    const batches = await engine.listRollouts(folder)
    const known = batches.find(({ batch: { settings } }) => settings.suite === suite && settings.teacher.type === 'expert' && settings.tasks === course.episodes && String(settings.families) === String(course.families))
    if (known?.state === 'finished') return { batch: known.batch.id, episodes: known.done, kept: known.kept, earlier: true }
    const report = known
      ? await engine.resumeRollouts({ project: folder, batch: known.batch.id, budget: undefined, find: async () => teacher, watch })
      : await engine.makeRollouts({
          project: folder,
          request: {
            suite, seed: 0, first: 0, tasks: course.episodes, perTask: 1, ...families, teacher, provider: null, style: undefined, temperature: 0, topP: 1, steps: undefined,
            turnTokens: undefined, firstThought: 'off', logprobs: 0, prices: null, budget: { cost: null, tokens: null }, traffic: { concurrency: SIDE_BY_SIDE },
          },
          watch,
        })
    if (signal.aborted) throw new RetortError({ code: 'stopped', message: 'stopped by the user', found: `${report.done} of ${report.total} episodes`, where: folder, advice: 'the next demo goes on there' })
    return { batch: report.batch, episodes: report.done, kept: report.kept, earlier: false }
  } finally {
    progress.end()
  }
}

/** Held-out tasks, with the adapter where there is one. */
export async function measure({ engine, out, signal, folder, suite, student, course: { families, turnTokens } }: Stage, adapter: string | null): Promise<EvaluationReport> {
  const { seed, tasks } = MEASURED
  const solver = { type: 'local', student, adapter: adapter === null ? null : { path: adapter, scale: 1, run: null } } as const
  const wish = { suite, split: 'held-out', seed, tasks, ...(families ? { families: [...families] } : {}), ...(turnTokens === undefined ? {} : { turnTokens }), solver } as const
  const id = await engine.beginEvaluation({ project: folder, wish })
  const progress = out.progress(adapter === null ? 'before' : 'after', 'tasks')
  try {
    const report = await engine.runEvaluation({
      id, project: folder, signal,
      endpointOf: () => Promise.reject(new Error('a student of this machine needs no endpoint')),
      onProgress: ({ evaluation: { summary, total } }) => progress.update({ done: summary.tasks, total, note: `${summary.successes} solved` }),
    })
    if (report.state !== 'finished') throw new RetortError({ code: 'stopped', message: 'stopped by the user', found: `${report.summary.tasks} of ${report.total} tasks`, where: report.folder })
    return report
  } finally {
    progress.end()
  }
}

/** Trains, or goes on with a run of the same student and settings that was stopped or died. */
export async function train({ engine, out, signal, folder, student, course: { settings } }: Stage): ReturnType<Engine['train']> {
  const watch = watchTraining(out, { signal })
  try {
    const open = await engine.unfinishedRun({ project: folder, student, settings })
    if (open === null) return await engine.train({ project: folder, student, settings, watch })
    out.note(`going on with run ${open}, which was cut off before its end`)
    return await engine.resume({ project: folder, run: open, student, watch })
  } finally {
    watch.end()
  }
}

/** One more held-out task, word by word. */
export async function watchTask({ engine, out, signal, suite, student, course: { families } }: Stage, adapter: string): Promise<NonNullable<DemoReport['shown']>> {
  const { seed, watched } = MEASURED
  const placeAt = (index: number) => ({ split: 'held-out', seed, index }) as const
  const taskAt = (index: number): Promise<SuiteTask> => engine.suiteTask({ suite, place: placeAt(index) })
  let task = await taskAt(watched)
  while (families && !families.includes(task.family)) task = await taskAt(task.index + 1)
  const place = placeAt(task.index)
  let outcome: EventOf<'outcome'>['outcome'] | null = null
  const voice = { type: 'local', student, adapter: { path: adapter, scale: 1 }, context: undefined } as const
  out.line(`   ${task.question}`)
  for await (const event of engine.suiteEpisode({ voice, suite, place, signal })) {
    if (event.type === 'text') out.text(event.text.replaceAll('\n', '\n   '))
    if (event.type === 'step') out.text('   ')
    if (event.type === 'agent') out.line('')
    if (event.type === 'observation') out.line(`   ${event.turn.text}`)
    if (event.type === 'outcome') outcome = event.outcome
  }
  if (outcome === null) throw new Error('an episode of a suite ends with its outcome')
  return { task, success: outcome.success === true, detail: outcome.detail }
}
