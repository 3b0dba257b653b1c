// What a judge is asked, and how its answers are read.
import { stepLabelSchema, type StepLabel } from '../../../shared/records/correction.ts'
import { answerOf } from './calls.ts'
import { idOf, type Candidate, type Finding, type JudgeAnswer } from './filter.ts'

/** Characters of a transcript that a judge is shown; of a longer one the middle is left out, and it is told so. */
const SHOWN = 12_000
/** Of one observation, of which the beginning says what it is. */
const OBSERVED = 1500

const NAMES = { system: 'Instructions', user: 'User', agent: 'Agent', environment: 'Environment' } as const

function transcript({ trajectory }: Candidate): string {
  let step = 0
  const parts = trajectory.turns.flatMap(({ role, text }) => {
    if (role === 'system') return []
    const shown = role === 'environment' && text.length > OBSERVED ? `${text.slice(0, OBSERVED)} [${text.length - OBSERVED} more characters]` : text
    return [`### ${role === 'agent' ? `Agent, step ${++step}` : NAMES[role]}\n${shown}`]
  })
  const whole = parts.join('\n\n')
  if (whole.length <= SHOWN) return whole
  const half = SHOWN / 2
  return `${whole.slice(0, half)}\n\n[${whole.length - SHOWN} characters left out]\n\n${whole.slice(-half)}`
}

const beginning = (candidate: Candidate): string => `Task:\n${candidate.task.question}\n\nWhat an agent did:\n\n${transcript(candidate)}\n\n`

/** Criteria as a person labels by them, so that the two can be compared. */
export const scorePrompt = (candidate: Candidate): string =>
  beginning(candidate) +
  'Judge how well this run would teach a smaller model to do such tasks. Score it:\n' +
  '5: right, every step is needed, and each thought says why its action follows.\n' +
  '4: right, with a small detour or a thin thought.\n' +
  '3: right in the end, with wasted steps or thoughts that do not explain.\n' +
  '2: the answer is not supported by what was observed, or most steps are useless.\n' +
  '1: wrong, invented, or broken.\n' +
  'Answer with one line of JSON and nothing else: {"score": 1 to 5, "why": "a short reason"}'

export const outcomePrompt = (candidate: Candidate): string =>
  beginning(candidate) +
  `Its final answer is: ${answerOf(candidate) ?? 'none'}\n` +
  'Is that answer right? Check it against what was observed and what you know.\n' +
  'Answer with one line of JSON and nothing else: {"right": true or false, "why": "a short reason"}'

export const criticPrompt = (candidate: Candidate): string =>
  beginning(candidate) +
  'Label every step of the agent: "good" (needed and right), "unnecessary" (changes nothing), "mistake" (wrong or misleading), ' +
  '"recover" (notices or mends an earlier mistake).\n' +
  'Answer with one line of JSON and nothing else: {"labels": ["good", ...]}, one label a step, in order.'

/** Those that the judge was not asked about, noted: they are kept as they are, and nobody takes them for judged. */
export function unjudged(candidates: readonly Candidate[], answers: readonly JudgeAnswer[]): { readonly flagged: Finding[]; readonly notes: string[] } {
  const flagged = candidates.flatMap((candidate, index): Finding[] => {
    const answer = answers[index]!
    return 'problem' in answer && answer.unasked ? [{ id: idOf(candidate), reason: 'not judged', detail: answer.problem }] : []
  })
  const notes = flagged.length === 0 ? [] : [`${candidates.length - flagged.length} of ${candidates.length} were judged, ${flagged.length} were not, and are kept: ${flagged[0]!.detail}`]
  return { flagged, notes }
}

/** Objects that a text holds; models write words around what they were asked for. */
function objectsOf(text: string): Record<string, unknown>[] {
  return [...text.matchAll(/\{[^{}]*\}/g)].flatMap(([found]) => {
    try {
      return [JSON.parse(found) as Record<string, unknown>]
    } catch {
      return []
    }
  })
}

/** 1 to 5; null: the answer holds no score. */
export function readScore(text: string): number | null {
  for (const object of objectsOf(text)) {
    const score = Number(object['score'])
    if (Number.isInteger(score) && score >= 1 && score <= 5) return score
  }
  const said = /\bscore\b\W{0,5}([1-5])\b(?![.,]\d)/i.exec(text) ?? /^\W*([1-5])(?:\s*\/\s*5)?\W*$/.exec(text.trim())
  return said ? Number(said[1]) : null
}

export function readVerdict(text: string): boolean | null {
  for (const { right } of objectsOf(text)) {
    if (typeof right === 'boolean') return right
    if (right === 'true' || right === 'false') return right === 'true'
  }
  return null
}

/** One label for each of `steps`; null: not as many, or others. */
export function readLabels(text: string, steps: number): StepLabel[] | null {
  for (const object of objectsOf(text)) {
    const labels = stepLabelSchema.array().safeParse(object['labels'])
    if (labels.success && labels.data.length === steps) return labels.data
  }
  return null
}
