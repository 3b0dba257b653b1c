// ReAct: `Thought: ...`, then `Action: name[argument]`, answered by `Observation: ...`; `finish[answer]` ends.
// After Yao et al., arXiv 2210.03629, in the surface form of FireAct (arXiv 2310.05915), without its numbers.
import { RetortError } from '../../../shared/errors.ts'
import type { Tool } from '../../../shared/records/trajectory.ts'
import { agentTurn, canonicalJson, environmentTurn } from '../../pipeline/trajectory/index.ts'
import { writtenArguments } from '../callArguments.ts'
import { readSpans, spansOf } from './reading.ts'
import type { Decision, Style } from './style.ts'

const EXPECTED = 'a line "Action: tool[argument]" or "Action: finish[answer]"'

export const react: Style = {
  name: 'react',
  structured: false,
  stop: ['\nObservation'],
  instructions: (tools) =>
    [
      'Answer the question. Think in a line "Thought: ...", then act in a line "Action: tool[argument]".',
      'You are then given an observation, and go on. Tools:',
      ...tools.map((tool) => `- ${tool.name}[${parameterNames(tool).join(', ')}]: ${tool.description}`),
      '- finish[answer]: hand in the answer',
    ].join('\n'),
  turnOf: agentTurn,
  read: (turn) => readSpans(turn, spansOf(turn), `found no action, expected ${EXPECTED}`),
  write(decision, tools) {
    const content = [
      ...(decision.thought === '' ? [] : [`Thought: ${decision.thought}`]),
      ...('answer' in decision ? [`Action: finish[${decision.answer}]`] : decision.calls.map((call) => `Action: ${bracketed(call, tools)}`)),
    ].join('\n')
    return checked({ content, calls: [] }, decision, tools)
  },
  observe: (text) => environmentTurn(`Observation: ${text}`, undefined),
}

/** Names of a tool's parameters, in the order of its schema. */
function parameterNames({ parameters }: Tool): string[] {
  const properties = (parameters as { properties?: object } | undefined)?.properties
  return properties ? Object.keys(properties) : []
}

/** In the order of the schema where that is read back as it was, else as JSON. */
function bracketed({ name, arguments: json }: { name: string; arguments: string }, tools: readonly Tool[]): string {
  const tool = tools.find((known) => known.name === name)
  const given = JSON.parse(json) as Record<string, unknown>
  const names = tool ? parameterNames(tool).filter((parameter) => parameter in given) : []
  const text = names.map((parameter) => (typeof given[parameter] === 'string' ? given[parameter] : JSON.stringify(given[parameter]))).join(', ')
  const read = tool && writtenArguments({ name, argument: text, form: 'brackets' }, tool)
  const same = read && 'value' in read && canonicalJson(read.value) === canonicalJson(given)
  const whole = same && !/\n/.test(text) && readBack(`Action: ${name}[${text}]`) === text
  return `${name}[${whole ? text : json}]`
}

/** The argument of the only call of a text. */
function readBack(text: string): string | null {
  const { calls } = react.read(agentTurn({ content: text, calls: [] }))
  return calls.length === 1 ? calls[0]!.argument : null
}

/** Throws when the parts are not read as the decision: a thought that holds an action, an answer with a stray bracket. */
function checked(parts: ReturnType<Style['write']>, decision: Decision, tools: readonly Tool[]): ReturnType<Style['write']> {
  const { calls, answer } = react.read(agentTurn(parts))
  const canonical = (call: { name: string; argument: string; form: 'json' | 'brackets' | 'parentheses' }): string => {
    const tool = tools.find(({ name }) => name === call.name)
    const read = tool ? writtenArguments(call, tool) : null
    return `${call.name} ${read && 'value' in read ? canonicalJson(read.value) : call.argument}`
  }
  const found = [...calls.map(canonical), ...(answer === null ? [] : [answer])].join('\n')
  const meant = 'answer' in decision ? decision.answer.trim() : decision.calls.map((call) => `${call.name} ${canonicalJson(JSON.parse(call.arguments))}`).join('\n')
  if (found === meant) return parts
  throw new RetortError({ code: 'not-writable', message: 'this step cannot be written in ReAct form', found: parts.content, expected: `text that is read as ${meant}` })
}
