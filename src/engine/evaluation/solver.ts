// Who works at the tasks, opened: a student with as many conversations as tasks at a time, an endpoint, or a suite's expert.
import { availableParallelism } from 'node:os'
import type { ChatModel } from '../../core/agent/index.ts'
import { expertModel, type Problem } from '../../core/suites/index.ts'
import type { Tool } from '../../shared/records/trajectory.ts'
import type { Evaluation, EvaluationSpec, EvaluationTerms, Solver } from '../../shared/records/evaluation.ts'
import type { Usage } from '../../shared/records/rollout.ts'
import { localModel } from '../agent/index.ts'
import { sha256File } from '../files/index.ts'
import type { Endpoint } from '../providers/index.ts'
import { openMeteredTeacher } from '../teaching/index.ts'

export type OpenSolver = {
  readonly name: string
  readonly files: Evaluation['files']
  /** Who acts in an episode at this problem with these tools. */
  model(problem: Problem, tools: readonly Tool[]): ChatModel
  /** Episodes at a time. */
  readonly parallel: number
  /** Tokens so far, of prompts as they were evaluated and as they were had from others, and written; null where that is not known. */
  counts(): { readonly evaluated: number; readonly shared: number; readonly written: number } | null
  /** What requests came to, earlier starts among them; null where none is paid. */
  readonly usage: () => Usage | null
  /** Aborted, with why, when no further request is made: the budget is reached, or what is asked cannot be written down. */
  readonly ended?: AbortSignal
  dispose(): Promise<void>
}

export type OpenSolverInput = {
  readonly spec: EvaluationSpec
  /** How a provider is had, with its key. */
  readonly endpointOf: (provider: string) => Promise<Endpoint>
  /** An endpoint has it: folder of the journal of its requests, what it may cost, and who is told what it is doing. */
  readonly asked?: { readonly folder: string; readonly terms: EvaluationTerms | null; readonly onNotice: (text: string) => void }
  /** Episodes at a time; absent: what suits this machine. */
  readonly sideBySide?: number | undefined
  /** Cores that a student of this machine computes on; absent: all, as for training. */
  readonly threads?: number | undefined
  readonly signal: AbortSignal
}

/** llama.cpp contexts of a pool at most: each has buffers of its own. */
const MOST_CONTEXTS = 4
/** Conversations of a context. Decoding them in one batch costs as much for each token (docs/log.md): what is gained is what they share. */
const SEQUENCES = 4
const ENDPOINT_EPISODES = 8
/** At a time, samples of votes among them. */
const ENDPOINT_REQUESTS = 16

/** Throws RetortError for a student, adapter or provider that cannot be had. */
export async function openSolver(input: OpenSolverInput): Promise<OpenSolver> {
  const { solver, style } = input.spec
  switch (solver.type) {
    case 'local':
      return openLocal(solver, input)
    case 'endpoint':
      return openEndpoint(solver, input)
    case 'expert': {
      const model = (problem: Problem, tools: readonly Tool[]): ChatModel => expertModel({ problem, style, seed: 0, tools })
      return { name: 'expert', files: null, model, parallel: input.sideBySide ?? 1, counts: () => null, usage: () => null, dispose: async () => undefined }
    }
  }
}

/** Metered and with a journal, as teachers are: a task that was cut off goes on from its answers. */
async function openEndpoint({ provider, model: name }: Solver & { type: 'endpoint' }, { endpointOf, asked, sideBySide, signal }: OpenSolverInput): Promise<OpenSolver> {
  if (!asked) throw new Error('an endpoint is asked with a journal')
  const { folder, terms, onNotice } = asked
  const teacher = { type: 'endpoint' as const, endpoint: await endpointOf(provider), model: name }
  // Failures in a row are counted by their tasks.
  const paid = await openMeteredTeacher({ teacher, terms: terms ?? NO_TERMS, folder, onNotice, mostFailures: Infinity, signal })
  const parallel = sideBySide ?? ENDPOINT_EPISODES
  const model: ChatModel = { ...paid.model, parallel: Math.max(1, Math.floor(ENDPOINT_REQUESTS / parallel)) }
  return { name: model.name, files: null, model: () => model, parallel, counts: () => null, usage: paid.usage, ended: paid.ended, dispose: paid.dispose }
}

const NO_TERMS = { prices: null, budget: { cost: null, tokens: null }, traffic: {} }

async function openLocal({ student: path, adapter: chosen }: Solver & { type: 'local' }, { spec, sideBySide, threads, signal }: OpenSolverInput): Promise<OpenSolver> {
  const { openChatPool, openStudent } = await import('../llama/index.ts')
  const adapter = chosen && { path: chosen.path, scale: chosen.scale }
  const files = { student: await sha256File(path), adapter: adapter && (await sha256File(adapter.path)) }
  const student = await openStudent({ path, weights: 'loaded', signal })
  try {
    const context = Math.min(spec.context, student.trainedContext)
    const samples = spec.sag?.samples ?? 1
    const cores = threads ?? availableParallelism()
    const contexts = Math.min(cores, MOST_CONTEXTS, sideBySide ?? Infinity)
    const pooling = { contexts, threads: Math.floor(cores / contexts) }
    const episodes = sideBySide ?? (samples === 1 ? contexts * SEQUENCES : contexts)
    // All samples of a step lie in one context, where they share their prompt.
    const sequences = Math.max(Math.ceil(episodes / contexts), samples)
    const pool = await openChatPool({ student, ...(adapter ? { adapter } : {}), context, ...pooling, sequences, signal })
    const model: ChatModel = { ...localModel({ chat: pool, student, adapter }), parallel: sequences }
    return {
      name: model.name,
      files,
      model: () => model,
      parallel: episodes,
      counts: pool.counts,
      usage: () => null,
      dispose: async () => {
        await pool.dispose()
        await student.dispose()
      },
    }
  } catch (error) {
    await student.dispose()
    throw error
  }
}
