// What a rung trains on: trajectories up to its tokens, in a project of their own, shared by rungs that train on the same.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { createWordingCheck, workedEpisode } from '../../core/evaluation/index.ts'
import { draftOf } from '../../core/agent/index.ts'
import { renderConversation } from '../../core/pipeline/training/index.ts'
import { canonicalJson } from '../../core/pipeline/trajectory/index.ts'
import { drawProblems, ofFamilies, suiteNamed } from '../../core/suites/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { type LadderSpec, type Taught, taughtSchema } from '../../shared/records/ladder.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { systemClock } from '../agent/index.ts'
import { readJsonFile, sha256, writeJsonFile } from '../files/index.ts'
import { openStudent } from '../llama/index.ts'
import { correctTrajectories, getTrajectory, importPaths, keepEpisode, listIds, openProject, type Project } from '../project/index.ts'
import { openSuiteTools } from '../suites/index.ts'
import { createBudget, type Filling, FIRST_SEED, type RungDataInput } from './filling.ts'
import { problemsOf } from './spec.ts'
import { fromTeacher } from './teacherData.ts'

/** Trajectories that were passed over: `tooLong` for the run, `alike`: worded like a task of the evaluations. */
const madeSchema = z.object({ trajectories: z.int(), tokens: z.int(), tooLong: z.int().default(0), alike: z.int().default(0), taught: taughtSchema.nullable().default(null) })
/** `key`: the project's folder within the ladder's data; tokens are those of whole trajectories as the student is trained on them. */
export type RungData = z.infer<typeof madeSchema> & { readonly key: string; readonly project: string }

/** Makes the data, unless it is there. Throws RetortError `no-data` where not even one trajectory fits. */
export async function rungData(input: RungDataInput): Promise<RungData> {
  const { spec, data, seed, folder } = input
  const { suite, student, style, system } = spec
  const wanted = data.tokens ?? spec.tokens
  // What is paid for is the same with all seeds.
  const drawn = data.file === undefined && spec.teacher === null
  const key = sha256(canonicalJson({ suite, student, style, system, data, wanted, seed: drawn ? seed : null })).slice(0, 12)
  const project = join(folder, 'data', key)
  const marker = join(project, 'data.json')
  const known = readJsonFile(marker, madeSchema)
  if (known) return { ...known, key, project }
  // What a killed process left half-made.
  if (existsSync(project)) rmSync(project, { recursive: true, force: true })
  const opened = openProject(project, { create: true })
  const reader = await openStudent({ path: student, weights: 'none', signal: input.signal })
  try {
    const { template, tokenizer } = reader
    const budget = createBudget({
      most: wanted,
      longest: Math.min(spec.settings.context ?? CONTEXT, reader.trainedContext),
      count: (turns, tools) => renderConversation({ turns, tools, template, tokenizer, generationPrompt: false }).ids.length,
      onTaken: (taken) => input.onProgress(taken, wanted),
    })
    const fill = data.file !== undefined ? fromFile : spec.teacher === null ? fromExpert : fromTeacher
    const isAlike = await wordingCheck(spec)
    const alike = new Set<string>()
    const passOver = (question: string): boolean => {
      const same = isAlike(question)
      if (same) alike.add(question)
      return same
    }
    let taught: Taught | null = null
    const onTaught = (now: Taught): void => {
      taught = now
      input.onTaught(now)
    }
    const trajectories = await fill(opened, { ...input, onTaught }, { ...budget, passOver })
    if (trajectories === 0) throw new RetortError({ code: 'no-data', message: 'this rung has nothing to train on', where: project, found: `no trajectory within ${wanted} tokens${rejectedBy(taught)}`, expected: 'at least one' })
    const made = { trajectories, ...budget.counts(), alike: alike.size, taught }
    writeJsonFile(marker, made)
    return { ...made, key, project }
  } finally {
    await reader.dispose()
    opened.dispose()
  }
}

const rejectedBy = (taught: Taught | null): string =>
  taught === null ? '' : `; of ${taught.episodes} episodes of the teacher ${[`${taught.kept} kept`, ...taught.rejections.map(({ reason, count }) => `${count} ${reason === 'time' ? 'over their time' : reason}`)].join(', ')}`

