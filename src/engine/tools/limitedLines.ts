// Lines of a stream of bytes, none longer than a limit: what comes without an end of line is not collected without end.

export type LineListener = { readonly line: (text: string) => void; readonly tooLong: () => void }

/** Gives the listener of the stream's chunks. After `tooLong` nothing more is heard. UTF-8. */
export function limitedLines(mostBytes: number, { line, tooLong }: LineListener): (chunk: Buffer) => void {
  let held: Buffer[] = []
  let size = 0
  let over = false
  return (chunk) => {
    let from = 0
    while (!over) {
      const end = chunk.indexOf(10, from)
      const piece = chunk.subarray(from, end === -1 ? undefined : end)
      size += piece.length
      if (size > mostBytes) {
        over = true
        held = []
        return tooLong()
      }
      held.push(piece)
      if (end === -1) return
      const text = Buffer.concat(held).toString('utf8')
      held = []
      size = 0
      from = end + 1
      line(text)
    }
  }
}
