// Segmentation: divides every turn of a trajectory into spans, by who wrote it and by the forms agents write in.
import type { Trajectory, Turn } from '../../../shared/records/trajectory.ts'
import { GUESSED } from '../../../shared/records/span.ts'
import type { Span } from '../../../shared/records/span.ts'
import { actionRules, callList } from './actionRules.ts'
import { assemble, claimAll, isCommand } from './claims.ts'
import type { Claim, Filler, Rule, TurnContext } from './claims.ts'
import { sourceRules } from './sourceRules.ts'
import { blockRules, lineRules } from './textRules.ts'

export type { TurnContext } from './claims.ts'
export { findFences } from './fences.ts'
export { bracketsIntact, readCall } from './reread.ts'
export { structuredCalls } from './structuredCalls.ts'
export { THINK_LINE } from './textRules.ts'

/** All rules for agent text, in order of precedence: what a rule claims, later rules leave alone. */
const RULES: readonly Rule[] = [...sourceRules, ...blockRules, ...actionRules, ...lineRules]

/** Rules that read a command from what the source declares, not from how the text looks. */
const DECLARED = new Set(sourceRules.map((rule) => rule.name))

/** Names of all rules that segmentation can give a span. */
export const RULE_NAMES: readonly string[] = [
  ...RULES.map((rule) => rule.name),
  'prose after a command', 'text beside a declared command', 'plain answer', 'environment text', 'context', GUESSED,
]

function filler(context: TurnContext, claims: readonly Claim[]): Filler {
  const commands = claims.filter(isCommand)
  const firstEnd = commands[0]?.end ?? Infinity
  const declared = commands.some((claim) => DECLARED.has(claim.rule))
  const speaks = commands.length === 0 && context.structured && !context.observed
  return (start) => {
    if (start >= firstEnd) return { kind: 'reason', rule: 'prose after a command' }
    if (declared) return { kind: 'reason', rule: 'text beside a declared command' }
    return speaks ? { kind: 'final', rule: 'plain answer' } : { kind: 'reason', rule: GUESSED }
  }
}

/**
 * Spans of one turn: they cover its text without overlap, in half-open UTF-16 ranges; empty text has none.
 * Without a context, rules that need the turn's place in the trajectory do not apply.
 */
export function segmentTurn(turn: Turn, context: TurnContext = { observed: false, structured: false }): Span[] {
  const { text } = turn
  if (text === '') return []
  switch (turn.role) {
    case 'system':
    case 'user':
      return [{ start: 0, end: text.length, kind: 'context', rule: 'context' }]
    case 'environment':
      return [{ start: 0, end: text.length, kind: 'observe', rule: 'environment text' }]
    case 'agent': {
      const claims = claimAll(RULES, { text, turn, context })
      return assemble(text, claims, filler(context, claims))
    }
  }
}

/** Whether the agent calls in a form that cannot be mistaken for words: declared, in tags, or as a list of calls. */
const writesCalls = ({ role, calls, text }: Turn): boolean =>
  role === 'agent' && (calls.length > 0 || /<tool_call>\s*\{/.test(text) || callList(text).length > 0)

/** Spans of every turn of a trajectory, in turn order. */
export function segmentTrajectory(trajectory: Trajectory): Span[][] {
  const structured = trajectory.tools.length > 0 || trajectory.turns.some(writesCalls)
  return trajectory.turns.map((turn, index) =>
    segmentTurn(turn, { observed: trajectory.turns[index + 1]?.role === 'environment', structured }),
  )
}
