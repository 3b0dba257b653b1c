// Filter 1: the trajectory is whole: spans and calls are readable, tools known, arguments fit, and it ends with an answer.
import { z } from 'zod'
import type { Tool } from '../../../shared/records/trajectory.ts'
import { examine, type FindingCode } from '../annotation/index.ts'
import { stepsOf } from './calls.ts'
import { ALWAYS, rejectEach, type Candidate, type Filter, type Finding } from './filter.ts'

const REASONS: Readonly<Record<FindingCode, string>> = {
  'cover': 'spans do not cover the text',
  'empty-span': 'broken spans',
  'bounds': 'broken spans',
  'surrogate': 'broken spans',
  'kind': 'broken spans',
  'call-range': 'a call that cannot be placed',
  'call-arguments': 'arguments that are no JSON',
  'call-missing': 'a call that cannot be read',
  'call-broken': 'a call that cannot be read',
  'observation': 'an observation that answers no call',
  'final-in-the-middle': 'acts after the final answer',
  'no-agent-turn': 'no turn of the agent',
  'turn-count': 'broken spans',
}

export const schemaFilter: Filter<'schema'> = {
  lacks: ALWAYS,
  async run(candidates, context) {
    const accepts = createChecks()
    return { rejected: await rejectEach(candidates, context, (candidate) => broken(candidate) ?? badCall(candidate, accepts) ?? (context.settings.answer ? openEnd(candidate) : null)) }
  },
}

type Found = Omit<Finding, 'id'>

function broken({ trajectory, spans }: Candidate): Found | null {
  const [first] = examine(trajectory, spans)
  return first ? { reason: REASONS[first.code], detail: `${first.turn === undefined ? '' : `turn ${first.turn + 1}: `}${first.message}` } : null
}

type Check = (given: unknown) => string | null

/** Checks of arguments by their tool's JSON schema, each read once. */
function createChecks(): (tool: Tool) => Check {
  const known = new Map<string, Check>()
  return ({ parameters }) => {
    const key = JSON.stringify(parameters) ?? ''
    const check = known.get(key) ?? checkOf(parameters)
    known.set(key, check)
    return check
  }
}

function checkOf(parameters: unknown): Check {
  if (parameters === undefined || parameters === null) return () => null
  try {
    const schema = z.fromJSONSchema(parameters as Parameters<typeof z.fromJSONSchema>[0])
    return (given) => {
      const { error } = schema.safeParse(given)
      const [issue] = error?.issues ?? []
      return issue ? `${issue.path.join('.') || 'the arguments'}: ${issue.message}` : null
    }
  } catch {
    // Dialects that zod does not read refuse nothing.
    return () => null
  }
}

/** Where the trajectory names its tools, each call's; text calls are checked as far as their arguments are JSON. */
function badCall(candidate: Candidate, checks: (tool: Tool) => Check): Found | null {
  const { tools } = candidate.trajectory
  if (tools.length === 0) return null
  const byName = new Map(tools.map((tool) => [tool.name.toLowerCase(), tool]))
  for (const { turn, calls } of stepsOf(candidate)) {
    for (const { name, json } of calls) {
      const tool = byName.get(name.toLowerCase())
      if (!tool) return { reason: 'an unknown tool', detail: `turn ${turn + 1}: ${name}; offered: ${tools.map((one) => one.name).join(', ')}` }
      const problem = json === undefined ? null : checks(tool)(json)
      if (problem !== null) return { reason: 'arguments that do not fit', detail: `turn ${turn + 1}: ${name}: ${problem}` }
    }
  }
  return null
}

/** An episode that its environment ended with success needs no words. */
function openEnd({ trajectory, spans }: Candidate): Found | null {
  const last = trajectory.turns.findLastIndex(({ role }) => role === 'agent')
  if (spans[last]?.some(({ kind }) => kind === 'final')) return null
  if (trajectory.outcome?.success === true) return null
  return { reason: 'no final answer', detail: `the agent's last turn (${last + 1}) holds none` }
}
