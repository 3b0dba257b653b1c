// Rules for words: `<think>` blocks, `Thought:`, `> think:`, model-written observations, answers.
import type { Found, Rule } from './claims.ts'
import { jsonCall } from './jsonRanges.ts'
import { isFinalCall } from './commands.ts'
import { allMatches } from './matches.ts'
import { findMarkers } from './markers.ts'
import type { MarkerWord } from './markers.ts'

function all(text: string, pattern: RegExp, kind: Found['kind']): Found[] {
  return allMatches(text, pattern).map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    kind,
  }))
}

const marked = (text: string, word: MarkerWord, kind: Found['kind']): Found[] =>
  findMarkers(text)
    .filter((marker) => marker.word === word)
    .map(({ start, end }) => ({ start, end, kind, runsOn: true }))

const THINK = /<think(?:ing)?>[^]*?(?:<\/think(?:ing)?>|$(?![^]))/g
const CALL = /<tool_call>\s*(?=\{)/g
const CLOSE_CALL = /\s*<\/tool_call>/y

/** Blocks with a beginning and an end; they come before the rules that look at lines. */
export const blockRules: readonly Rule[] = [
  { name: 'think tags', find: ({ text }) => (text.includes('<think') ? all(text, THINK, 'reason') : []) },
  {
    // Templates that open the tag in the prompt leave only its end in the agent's text.
    name: 'think tag opened in the prompt',
    find: ({ text }) => {
      const close = text.includes('</think') ? /<\/think(?:ing)?>/.exec(text) : null
      if (!close) return []
      const open = text.search(/<think(?:ing)?>/)
      const alone = open < 0 || open > close.index
      return alone ? [{ start: 0, end: close.index + close[0].length, kind: 'reason' }] : []
    },
  },
  {
    name: 'tool call tags',
    find: ({ text }) =>
      (text.includes('<tool_call>') ? allMatches(text, CALL) : []).flatMap((match): Found[] => {
        const json = jsonCall(text, match.index + match[0].length)
        if (!json?.call) return []
        CLOSE_CALL.lastIndex = json.end
        const end = CLOSE_CALL.test(text) ? CLOSE_CALL.lastIndex : json.end
        const kind = isFinalCall(text, json.call) ? 'final' : 'act'
        return [{ start: match.index, end, kind, call: json.call }]
      }),
  },
]

/** Most texts have none: to see that takes less than to look at each line. */
const SOME_THINK_LINE = /think:/i
const THINK_LINES = /^[ \t]*((?:>[ \t]*)?think:)/gim

/** The rule's name; an environment that reads such lines as commands answers them. */
export const THINK_LINE = 'think line'

/** Markers whose text runs on to whatever is recognised next; they come last. */
export const lineRules: readonly Rule[] = [
  {
    name: THINK_LINE,
    find: ({ text }) =>
      (SOME_THINK_LINE.test(text) ? allMatches(text, THINK_LINES) : [])
        .filter((match) => match.index === 0 || /^\s*>/.test(text) || text.slice(0, match.index).trim() === '')
        .map((match) => ({
          start: match.index + match[0].length - (match[1] as string).length,
          end: match.index + match[0].length,
          kind: 'reason',
          runsOn: true,
        })),
  },
  { name: 'thought marker', find: ({ text }) => marked(text, 'thought', 'reason') },
  { name: 'model-written observation', find: ({ text }) => marked(text, 'observation', 'reason') },
  { name: 'answer marker', find: ({ text }) => marked(text, 'answer', 'final') },
]
