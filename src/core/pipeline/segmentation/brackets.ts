// Balanced brackets: where a bracketed argument ends.

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' }

/** Position after the string literal that starts at `at` (single, double or triple quotes), or null when it is open. */
function stringEnd(text: string, at: number, limit: number): number | null {
  const quote = text[at] as string
  const triple = text.startsWith(quote.repeat(3), at)
  const closing = triple ? quote.repeat(3) : quote
  for (let i = at + closing.length; i < limit; i++) {
    if (text[i] === '\\') i++
    else if (!triple && text[i] === '\n') return null
    else if (text.startsWith(closing, i)) return i + closing.length
  }
  return null
}

/**
 * Position of the bracket that closes the one at `open`, before `limit`; null when there is none.
 * Only brackets of the same sort are counted. `quotes: 'code'` passes over string literals.
 */
export function closingBracket(
  text: string,
  open: number,
  options: { limit: number; quotes: 'code' | 'prose' },
): number | null {
  const opening = text[open] as string
  const closing = CLOSING[opening]
  let depth = 0
  for (let i = open; i < options.limit; i++) {
    const char = text[i] as string
    if (options.quotes === 'code' && (char === '"' || char === "'")) {
      const end = stringEnd(text, i, options.limit)
      if (end === null) return null
      i = end - 1
    } else if (char === opening) depth++
    else if (char === closing && --depth === 0) return i
  }
  return null
}
