// Documents as one stream of tokens, and the stream as windows of a fixed size in which documents do not see each other.
import { createRandom, shuffled } from '../../random.ts'
import { cutText, lengthOf, type TextDocument } from './document.ts'
import { END_OF_TEXT, TURN_START } from './vocabulary.ts'

/** The documents' ids one after the other, with the end of text before the first, between two and behind the last. */
export function streamOf(documents: Iterable<readonly number[]>): Uint32Array {
  const parts = [...documents].filter((ids) => ids.length > 0)
  const stream = new Uint32Array(parts.reduce((sum, ids) => sum + ids.length + 1, 1)).fill(END_OF_TEXT)
  let at = 1
  for (const ids of parts) {
    stream.set(ids, at)
    at += ids.length + 1
  }
  return stream
}

/** Tokens `from .. to` of the stream, all but the first of which are predicted. */
export type Piece = { readonly from: number; readonly to: number }

/**
 * Every token but the first, and but the mark that a chat begins with, is predicted once, in windows of `size` tokens; the last
 * window is what is left. A document that goes on in the next window begins there with its last token.
 */
export function windowsOf(stream: Uint32Array, size: number): Piece[][] {
  const windows: Piece[][] = []
  for (let first = 1; first < stream.length; first += size) {
    const end = Math.min(stream.length, first + size)
    const window: Piece[] = []
    let from = first - 1
    for (let token = first; token < end; token++) {
      if (stream[token] !== END_OF_TEXT && token < end - 1) continue
      // A chat begins with its own mark, as it does when it is served.
      if (stream[from] === END_OF_TEXT && stream[from + 1] === TURN_START) from += 1
      if (from < token) window.push({ from, to: token })
      from = token
    }
    windows.push(window)
  }
  return windows
}

/** Documents on either side: the last `share` of all characters, in an order that the seed draws, is held out. */
export function splitDocuments<T extends TextDocument>(documents: readonly T[], { share, seed }: { readonly share: number; readonly seed: number }): { train: T[]; heldout: T[] } {
  const order = shuffled(documents, createRandom(seed))
  let room = Math.round(order.reduce((sum, document) => sum + lengthOf(document), 0) * (1 - share))
  const sides = { train: [] as T[], heldout: [] as T[] }
  for (const document of order) {
    const length = lengthOf(document)
    if (length <= room) sides.train.push(document)
    else if (room <= 0) sides.heldout.push(document)
    else {
      const [before, after] = cutText(document, room)
      sides.train.push(before)
      if (after !== null) sides.heldout.push(after)
    }
    room -= length
  }
  return sides
}

/** Indices of the windows of each step: epoch after epoch, each in an order of its own; a step may lie across two. */
export function* orderOfWindows(count: number, { perStep, seed }: { readonly perStep: number; readonly seed: number }): Generator<number[], never> {
  const random = createRandom(seed)
  const all = Array.from({ length: count }, (_, i) => i)
  let rest: number[] = []
  for (;;) {
    while (rest.length < perStep) rest = [...rest, ...shuffled(all, random)]
    yield rest.slice(0, perStep)
    rest = rest.slice(perStep)
  }
}
