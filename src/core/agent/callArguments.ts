// The arguments of a call as its tool's schema wants them, from the forms in which agents write them.
import { z } from 'zod'
import type { Tool } from '../../shared/records/trajectory.ts'

/**
 * A call as the agent wrote it. `json`: the text of a JSON object. `brackets`: what stands in `name[...]`, in a code block, or
 * on an `Action Input:` line. `parentheses`: what stands in `name(...)`, where strings have quotes.
 */
export type WrittenCall = { readonly name: string; readonly argument: string; readonly form: 'json' | 'brackets' | 'parentheses' }

/** The parts of an object's JSON schema that say how a written argument is divided. */
const objectSchema = z.object({
  properties: z.record(z.string(), z.looseObject({ type: z.unknown().optional() })).catch({}),
})

/**
 * The arguments as a JSON value, not yet checked; `problem` says in words what cannot be read. A text is taken
 * - as JSON where it is an object whose keys are all known to the tool;
 * - whole, by a tool with one parameter, whatever commas it holds (in parentheses: without the quotes around it);
 * - else divided at commas outside of quotes and brackets: `a, b` in the order of the schema, `key=value` by name.
 */
export function writtenArguments({ argument, form }: WrittenCall, { parameters }: Tool): { value: unknown } | { problem: string } {
  const json = jsonObject(argument)
  if (form === 'json') return json ? { value: json } : { problem: 'arguments that are no JSON object' }
  const { properties } = objectSchema.catch({ properties: {} }).parse(parameters)
  const names = Object.keys(properties)
  if (json && Object.keys(json).every((key) => key in properties)) return { value: json }
  const typed = (name: string, text: string, quoted: boolean): unknown => (quoted ? text : converted(text, properties[name]?.type))
  const text = argument.trim()
  if (names.length === 1 && form === 'brackets') return { value: { [names[0]!]: typed(names[0]!, text, false) } }
  const pieces = text === '' ? [] : pieceList(text)
  if (names.length === 1 && pieces.length !== 1) return { value: text === '' ? {} : { [names[0]!]: typed(names[0]!, text, false) } }
  const value: Record<string, unknown> = {}
  for (const [place, piece] of pieces.entries()) {
    const named = /^([\p{L}_]\w*)\s*=(?!=)\s*([^]*)$/u.exec(piece)
    const key = named && named[1]! in properties ? named[1]! : names[place]
    if (key === undefined) return { problem: `${pieces.length} arguments` }
    const { text: content, quoted } = unquoted(key === named?.[1] ? named[2]! : piece)
    value[key] = typed(key, content, quoted)
  }
  return { value }
}

function jsonObject(text: string): Record<string, unknown> | null {
  if (!/^\s*\{/.test(text)) return null
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return null
  }
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** A bare text as the schema's type; what does not fit stays text, for the schema to refuse. */
function converted(text: string, type: unknown): unknown {
  switch (type) {
    case 'number':
    case 'integer':
      return NUMBER.test(text) ? Number(text) : text
    case 'boolean':
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : text
    case 'array':
    case 'object':
      try {
        return JSON.parse(text)
      } catch {
        return text
      }
    default:
      return text
  }
}

const QUOTED = /^(["'])((?:\\[^]|(?!\1)[^\\])*)\1$/

/** A string literal's content; any other text as it is. */
function unquoted(text: string): { text: string; quoted: boolean } {
  const match = QUOTED.exec(text)
  if (!match) return { text, quoted: false }
  const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }
  return { text: match[2]!.replace(/\\([^])/g, (_, character: string) => ESCAPES[character] ?? character), quoted: true }
}

/** Divided at commas that stand in no quotes and no brackets; white space around the pieces is left out. */
function pieceList(text: string): string[] {
  const pieces: string[] = []
  let depth = 0
  let quote = ''
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quote !== '') {
      if (character === '\\') at++
      else if (character === quote) quote = ''
    } else if (character === '"' || (character === "'" && !/\w/.test(text[at - 1] ?? ''))) quote = character
    else if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
    else if (character === ',' && depth <= 0) {
      pieces.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  return [...pieces, text.slice(from).trim()]
}
