// Line markers of ReAct-style text: `Thought:`, `Action 2:`, `Observation:`, `Final Answer:` and their like.

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
  'action input': 'action input',
  observation: 'observation',
  answer: 'answer',
  'final answer': 'answer',
  code: 'code',
}
// Emphasis and heading signs around the word are part of the marker: `**Thought:**`, `### Action 1:`.
const MARKER =
  /^([ \t]*)(?:#+[ \t]+)?[*_]*(thought|action input|action|observation|final answer|answer|code)(?:[ \t]*\d+)?[*_]*[ \t]*:[*_]*/gim

/** All markers at line starts, in order. */
export function findMarkers(text: string): Marker[] {
  return [...text.matchAll(MARKER)].map((match) => ({
    word: WORDS[(match[2] as string).toLowerCase()] as MarkerWord,
    start: match.index + (match[1] as string).length,
    end: match.index + match[0].length,
  }))
}

/** The markers that start at or after a position: the first two. */
export function nextMarkers(markers: readonly Marker[], position: number): Marker[] {
  let low = 0
  let high = markers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((markers[middle] as Marker).start >= position) high = middle
    else low = middle + 1
  }
  return markers.slice(low, low + 2)
}

/** `Action:` in the middle of a line; it counts only where a command in brackets follows and closes the line. */
const INLINE_ACTION = /(?<=[ \t])action(?:[ \t]*\d+)?:(?=[ \t]*[\p{L}_][\w.-]*[[(])/giu

export function findInlineActions(text: string): Marker[] {
  return [...text.matchAll(INLINE_ACTION)]
    .filter((match) => text.slice(text.lastIndexOf('\n', match.index) + 1, match.index).trim() !== '')
    .map((match) => ({ word: 'action', start: match.index, end: match.index + match[0].length }))
}
