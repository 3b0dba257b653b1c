// Stop sequences over a stream of text: what comes before the first of them, no matter how the stream is divided.

export type Cutter = {
  /** The characters that are certain now; `cut` is the sequence that was reached, after which there are no more. */
  push(text: string): { readonly text: string; readonly cut: string | null }
  /** At the stream's end: what was held back because a sequence might have begun there. */
  rest(): string
}

export function createCutter(stop: readonly string[]): Cutter {
  const sequences = stop.filter((sequence) => sequence !== '')
  let held = ''
  return {
    push(text) {
      held += text
      let at = held.length
      let cut: string | null = null
      for (const sequence of sequences) {
        const found = held.indexOf(sequence)
        if (found >= 0 && found < at) [at, cut] = [found, sequence]
      }
      if (cut === null) at = held.length - longestBeginning(held, sequences)
      const out = held.slice(0, at)
      held = cut === null ? held.slice(at) : ''
      return { text: out, cut }
    },
    rest() {
      const out = held
      held = ''
      return out
    },
  }
}

/** Length of the longest end of the text with which a sequence begins. */
function longestBeginning(text: string, sequences: readonly string[]): number {
  const most = Math.max(0, ...sequences.map((sequence) => sequence.length - 1))
  for (let length = Math.min(most, text.length); length > 0; length--) {
    const end = text.slice(text.length - length)
    if (sequences.some((sequence) => sequence.startsWith(end))) return length
  }
  return 0
}
