// Calls and answers of an agent's turn, taken from its spans: what is run is what the mask holds for an act.
import type { Span } from '../../../shared/records/span.ts'
import type { Turn } from '../../../shared/records/trajectory.ts'
import { segmentTurn } from '../../pipeline/segmentation/index.ts'
import type { WrittenCall } from '../callArguments.ts'
import type { Reading } from './style.ts'

/** Spans of a turn that the environment answers, which is so unless the turn turns out to be the answer. */
export const spansOf = (turn: Turn): Span[] => segmentTurn(turn, { observed: true, structured: false })

/** `expected`: what is said where no call and no answer can be read. */
export function readSpans(turn: Turn, spans: readonly Span[], expected: string): Reading {
  const calls: Reading['calls'][number][] = []
  let unreadable = false
  for (const span of spans) {
    if (span.kind === 'final') return { spans, calls, answer: answerOf(turn.text, span), problem: null }
    if (span.kind !== 'act') continue
    const call = callOf(turn, span)
    if (call) calls.push(call)
    // `Action:` before `finish[...]` is an act without a command of its own.
    else unreadable ||= turn.text.slice(span.start, span.end).replace(MARKER, '').trim() !== ''
  }
  const problem = calls.length > 0 && !unreadable ? null : expected
  return { spans, calls: problem === null ? calls : [], answer: null, problem }
}

const MARKER = /^[#*_\s]*(?:action|act|code)(?:[ \t]*\d+)?[*_]*[ \t]*:[*_]*/i

function callOf({ text, calls }: Turn, { start, end, call }: Span): Reading['calls'][number] | null {
  const declared = calls.find(({ range }) => range.start >= start && range.start < end)
  if (declared) return { ...(declared.id === undefined ? {} : { id: declared.id }), name: declared.name, argument: declared.arguments, form: 'json' }
  if (!call) return null
  const argument = text.slice(call.argument.start, call.argument.end)
  return { name: text.slice(call.name.start, call.name.end), argument, form: formOf(text, call) }
}

function formOf(text: string, { name, argument }: NonNullable<Span['call']>): WrittenCall['form'] {
  return text[argument.start - 1] === '(' && text.slice(name.end, argument.start).trim() === '(' ? 'parentheses' : 'brackets'
}

const ANSWER_MARKER = /^[#*_\s]*(?:final answer|answer)(?:[ \t]*\d+)?[*_]*[ \t]*:[*_]*/i

/** What a final span hands in: the command's argument, without its quotes or its only key; else the text behind the marker. */
function answerOf(text: string, span: Span): string {
  if (!span.call) return text.slice(span.start, span.end).replace(ANSWER_MARKER, '').trim()
  const { argument } = span.call
  const written = text.slice(argument.start, argument.end).trim()
  return onlyValue(written) ?? (formOf(text, span.call) === 'parentheses' ? literal(written) : written)
}

function onlyValue(text: string): string | null {
  if (!text.startsWith('{')) return null
  try {
    const values = Object.values(JSON.parse(text) as object) as unknown[]
    return values.length !== 1 ? null : typeof values[0] === 'string' ? values[0] : JSON.stringify(values[0])
  } catch {
    return null
  }
}

const literal = (text: string): string => /^(["'])((?:(?!\1)[^\\])*)\1$/.exec(text)?.[2] ?? text
