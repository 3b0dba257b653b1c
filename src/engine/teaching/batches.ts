// Batches of a project: begun from what is wanted, gone on with, listed, read.
import { repeatsLimit } from '../../core/agent/index.ts'
import { requireFamilies, requireStyle, requireTasks, suiteNamed } from '../../core/suites/index.ts'
import type { Damaged } from '../../shared/contract/damaged.ts'
import type { RolloutEstimate, RolloutReport, RolloutRow } from '../../shared/contract/rollouts.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import type { AgentLimits } from '../../shared/records/episode.ts'
import { type Budget, type BudgetChange, ENDPOINT_TURN_TOKENS, type Prices, type Rollout, type RolloutBatch, type RolloutSettings, type RolloutTeacher, type Traffic } from '../../shared/records/rollout.ts'
import type { Project } from '../project/index.ts'
import { batchFolder, batchIds, createBatch, endOfBatch, journalPath, lockBatch, readBatch, readEpisodes, writeBatch } from './batch.ts'
import { readEach } from '../files/index.ts'
import { estimateRollouts } from './estimate.ts'
import { readJournal, spentBefore } from './journal.ts'
import { latestOfEach, makeRollouts, type RolloutWatch } from './makeRollouts.ts'
import { changedBudget, costOf, FREE_PRICES, requirePrices } from './meter.ts'
import type { OpenedBy } from './source.ts'
import { createTally } from './tallies.ts'

/** What is left open is the suite's own, or usual. */
export type BatchRequest = Pick<RolloutSettings, 'suite' | 'seed' | 'first' | 'tasks' | 'perTask' | 'temperature' | 'topP' | 'firstThought' | 'logprobs'> & {
  readonly families?: readonly string[] | undefined
  /** As an agent when absent. */
  readonly prompting?: RolloutSettings['prompting']
  /** The suite's short one when absent. */
  readonly studentPrompt?: RolloutSettings['studentPrompt']
  readonly teacher: OpenedBy
  /** Its id in the app's settings; null: named on the command line. */
  readonly provider: string | null
  readonly style: RolloutSettings['style'] | undefined
  readonly steps: number | undefined
  readonly turnTokens: number | undefined
  /** Steps in a row that call the same and see the same; 0: any number. */
  readonly repeats?: number | undefined
  readonly prices: Prices | null
  readonly budget: Budget
  readonly traffic: { readonly [Name in keyof Traffic]?: Traffic[Name] | undefined }
}

const TRAFFIC: Traffic = { concurrency: 4, requestsPerMinute: null, tokensPerMinute: null, tries: 6, patience: 120 }
const LIMITS: Omit<AgentLimits, 'steps' | 'turnTokens' | 'turnCharacters'> = { seconds: 1800, calls: 8, callSeconds: 20, observationCharacters: 4000 }
/** Of a token at most, on average over a turn. */
const CHARACTERS_PER_TOKEN = 16

/** Throws RetortError `no-family`, `no-such-style`, `no-such-task`. */
function settingsOf(request: BatchRequest): RolloutSettings {
  const { suite: name, seed, first, tasks, perTask, temperature, topP, firstThought, logprobs, families } = request
  const suite = suiteNamed(name)
  requireFamilies(suite, { split: 'train', families })
  requireStyle(suite, request.style)
  requireTasks(suite, { split: 'train', count: first + tasks })
  if (typeof firstThought !== 'string') requireFamilies(suite, { split: 'train', families: firstThought })
  const turnTokens = request.turnTokens ?? (request.teacher.type === 'endpoint' ? Math.max(ENDPOINT_TURN_TOKENS, suite.limits.turnTokens) : suite.limits.turnTokens)
  const limits = { ...LIMITS, ...repeatsLimit(request.repeats), steps: request.steps ?? suite.limits.steps, turnTokens, turnCharacters: turnTokens * CHARACTERS_PER_TOKEN }
  return {
    prompting: request.prompting ?? 'agent', studentPrompt: request.studentPrompt ?? null, suite: name, seed, first, tasks, perTask, temperature, topP, firstThought, logprobs, limits, style: request.style ?? suite.style, teacher: keptTeacher(request),
    ...(families ? { families: [...families] } : {}),
  }
}

/** Without the key. */
export function keptTeacher({ teacher, provider }: Pick<BatchRequest, 'teacher' | 'provider'>): RolloutTeacher {
  if (teacher.type !== 'endpoint') return teacher.type === 'expert' ? teacher : { type: 'local', path: teacher.path }
  const { endpoint: { kind, name, baseUrl, prefill }, model } = teacher
  return { type: 'endpoint', provider, kind, name, baseUrl, model, ...(prefill === undefined ? {} : { prefill }) }
}

export const estimateBatch = (request: BatchRequest, signal: AbortSignal): Promise<RolloutEstimate> =>
  estimateRollouts(settingsOf(request), request.prices, signal)

