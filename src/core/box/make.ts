// The way of a box: create, abstract, cluster, consolidate, verify. What is left out on the way is counted with its reason.
// After AgentDistill (arXiv 2506.14728); verification on held-out tasks, provenance and the floor on usage are added here.
import type { BoxFunnel, BoxTool } from '../../shared/contract/box.ts'
import type { Sha256 } from '../ports/index.ts'
import type { Problem } from '../suites/index.ts'
import { abstractDraft } from './abstract.ts'
import { type Candidate, clustersOf, consolidate } from './consolidate.ts'
import { createDraft, type Creation, type Draft } from './draft.ts'
import { commonNumbers, ownNumbers } from './numbers.ts'
import { proceed, type RunFunction, type Trial, tryOn, verificationOf } from './trial.ts'

export type Making = Creation & {
  /** Of training. */
  readonly problems: readonly Problem[]
  /** Tasks that no tool was made from, all of one split and seed. */
  readonly heldOut: readonly Problem[]
  /** In the same sandbox in which the tools will be used. */
  readonly run: RunFunction
  readonly sha256: Sha256
  /** Share of the held-out tasks that a tool is right on, at least. */
  readonly floor: number
  /** Training tasks that a tool was written for, at least. */
  readonly usage: number
  readonly onProgress: (done: number, total: number) => void
}

export type Made = { readonly common: readonly number[]; readonly funnel: BoxFunnel; readonly tools: readonly (BoxTool & { readonly code: string })[] }

/** Training tasks on which candidates are compared, besides their own. */
const PROBES = 24

/** Throws RetortError `stopped` for the signal. Everything else that goes wrong is a reason in the funnel. */
export async function makeBox(making: Making): Promise<Made> {
  const { problems, heldOut, run, floor, usage, signal } = making
  const dropped = new Map<string, { stage: BoxFunnel['dropped'][number]['stage']; reason: string; count: number }>()
  const drop = (stage: BoxFunnel['dropped'][number]['stage'], reason: string, count = 1): void => {
    const key = `${stage}: ${reason}`
    dropped.set(key, { stage, reason, count: (dropped.get(key)?.count ?? 0) + count })
  }
  const common = commonNumbers(problems.map(({ task }) => task.question))
  const world = { run, common }
  const trialsOn = async (tool: Parameters<typeof tryOn>[0], on: readonly Problem[]): Promise<Trial[]> => {
    const trials: Trial[] = []
    for (const problem of on) {
      proceed(signal)
      trials.push(await tryOn(tool, problem, world))
    }
    return trials
  }

  const drafts: Draft[] = []
  for (const [index, problem] of problems.entries()) {
    proceed(signal)
    const created = await createDraft(problem, making)
    if ('draft' in created) drafts.push(created.draft)
    else drop('create', created.reason)
    making.onProgress(index + 1, problems.length)
  }

  const byShape = new Map<string, { tool: Candidate['tool']; tasks: string[] }>()
  for (const draft of drafts) {
    const abstracted = abstractDraft(draft, ownNumbers(draft.question, common))
    if ('reason' in abstracted) {
      drop('abstract', abstracted.reason)
      continue
    }
    const [again] = await trialsOn(abstracted.tool, problems.filter(({ task }) => task.id === draft.task))
    if (again?.result !== 'right') {
      drop('abstract', 'wrong on its own task once its constants were parameters')
      continue
    }
    const known = byShape.get(abstracted.tool.shape)
    if (known) known.tasks.push(draft.task)
    else byShape.set(abstracted.tool.shape, { tool: abstracted.tool, tasks: [draft.task] })
  }

  const candidates: Candidate[] = []
  for (const shape of byShape.values()) candidates.push({ ...shape, probes: await trialsOn(shape.tool, problems.slice(0, PROBES)) })
  const clusters = clustersOf(candidates)
  const tools: (BoxTool & { readonly code: string })[] = []
  for (const cluster of clusters) {
    const tool = consolidate(cluster)
    if (!tool) {
      drop('consolidate', `right on no probe (${cluster.kind})`)
      continue
    }
    const from = tool.members.flatMap(({ tasks }) => tasks)
    if (from.length < usage) {
      drop('usage', `written for fewer than ${usage} tasks (${cluster.kind})`)
      continue
    }
    const { split, seed } = heldOut[0]!.task
    const verified = verificationOf(await trialsOn(tool, heldOut), { split, seed })
    if (verified.passed < floor * verified.tasks) {
      drop('verify', `right on ${verified.passed} of ${verified.tasks} held-out tasks (${cluster.kind})`)
      continue
    }
    const { members, ...parts } = tool
    const name = freeName(tool.name, tools)
    const code = name === tool.name ? tool.code : tool.code.replace(`function ${tool.name}(`, `function ${name}(`)
    tools.push({ ...parts, parameters: [...tool.parameters], name, code, file: `tools/${name}.js`, sha256: making.sha256(code), from, members: members.length, verified })
  }
  const abstracted = [...byShape.values()].reduce((sum, { tasks }) => sum + tasks.length, 0)
  return { common, funnel: { tasks: problems.length, right: drafts.length, abstracted, clusters: clusters.length, tools: tools.length, dropped: [...dropped.values()] }, tools }
}

function freeName(name: string, taken: readonly { readonly name: string }[]): string {
  let free = name
  for (let number = 2; taken.some((tool) => tool.name === free); number++) free = `${name.slice(0, 36)}_${number}`
  return free
}
