// Line markers of ReAct-style text: `Thought:`, `Action 2:`, `Observation:`, `Final Answer:` and their like.
import { firstWhere } from '../../sorted.ts'
import { allMatches } from './matches.ts'
import { perText } from './perText.ts'

export type MarkerWord = 'thought' | 'action' | 'action input' | 'observation' | 'answer' | 'code'

export interface Marker {
  word: MarkerWord
  /** Start of the marker on its line, white space left out; end after the colon and emphasis. */
  start: number
  end: number
}

const WORDS: Readonly<Record<string, MarkerWord>> = {
  thought: 'thought',
  action: 'action',
  act: 'action',
  'action input': 'action input',
  observation: 'observation',
  answer: 'answer',
  'final answer': 'answer',
  code: 'code',
}
// Emphasis and heading signs around the word are part of the marker: `**Thought:**`, `### Action 1:`.
const MARKER =
  /^([ \t]*)(?:#+[ \t]+)?[*_]*(thought|action input|action|act|observation|final answer|answer|code)(?:[ \t]*\d+)?[*_]*[ \t]*:[*_]*/gim

/** All markers at line starts, in order. */
export const findMarkers = perText((text): readonly Marker[] =>
  allMatches(text, MARKER).map((match) => ({
    word: WORDS[(match[2] as string).toLowerCase()] as MarkerWord,
    start: match.index + (match[1] as string).length,
    end: match.index + match[0].length,
  })),
)

/** The markers that start at or after a position: the first two. */
export function nextMarkers(markers: readonly Marker[], position: number): Marker[] {
  const first = firstWhere(markers.length, (index) => (markers[index] as Marker).start >= position)
  return markers.slice(first, first + 2)
}

/** `Action:` in the middle of a line; it counts only where a command in brackets follows and closes the line. */
const INLINE_ACTION = /(?<=[ \t])action(?:[ \t]*\d+)?:(?=[ \t]*[\p{L}_][\w.-]*[[(])/giu

const FIRST_WORD = /[^\S\n]*/y

/** Most texts have no such word: to see that costs a tenth. */
const SOME_INLINE_ACTION = /[ \t]action/i

export function findInlineActions(text: string): Marker[] {
  const found: Marker[] = []
  if (!SOME_INLINE_ACTION.test(text)) return found
  let firstWord = -1
  let lineEnd = -1
  for (const match of allMatches(text, INLINE_ACTION)) {
    while (lineEnd < match.index) {
      FIRST_WORD.lastIndex = lineEnd + 1
      FIRST_WORD.test(text)
      firstWord = FIRST_WORD.lastIndex
      const next = text.indexOf('\n', lineEnd + 1)
      lineEnd = next < 0 ? text.length : next
    }
    if (firstWord < match.index) found.push({ word: 'action', start: match.index, end: match.index + match[0].length })
  }
  return found
}
