// What a rung trains on where the teacher is a model: its own rollouts that the scorer lets pass, asked for until the tokens are full.
import { join } from 'node:path'
import { suiteNamed } from '../../core/suites/index.ts'
import type { RolloutReport } from '../../shared/contract/rollouts.ts'
import { RetortError } from '../../shared/errors.ts'
import { type Taught, taughtSchema } from '../../shared/records/ladder.ts'
import type { Rollout } from '../../shared/records/rollout.ts'
import { getTrajectory, keepEpisode, openProject, type Project } from '../project/index.ts'
import { type BatchRequest, growBatch } from '../teaching/index.ts'
import { type Filling, FIRST_SEED, type RungDataInput } from './filling.ts'
import { evaluationLimits } from './spec.ts'

/** Project of all rollouts of a ladder, within its folder. */
const TEACHING = 'teaching'
/** Tasks to begin with, and at most at a time: what they come to says how many more are needed. */
const FIRST_TASKS = 4
const MOST_AT_ONCE = 500
/** Episodes in a row that bring nothing: the teacher cannot do these tasks, or its trajectories are too long. */
const MOST_IN_VAIN = 50

/**
 * Takes trajectories in the order of their tasks; whatever was answered before is in the journal. Throws RetortError `budget-reached`
 * and `teacher-failed`: what there is stays, and the same call goes on from there.
 */
export async function fromTeacher(project: Project, input: RungDataInput, filling: Filling): Promise<number> {
  const { signal, onTaught, onProgress } = input
  const request = await requestOf(input)
  const teaching = openProject(join(input.folder, TEACHING), { create: true })
  const seen = new Map<string, 'taken' | 'passed'>()
  let [kept, tasks] = [0, FIRST_TASKS]
  try {
    for (;;) {
      const growing = { request: { ...request, tasks }, wanted: ({ task }: Pick<Rollout, 'task'>) => !filling.passOver(task.question), mostInVain: MOST_IN_VAIN }
      const { report, rollouts } = await growBatch(teaching, growing, { signal, onProgress: ({ done }) => onProgress(expected(filling, { done, taken: seen.size }), filling.most) })
      onTaught(taughtOf(report))
      signal.throwIfAborted()
      if (report.state !== 'finished' && report.state !== 'in-vain') throw endedBy(report)
      // By task, not by time: a rung that shares the batch, or another day, comes to the same.
      let inVain = 0
      for (const rollout of rollouts) {
        const before = seen.get(keyOf(rollout))
        const now = before ?? (await take(project, { rollout, teaching, filling }))
        if (now === 'full') return kept
        seen.set(keyOf(rollout), now)
        if (now === 'taken' && before === undefined) kept += 1
        inVain = now === 'taken' ? 0 : inVain + 1
        if (inVain >= MOST_IN_VAIN) return kept
      }
      // There are no other tasks.
      if (report.done < report.total) return kept
      tasks = report.total + Math.min(further(filling, seen.size), kept === 0 ? MOST_IN_VAIN - inVain : MOST_AT_ONCE)
    }
  } finally {
    teaching.dispose()
  }
}

const keyOf = ({ task, turn }: Rollout): string => `${task.index}/${turn}`

async function take(project: Project, { rollout, teaching, filling }: { rollout: Rollout; teaching: Project; filling: Filling }): Promise<'taken' | 'passed' | 'full'> {
  if (rollout.trajectory === null) return 'passed'
  const { trajectory: { turns, tools, outcome, source }, spans } = getTrajectory(teaching, rollout.trajectory.id)
  const room = filling.weigh(turns, tools)
  if (room !== 'fits') return room === 'full' ? 'full' : 'passed'
  const { kept } = await keepEpisode(project, { start: null, turns, spans, steps: 0, calls: 0, tokens: null, end: null, outcome }, source)
  if (kept === 'duplicate') return 'passed'
  filling.take()
  return 'taken'
}

/** Tokens when `done` episodes bring as much each as those that were `taken` from. */
function expected(filling: Filling, { done, taken }: { readonly done: number; readonly taken: number }): number {
  const { tokens } = filling.counts()
  return taken === 0 ? 0 : Math.min(filling.most, Math.round((tokens / taken) * Math.max(done, taken)))
}

/** As many more tasks as fill the rest, if they bring as much as those before; while nothing came, as many again. */
function further(filling: Filling, done: number): number {
  const { most } = filling
  const { tokens } = filling.counts()
  const wanted = tokens === 0 ? done : Math.floor((most - tokens) / (tokens / done))
  return Math.max(wanted, 1)
}

/** One greedy episode of each task, in the tasks' order: rungs that differ in how they are asked are asked about the same tasks. */
async function requestOf({ spec, data, findTeacher }: RungDataInput): Promise<Omit<BatchRequest, 'tasks'>> {
  const { suite, style, system, seeds, repeats } = spec
  const { teacher, prices, budget, traffic, turnTokens: kept } = spec.teacher!
  const turnTokens = kept?.[data.form] ?? evaluationLimits(suite, data.form).turnTokens
  return {
    suite, style, turnTokens, repeats, prices, budget, traffic, steps: suiteNamed(suite).limits.steps,
    seed: FIRST_SEED + seeds[0]!, first: 0, perTask: 1, temperature: 0, topP: 1, logprobs: 0,
    firstThought: data.firstThought ?? 'off', prompting: data.form, studentPrompt: system,
    teacher: await findTeacher(teacher), provider: teacher.type === 'endpoint' ? teacher.provider : null,
    ...(data.families ? { families: data.families } : {}),
  }
}

/** What the ladder keeps of it: no more, so that rungs that share their data say the same. */
const taughtOf = ({ done, ...report }: RolloutReport): Taught => taughtSchema.parse({ ...report, episodes: done })

const endedBy = ({ state, reason, folder, done, total }: RolloutReport): RetortError =>
  new RetortError({
    code: state === 'budget' ? 'budget-reached' : 'teacher-failed', where: folder,
    message: state === 'budget' ? "the teacher's budget is reached" : 'the teacher could not go on',
    found: `${reason ?? state}, after ${done} of ${total} episodes`, expected: 'episodes until the tokens of the rung are full',
    advice: `go on with the ladder${state === 'budget' ? ' and a larger budget' : ''}: what is answered is not asked again`,
  })
