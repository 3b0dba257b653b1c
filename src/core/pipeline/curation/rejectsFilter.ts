// Filter 2: hard rejects: a turn that its environment could not read, or a limit that ended the episode (methods.md 4).
import { ALWAYS, rejectEach, type Candidate, type Filter, type Finding } from './filter.ts'

/**
 * How environments say that they could not read a turn, at the beginning of an observation: ReAct's and ALFWorld's, smolagents',
 * SWE-agent's, LangChain's, and this program's own. Errors of what was run are none: recovering from them is worth learning.
 */
const UNREAD = [
  /^(?:Observation(?: \d+)?:\s*)?Invalid action\b/i,
  /^(?:Observation(?: \d+)?:\s*)?(?:Error:\s*)?(?:Your (?:last )?(?:output|response|action)|The (?:output|response|action)|Agent(?:'s)? (?:output|action)) (?:was not|could not be|cannot be|can't be|is not) (?:formatted correctly|parsed|understood|a valid)/i,
  /^(?:Observation(?: \d+)?:\s*)?(?:Error in )?(?:code|action|output|tool call)? ?pars(?:e|ing) error\b/i,
  /^(?:Observation(?: \d+)?:\s*)?(?:Could not|Failed to) parse (?:LLM output|the|your)/i,
  /^(?:Observation(?: \d+)?:\s*)?Error in code parsing/i,
  /^(?:Observation(?: \d+)?:\s*)?Invalid Format: Missing/i,
  /^(?:Observation(?: \d+)?:\s*)?Not understood: /,
]

/** How outcomes and last observations say that a limit was hit; SWE-agent's exit status among them. */
const LIMITS = /\b(?:max(?:imum)?(?: number of)? (?:steps|iterations|turns)|step limit|(?:steps?|turns?|iterations?) limit|exit_(?:context|cost|time|total|error|early|format|forfeit)\w*|context (?:window|length) exceeded|ran out of (?:steps|turns)|timed? ?out\b.*episode|out of budget)/i

export const rejectsFilter: Filter<'rejects'> = {
  lacks: ALWAYS,
  run: async (candidates, context) => {
    const { parse, limit, steps } = context.settings
    const rejected = await rejectEach(candidates, context, (candidate) => (parse ? unread(candidate) : null) ?? (limit ? ended(candidate) : null) ?? (steps === null ? null : tooLong(candidate, steps)))
    return { rejected }
  },
}

type Found = Omit<Finding, 'id'>

/** The beginnings of observations are enough, and a page that quotes such a sentence is none. */
const BEGINNING = 200

function unread({ trajectory }: Candidate): Found | null {
  const turn = trajectory.turns.findIndex(({ role, text }) => role === 'environment' && UNREAD.some((pattern) => pattern.test(text.slice(0, BEGINNING).trimStart())))
  return turn === -1 ? null : { reason: 'a turn that could not be read', detail: `turn ${turn + 1}: ${line(trajectory.turns[turn]!.text)}` }
}

function ended({ trajectory }: Candidate): Found | null {
  const { outcome, turns } = trajectory
  if (outcome?.success === true) return null
  const last = turns.at(-1)
  const told = [outcome?.detail ?? '', ...(last?.role === 'environment' ? [last.text.slice(0, BEGINNING)] : [])]
  const found = told.find((text) => LIMITS.test(text))
  return found === undefined ? null : { reason: 'a limit was hit', detail: line(found) }
}

function tooLong({ trajectory }: Candidate, most: number): Found | null {
  const steps = trajectory.turns.filter(({ role }) => role === 'agent').length
  return steps <= most ? null : { reason: 'too many steps', detail: `${steps}; at most ${most}` }
}

const line = (text: string): string => JSON.stringify(text.trim().split('\n', 1)[0]!.slice(0, 120))
