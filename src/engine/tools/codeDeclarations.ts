// Declarations of a block's own level as `var`, classes too, so that a later block of the episode may declare the same name again.

/** What may stand before a regular expression, where a division could not. */
const BEFORE_REGEXP = /(?:^|[=(,:;!&|?{}[+\-*%~^<>]|\b(?:return|typeof|case|in|of|delete|void|throw|new|else|do))$/
const COMMENTS = [/\/\/[^\n]*/y, /\/\*[^]*?(?:\*\/|$)/y]
const STRINGS = [/'(?:\\[^]|[^'\\\n])*'?/y, /"(?:\\[^]|[^"\\\n])*"?/y]
const REGEXP = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y
const WORD = /[\p{L}\p{N}_$]+/uy
const DECLARES = /\s+[\p{L}_$]|\s*[[{]/uy
const CLASS = /class\s+(?!extends\b)([\p{L}_$][\p{L}\p{N}_$]*)/uy
/** Behind these words an expression goes on in the next line. */
const GOES_ON = /\b(?:extends|instanceof|await|yield|default)$/

/**
 * The same text, line by line, with `var` for `const` and `let` outside of all brackets, and `var A = class A {...};` for a class that is
 * declared there.
 */
export function withVar(code: string): string {
  let out = ''
  /** The end of what was written, comments left out, white space as one character. */
  let before = ''
  /** Open brackets; a template's `${` is '$'. */
  const open: string[] = []
  let at = 0
  /** A class of the block's own level: its head, or its body, is being read. */
  let inClass: 'head' | 'body' | null = null
  const behind = (text: string): void => {
    before = (before + text).replace(/\s*\n\s*$/, '\n').replace(/[^\S\n]+$/, ' ').slice(-20)
  }
  const take = (length: number): void => {
    const text = code.slice(at, at + length)
    out += text
    behind(text)
    at += length
  }
  const matched = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    return pattern.exec(code)?.[0] ?? null
  }
  const anyOf = (patterns: readonly RegExp[]): string | undefined => patterns.map(matched).find((text) => text !== null) ?? undefined
  const close = (): void => {
    open.pop()
    take(1)
    if (inClass !== 'body' || open.length > 0) return
    // What follows is not to be read as going on with the class.
    out += ';'
    inClass = null
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
    const comment = anyOf(COMMENTS)
    if (comment) {
      out += comment
      at += comment.length
      behind(comment.includes('\n') ? '\n' : ' ')
      continue
    }
    const skipped = anyOf(STRINGS) ?? (character === '/' && BEFORE_REGEXP.test(before.trimEnd()) ? matched(REGEXP) : null)
    if (skipped) {
      take(skipped.length)
      continue
    }
    const word = matched(WORD)
    if (word === null) {
      if (character === '{' && open.length === 0 && inClass === 'head') inClass = 'body'
      if (character === '`' || '([{'.includes(character)) open.push(character)
      if (')]}'.includes(character)) close()
      else take(1)
      continue
    }
    const own = open.length === 0 && !/\.\s*$/.test(before)
    if (own && (word === 'const' || word === 'let') && declaration(code, at + word.length)) {
      out += 'var'.padEnd(word.length)
      behind('var')
      at += word.length
    } else {
      CLASS.lastIndex = at
      const name = own && word === 'class' && beginsStatement(before) ? CLASS.exec(code)?.[1] : undefined
      if (name !== undefined) {
        out += `var ${name} = `
        inClass = 'head'
      }
      take(word.length)
    }
  }
  return out
}

/** At the beginning, behind a statement's end, or in a new line behind what is whole. */
function beginsStatement(before: string): boolean {
  const text = before.trimEnd()
  return text === '' || /[;}]$/.test(text) || (before.endsWith('\n') && !BEFORE_REGEXP.test(text) && !GOES_ON.test(text))
}

function declaration(code: string, at: number): boolean {
  DECLARES.lastIndex = at
  return DECLARES.test(code)
}
