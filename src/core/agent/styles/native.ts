// Native calls: structured, in the form that the model's template or endpoint has for them. A turn without a call is the answer.
import type { Turn } from '../../../shared/records/trajectory.ts'
import { segmentTurn, structuredCalls } from '../../pipeline/segmentation/index.ts'
import { type AgentParts, agentTurn, environmentTurn } from '../../pipeline/trajectory/index.ts'
import { readSpans, spansOf } from './reading.ts'
import type { Style } from './style.ts'

const EXPECTED = 'found a call that cannot be read, expected a JSON object with "name" and "arguments"'
/** A call was begun. */
const BEGUN = /<tool_call>|^```(?:json|tool_call)?[ \t]*\r?\n\s*\{\s*"(?:name|tool|function)"|^\s*\{\s*"(?:name|tool|function)"/m

export const native: Style = {
  name: 'native',
  structured: true,
  stop: [],
  instructions: () => 'Answer the question. Call the tools where they help.',
  turnOf: (parts, step) => withIds(agentTurn(parts.calls.length > 0 ? parts : partsOfText(parts)), step),
  read(turn) {
    if (turn.calls.length > 0) return readSpans(turn, spansOf(turn), EXPECTED)
    if (BEGUN.test(turn.text)) return { spans: spansOf(turn), calls: [], answer: null, problem: EXPECTED }
    const spans = segmentTurn(turn, { observed: false, structured: true })
    return readSpans(turn, spans, 'found nothing, expected a call or an answer')
  },
  write: (decision) =>
    'answer' in decision
      ? { reasoning: decision.thought, content: decision.answer, calls: [] }
      : { content: decision.thought, calls: decision.calls },
  observe: (text, turn, call) => environmentTurn(text, call === null ? undefined : turn.calls[call]?.id),
}

const THINK = /^\s*(?:<think(?:ing)?>)?([^]*?)<\/think(?:ing)?>\s*/

/** The parts of an answer that came as one text, as a student writes it: thinking, what is said, calls. */
function partsOfText({ reasoning, content }: AgentParts): AgentParts {
  const think = reasoning ? null : THINK.exec(content)
  const said = think ? content.slice(think[0].length) : content
  const { calls, rest } = structuredCalls(said)
  return { reasoning: reasoning ?? (think?.[1]?.trim() || undefined), content: rest, calls }
}

/** Nine letters and digits, which every template takes (Mistral's want just that). */
function withIds(turn: Turn, step: number): Turn {
  const number = (index: number): string => String(step * 100 + index).padStart(5, '0')
  return { ...turn, calls: turn.calls.map((call, index) => ({ ...call, id: call.id ?? `call${number(index)}` })) }
}
