// All matches of a pattern in a text.

/**
 * As `[...text.matchAll(pattern)]`, which copies the pattern first: that takes longer than looking through a short text. The
 * pattern is global; one that matches nothing of a text must not be a Unicode one.
 */
export function allMatches(text: string, pattern: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    found.push(match)
    if (match[0] === '') pattern.lastIndex += 1
  }
  return found
}
