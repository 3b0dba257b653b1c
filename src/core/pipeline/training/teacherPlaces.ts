// Which of a teacher's predictions stands for which of the student's tokens: by step, and by bytes within a step.
import type { MaskedExample, TokenKind } from '../../../shared/records/example.ts'
import type { Tokenizer } from '../../ports/index.ts'
import { alignmentGroups } from './alignmentGroups.ts'

/** Numbers of tokens in the two examples; both are predictions of what begins at one place of one text. */
export type TeacherPlace = {
  readonly student: number
  readonly teacher: number
  /** Where both cut the text otherwise: the teacher's tokens from here to where both have a boundary again, and the id of the student's. */
  readonly group?: { readonly teacher: readonly number[]; readonly label: number }
}

/** An example with the tokenizer that made it. */
export type Side = { readonly example: MaskedExample; readonly tokenizer: Pick<Tokenizer, 'bytes'> }

const AGENT: ReadonlySet<TokenKind> = new Set(['reason', 'act', 'final'])

/**
 * The agent's tokens that both examples train. What each side's template writes around a turn may differ; the turn's text must
 * be the same, else the step has no place. Tokens that close a turn are compared with each other, whatever they are called. Where
 * the tokens differ, places exist where one of both begins (the groups of GOLD and ULD).
 */
export function teacherPlaces(student: Side, teacher: Side): TeacherPlace[] {
  const places: TeacherPlace[] = []
  const theirs = stepsOf(teacher.example)
  for (const [step, own] of stepsOf(student.example)) {
    const other = theirs.get(step)
    if (!other || !sameText(own.body, other.body, { student, teacher })) continue
    const lengths = (side: Side, tokens: readonly number[]): number[] => tokens.map((token) => side.tokenizer.bytes(side.example.ids[token] as number).length)
    const groups = alignmentGroups(lengths(student, own.body), lengths(teacher, other.body))
    for (const group of groups) {
      const theirTokens = other.body.slice(...group.teacher)
      const alike = theirTokens.length === 1 && group.student[1] - group.student[0] === 1
      const token = own.body[group.student[0]] as number
      places.push({ student: token, teacher: theirTokens[0] as number, ...(!alike && { group: { teacher: theirTokens, label: student.example.ids[token] as number } }) })
    }
    const [end, theirEnd] = [own.end[0], other.end[0]]
    if (end !== undefined && theirEnd !== undefined) places.push({ student: end, teacher: theirEnd })
  }
  return places
}

type Step = { readonly body: number[]; readonly end: number[] }

/** Trained tokens of each step, by its number: what the turn says, and what closes it. */
export function stepsOf({ ids, kinds, steps, ce, kl }: MaskedExample): Map<number, Step> {
  const found = new Map<number, Step>()
  for (let token = 1; token < ids.length; token++) {
    const kind = kinds[token] as TokenKind
    if ((ce[token] === 0 && kl[token] === 0) || !(AGENT.has(kind) || kind === 'end')) continue
    const step = found.get(steps[token] as number) ?? { body: [], end: [] }
    found.set(steps[token] as number, step)
    step[kind === 'end' ? 'end' : 'body'].push(token)
  }
  return found
}

function sameText(own: readonly number[], other: readonly number[], { student, teacher }: { student: Side; teacher: Side }): boolean {
  const text = (side: Side, tokens: readonly number[]): number[] => tokens.flatMap((token) => [...side.tokenizer.bytes(side.example.ids[token] as number)])
  const [ours, theirs] = [text(student, own), text(teacher, other)]
  return ours.length > 0 && ours.length === theirs.length && ours.every((byte, i) => byte === theirs[i])
}