/** Makes a batch and works at it. Throws as `makeRollouts` does; `no-prices` before anything is made. */
export async function startBatch(project: Project, request: BatchRequest, watch: RolloutWatch): Promise<RolloutReport> {
  const { batch, folder } = createBatch(project.folder, batchOf(request))
  return makeRollouts({ project, batch, folder, teacher: request.teacher }, watch)
}

/** The record of what is asked for. Throws RetortError `no-prices`, `no-family`. */
export function batchOf(request: BatchRequest): Omit<RolloutBatch, 'id'> {
  const { budget, prices } = request
  requirePrices({ prices, budget })
  return { createdAt: new Date().toISOString(), settings: settingsOf(request), prices, budget, traffic: trafficOf(request.traffic) }
}

/** What is left open is usual, or as it was. */
export const trafficOf = (given: BatchRequest['traffic'], before: Traffic = TRAFFIC): Traffic =>
  ({ ...before, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) })

/** How a batch's teacher is had again, with its key. */
export type FindTeacher = (teacher: RolloutTeacher) => Promise<OpenedBy>

/** Goes on with a batch; `budget` and `traffic` take the place of its own, limit by limit: they decide no answer. Throws RetortError `no-batch`, `no-prices`, `batch-busy` before anything is written; and as `makeRollouts` does. */
export async function resumeBatch(
  project: Project,
  { id, budget, traffic = {}, find }: { readonly id: string; readonly budget: BudgetChange | undefined; readonly traffic?: BatchRequest['traffic'] | undefined; readonly find: FindTeacher },
  watch: RolloutWatch,
): Promise<RolloutReport> {
  const { batch: before, folder } = readBatch(project.folder, id)
  const batch: RolloutBatch = { ...before, budget: budget === undefined ? before.budget : changedBudget(before, budget), traffic: trafficOf(traffic, before.traffic) }
  const teacher = await find(batch.settings.teacher)
  const lock = lockBatch(folder)
  try {
    writeBatch(folder, batch)
  } finally {
    lock.release()
  }
  return makeRollouts({ project, batch, folder, teacher }, watch)
}

/** Newest first; one whose episodes or journal cannot be read says so, and those whose settings cannot are `damagedBatches`. */
export const listBatches = (project: string): RolloutRow[] => readAll(project).rows.map(({ batch, folder }) => rowOf(batch, folder))
export const damagedBatches = (project: string): Damaged[] => readAll(project).damaged

const readAll = (project: string) => readEach(batchIds(project), { read: (id) => readBatch(project, id), missing: 'no-batch' })

function rowOf(batch: RolloutBatch, folder: string): RolloutRow {
  const { settings, prices } = batch
  const tally = createTally({ total: settings.tasks * settings.perTask, logprobs: settings.logprobs > 0 })
  let problem: string | null = null
  const read = <Value>(work: () => Value, otherwise: Value): Value => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof RetortError)) throw error
      const { message, where } = errorParts(error)
      problem = [message, where].filter(Boolean).join(': ')
      return otherwise
    }
  }
  for (const rollout of latestOfEach(read(() => readEpisodes(folder), [])).values()) tally.add(rollout)
  const { lost, ...spent } = spentBefore(read(() => readJournal(journalPath(folder)), []))
  const usage = { ...spent, replayed: 0, cost: costOf(spent, settings.teacher.type === 'endpoint' ? prices : FREE_PRICES) }
  return { ...tally.state({ usage, lost }), batch, folder, teacher: nameOf(settings), ...endOfBatch(folder), problem }
}

const nameOf = ({ teacher, suite }: RolloutSettings): string => {
  switch (teacher.type) {
    case 'expert':
      return `expert of ${suite}`
    case 'endpoint':
      return `${teacher.name}: ${teacher.model}`
    case 'local':
      return teacher.path
  }
}

/** What a batch's figures count: of each episode its last try, in the order in which they ended. */
const episodesOf = (project: string, batch: string): Rollout[] => [...latestOfEach(readEpisodes(readBatch(project, batch).folder)).values()]

type PageWish = { readonly batch: string; readonly offset: number; readonly limit: number; readonly only?: 'kept' | 'rejected' | undefined }

/** Without their events. */
export function rolloutPage(project: string, { batch, offset, limit, only }: PageWish): { total: number; indices: number[]; episodes: Omit<Rollout, 'events'>[] } {
  const all = episodesOf(project, batch).map((episode, index) => ({ episode, index }))
  const wanted = only === undefined ? all : all.filter(({ episode: { rejected } }) => (rejected === null) === (only === 'kept'))
  const page = wanted.slice(offset, offset + limit)
  return { total: wanted.length, indices: page.map(({ index }) => index), episodes: page.map(({ episode: { events: _, ...rest } }) => rest) }
}

/** Throws RetortError `no-rollout`. */
export function rolloutAt(project: string, { batch, index }: { batch: string; index: number }): Rollout {
  const all = episodesOf(project, batch)
  const rollout = all[index]
  if (rollout) return rollout
  throw new RetortError({ code: 'no-rollout', message: 'the batch has no such episode', where: batchFolder(project, batch), found: String(index), expected: all.length === 0 ? 'none has ended yet' : `0 to ${all.length - 1}` })
}
