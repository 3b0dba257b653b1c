// The number literals of a piece of JavaScript, with their places: strings, comments and names are passed over.

export type Literal = { readonly value: number; readonly start: number; readonly end: number }

const TOKEN = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|`(?:\\[^]|[^`\\])*`?|[\p{L}_$][\p{L}\p{N}_$]*|0[xob][\da-f]+n?|(?:\d[\d_]*)?\.?\d[\d_]*(?:e[+-]?\d+)?n?/giu

/** Decimal literals in the order of the text; negative ones without their sign. Those in templates are not looked at. */
export function numberLiterals(code: string): Literal[] {
  return [...code.matchAll(TOKEN)]
    .filter(([text]) => /^[\d.]/.test(text) && !/n$|^0[xob]/i.test(text))
    .map((match) => ({ value: Number(match[0].replaceAll('_', '')), start: match.index, end: match.index + match[0].length }))
}

/** The first comment's words, without the marks around. */
export function firstComment(code: string): string {
  const [, block, line] = /\/\*+([^]*?)\*\/|\/\/([^\n]*)/.exec(code) ?? []
  return (block ?? line ?? '').replace(/^\s*\*/gm, ' ').replace(/\s+/g, ' ').trim()
}
