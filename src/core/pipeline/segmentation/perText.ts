// Remembers what was made of a text: rules ask for the same text many times, and each asking may cost its whole length.

/** `make(text)`, made once for as long as the same text is asked for; the last one is kept. */
export function perText<Made>(make: (text: string) => Made): (text: string) => Made {
  let last: { text: string; made: Made } | null = null
  return (text) => {
    if (last === null || last.text !== text) last = { text, made: make(text) }
    return last.made
  }
}
