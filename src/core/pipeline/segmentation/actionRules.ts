// Rules that find commands in the text itself: `Action:` lines, `> command` lines, code blocks, `finish[...]`.
import type { Range } from '../../../shared/records/trajectory.ts'
import { firstAfter, isCommand, skipSpace as skip } from './claims.ts'
import type { Found, Rule, View } from './claims.ts'
import { fenceCall, isFinalCall, parseBracketed, parseCommand, shellCall } from './commands.ts'
import type { Command } from './commands.ts'
import { fenceAt, findFences } from './fences.ts'
import type { Fence } from './fences.ts'
import { jsonCall } from './jsonRanges.ts'
import { allMatches } from './matches.ts'
import { findInlineActions, findMarkers, nextMarkers } from './markers.ts'
import type { Marker, MarkerWord } from './markers.ts'

const FINAL_IN_CODE = /^[ \t]*(?=final_answer\()/gm
/** Most texts have none: to see that takes less than to look at each line. */
const SOME_FINAL = /fin(?:ish|al_answer)[[(]/i
const FINAL_LINE = /^[ \t]*(?=(?:finish|final_answer)[[(])/gim
const SEPARATOR = /[ \t]*(?:[,;]\s*|\r?\n[ \t]*)/y

/** An executed code block: act, except for the `final_answer(...)` calls in it. */
export function codeBlock(text: string, fence: Fence): Found[] {
  const finals = allMatches(text.slice(fence.body.start, fence.body.end), FINAL_IN_CODE).flatMap((match): Found[] => {
    const start = fence.body.start + match.index + match[0].length
    const command = parseBracketed(text, start, fence.body.end)
    return command ? [{ start, end: command.end, kind: 'final', call: command.call }] : []
  })
  if (finals.length === 0) return [{ start: fence.start, end: fence.end, kind: 'act', ...fenceCall(text, fence) }]
  const found: Found[] = []
  let at = fence.start
  for (const final of finals) {
    const code: Range = { start: Math.max(at, fence.body.start), end: final.start }
    const named = fence.info.end > fence.info.start && text.slice(code.start, code.end).trim() !== ''
    const call = named ? { call: { name: fence.info, argument: code } } : {}
    found.push({ start: at, end: final.start, kind: 'act', ...call })
    found.push(final)
    at = final.end
  }
  if (text.slice(at, fence.end).trim() !== '') found.push({ start: at, end: fence.end, kind: 'act' })
  return found
}

/** The `Action Input:` after a tool's name (LangChain): all up to the next marker, or one JSON object or block. */
function actionInput(text: string, name: Range, [input, next]: readonly Marker[]): Command | null {
  if (input?.word !== 'action input') return null
  const limit = next?.start ?? text.length
  const start = skip(text, input.end, limit)
  const whole = start + text.slice(start, limit).trimEnd().length
  const end = jsonCall(text, start)?.end ?? fenceAt(text, start)?.end ?? whole
  return { end, call: { name, argument: { start, end } } }
}

const ONE_WORD = /^[\p{L}_][\w.-]*$/u

/** A block right behind a tool's name (AgentBench: `Act: bash`, then a fenced block): the block is the argument. */
function blockInput(text: string, name: Range, limit: number): Command | null {
  if (!ONE_WORD.test(text.slice(name.start, name.end))) return null
  const at = skip(text, name.end, limit)
  const fence = at < limit ? fenceAt(text, at) : undefined
  return fence ? { end: fence.end, call: { name, argument: fence.body } } : null
}

/** The marker with its command, and commands that follow in a list: `Action: search[a], search[b]`. */
function action(text: string, marker: Marker, markers: readonly Marker[]): Found[] {
  const later = nextMarkers(markers, marker.end)
  const limit = later[0]?.start ?? text.length
  const start = skip(text, marker.end, limit)
  const fence = fenceAt(text, start)
  if (fence && !jsonCall(text, skip(text, fence.body.start, fence.body.end))) {
    const [first, ...rest] = codeBlock(text, fence)
    return first ? [{ ...first, start: marker.start }, ...rest] : []
  }
  const first = parseCommand(text, start, limit)
  if (!first) return [{ start: marker.start, end: marker.end, kind: 'act' }]
  const name = { start, end: first.end }
  let command = actionInput(text, name, later) ?? blockInput(text, name, limit) ?? first
  const found = pieces(text, { markup: marker.start, start }, command)
  for (;;) {
    SEPARATOR.lastIndex = command.end
    const next = SEPARATOR.test(text) ? SEPARATOR.lastIndex : limit
    const more = next < limit ? parseBracketed(text, next, limit) : null
    if (!more) return found
    ;(found.at(-1) as Found).end = next
    found.push(...pieces(text, { markup: next, start: next }, more))
    command = more
  }
}

/** One act span from the markup on; where the command hands in the answer, its markup is act and the command final. */
function pieces(text: string, { markup, start }: { markup: number; start: number }, command: Command): Found[] {
  const { end } = command
  const call = command.call ? { call: command.call } : {}
  if (!isFinalCall(text, command.call)) return [{ start: markup, end, kind: 'act', ...call }]
  const final: Found = { start, end, kind: 'final', ...call }
  return markup === start ? [final] : [{ start: markup, end: start, kind: 'act' }, final]
}

/**
 * What is found at the markers of a word. Left out are those that stand in an earlier claim, or in what a marker before them
 * found: that reaches up to the next earlier claim, where it will be cut off.
 */
function outside(word: MarkerWord, { text, taken }: View, find: (marker: Marker, markers: readonly Marker[]) => Found[]): Found[] {
  const markers = findMarkers(text)
  const all: Found[] = []
  let end = 0
  for (const marker of markers) {
    if (marker.word !== word || marker.start < end) continue
    const next = firstAfter(taken, marker.start)
    if ((taken[next - 1]?.end ?? 0) > marker.start) continue
    const found = find(marker, markers)
    end = Math.min(found.at(-1)?.end ?? 0, taken[next]?.start ?? text.length)
    all.push(...found)
  }
  return all
}

const OPENING = /^\s*\[\s*(?=[\p{L}_][\w.-]*\()/u
const CLOSING = /\s*\]\s*$/y
const COMMA = /\s*,\s*/y

/** A text that is a list of calls and nothing else: `[name(a=1), other(b=2)]`. Empty when it is not. */
export function callList(text: string): Found[] {
  const opening = OPENING.exec(text)
  const found: Found[] = []
  let markup = 0
  for (let start = opening?.[0].length ?? text.length; start < text.length; ) {
    const command = parseBracketed(text, start, text.length)
    if (!command) return []
    found.push(...pieces(text, { markup, start }, command))
    CLOSING.lastIndex = command.end
    if (CLOSING.test(text)) {
      ;(found.at(-1) as Found).end = text.length
      return found
    }
    COMMA.lastIndex = command.end
    if (!COMMA.test(text)) return []
    start = markup = COMMA.lastIndex
    ;(found.at(-1) as Found).end = start
  }
  return []
}

const FIELD = /^<<<(\w+)>>>:[ \t]*/gm
const ASSIGNED = /[\w, ]+=[ \t]*(?=[\p{L}_][\w.]*\()/uy

/** The fields of an answer of Gorilla: the API call and the code are acts, what is said around them is reason. */
function apiFields(text: string): Found[] {
  if (!text.includes('<<<')) return []
  const marks = allMatches(text, FIELD)
  if (!marks.some((mark) => mark[1] === 'api_call')) return []
  return marks.map((mark, index): Found => {
    const field = { start: mark.index, end: marks[index + 1]?.index ?? text.length }
    const start = skip(text, mark.index + mark[0].length, field.end)
    if (mark[1] === 'code') {
      const name = { start: mark.index + 3, end: mark.index + 3 + 'code'.length }
      return { ...field, kind: 'act', call: { name, argument: { start, end: start + text.slice(start, field.end).trimEnd().length } } }
    }
    if (mark[1] !== 'api_call') return { ...field, kind: 'reason' }
    ASSIGNED.lastIndex = start
    const command = parseBracketed(text, ASSIGNED.test(text) ? ASSIGNED.lastIndex : start, field.end)
    const value = { start, end: start + text.slice(start, field.end).trimEnd().length }
    const call = command?.call ?? shellCall(text, value)
    return { ...field, kind: 'act', ...(call.name.end > call.name.start ? { call } : {}) }
  })
}

const BLANK_REST = /[^\S\n]*(?:\n|$)/y

function closesLine(text: string, end: number): boolean {
  BLANK_REST.lastIndex = end
  return BLANK_REST.test(text)
}

export const actionRules: readonly Rule[] = [
  {
    name: 'prompt command',
    find: ({ text }) =>
      !/^\s*>/.test(text)
        ? []
        : allMatches(text, /^[ \t]*>[ \t]*(?!think:|\s)([^\n]+)/gim).map((match): Found => {
            const start = match.index + match[0].indexOf('>')
            const end = match.index + match[0].trimEnd().length
            return { start, end, kind: 'act', call: shellCall(text, { start: start + 1, end }) }
          }),
  },
  { name: 'call list', find: ({ text }) => callList(text) },
  { name: 'field of an API answer', find: ({ text }) => apiFields(text) },
  {
    name: 'action marker',
    find: (view) => outside('action', view, (marker, markers) => action(view.text, marker, markers)),
  },
  {
    name: 'action marker within a line',
    find: ({ text }) => {
      const markers = findMarkers(text)
      return findInlineActions(text).flatMap((marker) => {
        const found = action(text, marker, markers)
        return found.every((piece) => piece.call || piece.end <= skip(text, marker.end, text.length)) &&
          closesLine(text, found.at(-1)?.end ?? 0)
          ? found
          : []
      })
    },
  },
  {
    name: 'code marker',
    find: (view) =>
      outside('code', view, (marker) => {
        const fence = fenceAt(view.text, skip(view.text, marker.end, view.text.length))
        const [first, ...rest] = fence ? codeBlock(view.text, fence) : []
        return first ? [{ ...first, start: marker.start }, ...rest] : []
      }),
  },
  {
    name: 'finishing call',
    find: ({ text }) =>
      (SOME_FINAL.test(text) ? allMatches(text, FINAL_LINE) : []).flatMap((match): Found[] => {
        const start = match.index + match[0].length
        const command = parseBracketed(text, start, text.length)
        return command ? [{ start, end: command.end, kind: 'final', call: command.call }] : []
      }),
  },
  {
    name: 'executed code block',
    find: (view) => {
      const fence = actsUnmarked(view) ? findFences(view.text).at(-1) : undefined
      return fence ? codeBlock(view.text, fence) : []
    },
  },
  {
    name: 'command on a line of its own',
    find: (view) =>
      !actsUnmarked(view)
        ? []
        : allMatches(view.text, /^([ \t]*)[\p{L}_][\w.-]*\[[^\n]*/gmu).flatMap((match): Found[] => {
            const start = match.index + (match[1] as string).length
            const command = parseBracketed(view.text, start, match.index + match[0].length)
            return command && closesLine(view.text, command.end) ? pieces(view.text, { markup: start, start }, command) : []
          }),
  },
]

/** The environment answered this turn, yet no command has been found in it so far. */
function actsUnmarked(view: View): boolean {
  return view.context.observed && !view.taken.some(isCommand)
}
