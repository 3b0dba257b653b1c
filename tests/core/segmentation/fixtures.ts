// Reads the hand-labelled turns and measures a segmentation against them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { segmentTurn } from '../../../src/core/pipeline/segmentation/index.ts'
import { GUESSED } from '../../../src/shared/records/span.ts'
import type { Span, SpanKind } from '../../../src/shared/records/span.ts'
import type { Range, Turn } from '../../../src/shared/records/trajectory.ts'

export interface LabelledTurn {
  source?: { file: string; index?: number; turn?: number; agentTurn?: number; key?: string; line?: number }
  next: 'environment' | 'user' | null
  structured?: boolean
  executed?: string[]
  calls?: { name: string; arguments: string; text: string }[]
  reasoning?: string
  pieces: [SpanKind, string][]
}

export interface LabelledFile {
  format: string
  note: string
  turns: LabelledTurn[]
}

const FOLDER = join(import.meta.dirname, '../../fixtures/segmentation')

export const labelledFiles: LabelledFile[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as LabelledFile)

export const labelledText = (labelled: LabelledTurn): string => labelled.pieces.map(([, text]) => text).join('')

export function turnOf(labelled: LabelledTurn): Turn {
  const text = labelledText(labelled)
  let from = 0
  const place = (part: string): Range => {
    const start = text.indexOf(part, from)
    if (start < 0) throw new Error(`the pieces do not hold ${JSON.stringify(part)}`)
    from = start + part.length
    return { start, end: from }
  }
  return {
    role: 'agent',
    text,
    ...(labelled.reasoning === undefined ? {} : { reasoning: place(labelled.reasoning) }),
    calls: (labelled.calls ?? []).map((call) => ({ name: call.name, arguments: call.arguments, range: place(call.text) })),
    executed: labelled.executed ?? [],
  }
}

export const segmentLabelled = (labelled: LabelledTurn): Span[] =>
  segmentTurn(turnOf(labelled), {
    observed: labelled.next === 'environment',
    structured: labelled.structured ?? false,
  })

/** Characters of the turn, and those whose kind is right and not guessed. */
export function score(labelled: LabelledTurn): { right: number; total: number } {
  const expected = labelled.pieces.flatMap(([kind, text]) => Array<SpanKind>(text.length).fill(kind))
  const right = segmentLabelled(labelled)
    .filter((span) => span.rule !== GUESSED)
    .map((span) => expected.slice(span.start, span.end).filter((kind) => kind === span.kind).length)
  return { right: right.reduce((sum, count) => sum + count, 0), total: expected.length }
}
