// Code actions: `Thought: ...`, then code in a fenced block behind `Code:`, which is run; `final_answer(...)` in it ends.
// After CodeAct (Wang et al., arXiv 2402.01030), in the surface form that smolagents' agents write.
import { RetortError } from '../../../shared/errors.ts'
import type { Span } from '../../../shared/records/span.ts'
import type { Tool } from '../../../shared/records/trajectory.ts'
import { findFences } from '../../pipeline/segmentation/index.ts'
import { agentTurn, environmentTurn } from '../../pipeline/trajectory/index.ts'
import { readSpans, spansOf } from './reading.ts'
import type { Reading, Style } from './style.ts'

const EXPECTED = 'found no code, expected a fenced block behind a line "Code:"'

export const code: Style = {
  name: 'code',
  structured: false,
  stop: ['\nObservation'],
  instructions: (tools) =>
    [
      'Answer the question. Think in a line "Thought: ...", then write "Code:" and a fenced block of code, which is run.',
      'You are then given what it printed, and go on. Call final_answer(...) in the code to hand in the answer. Languages:',
      ...tools.map((tool) => `- ${tool.name}: ${tool.description}`),
    ].join('\n'),
  turnOf: agentTurn,
  read(turn) {
    const spans = spansOf(turn)
    const isAct = ({ kind }: Span): boolean => kind === 'act' || kind === 'final'
    // A block is run as a whole, what hands in the answer included: only running it tells which answer that is.
    const blocks = findFences(turn.text).filter((fence) => spans.some((span) => isAct(span) && span.start < fence.end && span.end > fence.start))
    if (blocks.length === 0) return withoutCalls(readSpans(turn, spans, EXPECTED))
    const calls = blocks.map(({ info, body }) => ({
      name: turn.text.slice(info.start, info.end),
      argument: turn.text.slice(body.start, body.end),
      form: 'brackets' as const,
    }))
    return { spans, calls, answer: null, problem: null }
  },
  write(decision, tools) {
    const thought = decision.thought === '' ? '' : `Thought: ${decision.thought}\n`
    if (!('answer' in decision)) return { content: thought + decision.calls.map((call) => block(call, tools)).join('\n'), calls: [] }
    const [language] = tools
    return { content: `${thought}Code:\n\`\`\`${language?.name ?? ''}\nfinal_answer(${JSON.stringify(decision.answer)})\n\`\`\``, calls: [] }
  },
  observe: (text) => environmentTurn(`Observation:\n${text}`, undefined),
}

/** Commands outside of code call nothing here; an answer stays one. */
const withoutCalls = (reading: Reading): Reading =>
  reading.answer === null ? { ...reading, calls: [], problem: EXPECTED } : reading

function block({ name, arguments: json }: { name: string; arguments: string }, tools: readonly Tool[]): string {
  const values = Object.values(JSON.parse(json) as object) as unknown[]
  if (values.length === 1 && typeof values[0] === 'string' && tools.some((tool) => tool.name === name)) {
    return `Code:\n\`\`\`${name}\n${values[0]}\n\`\`\``
  }
  throw new RetortError({ code: 'not-writable', message: 'this call cannot be written as code', found: `${name} ${json}`, expected: 'a tool that takes one text, the code' })
}