/** Tasks of a file are kept out of training by their wording; a suite's own splits are apart by how they are drawn. */
async function wordingCheck({ suite, tasks }: LadderSpec): Promise<(question: string) => boolean> {
  const asked: string[] = []
  for (const { choice } of tasks) if (choice.from === 'file') for (const { task } of await problemsOf(suiteNamed(suite), choice)) asked.push(task.question)
  return createWordingCheck(asked)
}

/** Of a run that does not say otherwise. */
const CONTEXT = 2048
/** Tasks in a row that bring nothing: the suite's wordings are used up, or all its trajectories are too long. */
const MOST_IN_VAIN = 500

/** Tasks that are looked at, at most: those of families that are not wanted are passed over. */
const MOST_TASKS = 1_000_000

async function fromExpert(project: Project, { spec, data, seed, signal }: RungDataInput, filling: Filling): Promise<number> {
  const suite = suiteNamed(spec.suite)
  const asking = { suite, prompting: data.form, style: spec.style, system: data.form === 'agent' ? spec.system : null }
  const tools = openSuiteTools()
  let [kept, inVain] = [0, 0]
  try {
    const draw = { split: 'train' as const, seed: FIRST_SEED + seed, count: MOST_TASKS, ...ofFamilies(data.families) }
    for (const problem of drawProblems(suite, draw)) {
      if (inVain++ > MOST_IN_VAIN) return kept
      if (filling.passOver(problem.task.question)) continue
      for (let wording = 0; wording < data.wordings; wording++) {
        signal.throwIfAborted()
        const episode = await workedEpisode(asking, problem, { suiteTools: tools.tools, clock: systemClock, signal, seed: seed * 101 + wording, settings: data.expert })
        // An expert that fails teaches nothing.
        if (episode.outcome?.success !== true) continue
        const room = filling.weigh(episode.turns, draftOf(episode).tools)
        if (room === 'full') return kept
        if (room === 'too-long') continue
        const { id, kept: state } = await keepEpisode(project, episode)
        if (state === 'duplicate') continue
        kept += 1
        inVain = 0
        filling.take()
        labelSlips(project, id, { turns: episode.turns, slips: episode.slips })
      }
    }
    return kept
  } finally {
    await tools.dispose()
  }
}

/** Steps that the expert took wrong on purpose: recipes that care leave them out of the loss. */
function labelSlips(project: Project, trajectoryId: string, { turns, slips }: { turns: readonly Turn[]; slips: readonly number[] }): void {
  if (slips.length === 0) return
  const agent = turns.flatMap(({ role }, turn) => (role === 'agent' ? [turn] : []))
  const changes = slips.map((step) => ({ trajectoryId, change: { type: 'label' as const, turn: agent[step]!, label: 'mistake' as const } }))
  correctTrajectories(project, { title: 'Slips', reason: 'the expert took this step wrong on purpose', author: 'expert', at: new Date().toISOString(), changes })
}

/** Trajectories of a file, from its beginning: imported into a project of its own, those that fit kept here. */
async function fromFile(project: Project, { data, signal }: RungDataInput, filling: Filling): Promise<number> {
  const path = join(project.folder, 'imported')
  const imported = openProject(path, { create: true })
  let kept = 0
  try {
    await importPaths(imported, [data.file!], { onProgress: () => undefined, signal })
    for (const id of listIds(imported, { filter: {}, sort: { by: 'imported', descending: false } })) {
      signal.throwIfAborted()
      const { trajectory: { turns, tools, outcome, source }, spans } = getTrajectory(imported, id)
      if (filling.passOver(turns.find(({ role }) => role === 'user')?.text ?? '')) continue
      const room = filling.weigh(turns, tools)
      if (room === 'full') break
      if (room === 'too-long') continue
      const episode = { start: null, turns, spans, steps: 0, calls: 0, tokens: null, end: null, outcome }
      const { kept: state } = await keepEpisode(project, episode, source)
      if (state === 'duplicate') continue
      kept += 1
      filling.take()
    }
    return kept
  } finally {
    imported.dispose()
    rmSync(path, { recursive: true, force: true })
  }
}
