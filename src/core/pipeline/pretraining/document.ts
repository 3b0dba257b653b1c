// A document of the text that a model is trained on: plain text, or a chat whose turns stand between the template's marks.
import { TURN_END, TURN_START } from './vocabulary.ts'

export type ChatTurn = { readonly role: string; readonly content: string }
export type TextDocument = string | readonly ChatTurn[]

/** What stands between a turn's marks. */
const turnText = ({ role, content }: ChatTurn): string => `${role}\n${content}`

/** The texts that are encoded one by one. */
export const textsOf = (document: TextDocument): readonly string[] => (typeof document === 'string' ? [document] : document.map(turnText))

/** Characters. */
export const lengthOf = (document: TextDocument): number => textsOf(document).reduce((sum, { length }) => sum + length, 0)

/** Ids as the chat template of `studentContent` gives them, behind each turn the line's end. */
export function encodeDocument(document: TextDocument, encode: (text: string) => number[]): number[] {
  if (typeof document === 'string') return encode(document)
  const lineEnd = encode('\n')
  return document.flatMap((turn) => [TURN_START, ...encode(turnText(turn)), TURN_END, ...lineEnd])
}

/** A text in two, behind a word where there is one before `room`; a chat is not cut. */
export function cutText<T extends TextDocument>(document: T, room: number): [T, T | null] {
  if (typeof document !== 'string') return [document, null]
  const cut = Math.max(document.lastIndexOf('\n', room), document.lastIndexOf(' ', room)) + 1 || room
  return [document.slice(0, cut) as T, document.slice(cut) as T]
}
