// Declarations of a block's own level as `var`, so that a later block of the episode may declare the same name again.

/** What may stand before a regular expression, where a division could not. */
const BEFORE_REGEXP = /(?:^|[=(,:;!&|?{}[+\-*%~^<>]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do))$/
const SKIPPED = [
  /\/\/[^\n]*/y,
  /\/\*[^]*?(?:\*\/|$)/y,
  /'(?:\\[^]|[^'\\\n])*'?/y,
  /"(?:\\[^]|[^"\\\n])*"?/y,
]
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y
const WORD = /[\p{L}\p{N}_$]+/uy
const DECLARES = /\s+[\p{L}_$]|\s*[[{]/uy

/** The same text, position by position, with `var` for `const` and `let` outside of all brackets. */
export function withVar(code: string): string {
  let out = ''
  /** Open brackets; a template's `${` is '$'. */
  const open: string[] = []
  let at = 0
  const take = (length: number): void => {
    out += code.slice(at, at + length)
    at += length
  }
  const matched = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    return pattern.exec(code)?.[0] ?? null
  }
  while (at < code.length) {
    const character = code[at]!
    if (open.at(-1) === '`') {
      if (character === '\\') take(2)
      else if (character === '$' && code[at + 1] === '{') {
        open.push('$')
        take(2)
      } else {
        if (character === '`') open.pop()
        take(1)
      }
      continue
    }
    const skipped = SKIPPED.map(matched).find((text) => text !== null)
    if (skipped) {
      take(skipped.length)
      continue
    }
    const regexp = character === '/' && BEFORE_REGEXP.test(out.trimEnd().slice(-12)) ? matched(REGEXP) : null
    if (regexp) {
      take(regexp.length)
      continue
    }
    const word = matched(WORD)
    if (word === null) {
      if (character === '`' || '([{'.includes(character)) open.push(character)
      else if (')]}'.includes(character)) open.pop()
      take(1)
      continue
    }
    const declares = open.length === 0 && (word === 'const' || word === 'let') && !/\.\s*$/.test(out.slice(-20)) && declaration(code, at + word.length)
    if (declares) {
      out += 'var'.padEnd(word.length)
      at += word.length
    } else take(word.length)
  }
  return out
}

function declaration(code: string, at: number): boolean {
  DECLARES.lastIndex = at
  return DECLARES.test(code)
}
