// What a trajectory's agent did: its calls step by step, its method, its answer.
import type { CurationMethod } from '../../../shared/records/curation.ts'
import type { Span } from '../../../shared/records/span.ts'
import type { Turn } from '../../../shared/records/trajectory.ts'
import { canonicalJson } from '../trajectory/index.ts'
import type { Candidate } from './filter.ts'

export type MadeCall = { readonly name: string; readonly argument: string; /** The argument as JSON; undefined where it is none. */ readonly json: unknown }

export type Step = { readonly turn: number; readonly calls: readonly MadeCall[] }

function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function callsOf(turn: Turn, spans: readonly Span[]): MadeCall[] {
  if (turn.calls.length > 0) return turn.calls.map(({ name, arguments: argument }) => ({ name, argument, json: parsed(argument) }))
  return spans.flatMap(({ kind, call }) => {
    if (kind !== 'act' || !call) return []
    const argument = turn.text.slice(call.argument.start, call.argument.end)
    return [{ name: turn.text.slice(call.name.start, call.name.end), argument, json: parsed(argument) }]
  })
}

/** The agent's turns in order, each with its calls; final answers are none. */
export const stepsOf = ({ trajectory, spans }: Pick<Candidate, 'trajectory' | 'spans'>): Step[] =>
  trajectory.turns.flatMap((turn, index) => (turn.role === 'agent' ? [{ turn: index, calls: callsOf(turn, spans[index] ?? []) }] : []))

/** Equal for calls that do the same: case of the name, order of JSON members and white space do not matter. */
export const callKey = ({ name, argument, json }: MadeCall): string =>
  `${name.toLowerCase()} ${json === undefined ? argument.trim().replace(/\s+/g, ' ') : canonicalJson(json)}`

/** A look back, as Reflexion's agents write it at a retry (FireAct: "let me do a reflection and think about how to improve"). */
const LOOKS_BACK = /\blet me (?:do a )?reflect|\b(?:my|the) previous (?:attempt|trial|try)\b|^\s*reflection\s*:/im

/** How the agent went about it. A chain of thought that answers in its one turn is one-round ReAct: no call but the answer. */
export function methodOf(candidate: Pick<Candidate, 'trajectory' | 'spans'>): CurationMethod {
  const { trajectory, spans } = candidate
  const acts = stepsOf(candidate).some(({ calls }) => calls.length > 0)
  let thinks = false
  for (const [index, turn] of trajectory.turns.entries()) {
    if (turn.role !== 'agent') continue
    for (const { kind, start, end } of spans[index] ?? []) {
      if (kind !== 'reason') continue
      thinks = true
      if (LOOKS_BACK.test(turn.text.slice(start, end))) return 'reflexion'
    }
  }
  return acts ? (thinks ? 'react' : 'act') : 'cot'
}

/** The last final answer's own text, without what marks it as one; null: there is none. */
export function answerOf({ trajectory, spans }: Pick<Candidate, 'trajectory' | 'spans'>): string | null {
  for (let index = trajectory.turns.length - 1; index >= 0; index--) {
    const last = spans[index]?.findLast(({ kind }) => kind === 'final')
    if (!last) continue
    const { text } = trajectory.turns[index]!
    const written = last.call ? text.slice(last.call.argument.start, last.call.argument.end) : text.slice(last.start, last.end).replace(/^\s*(?:final\s+)?answer\s*:\s*/i, '')
    return unquoted(written.trim())
  }
  return null
}

const unquoted = (text: string): string => (/^(["'])[^]*\1$/.test(text) && text.length > 1 ? text.slice(1, -1).trim() : text)
