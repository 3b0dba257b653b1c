// What a template wrote against what it was given: white space it changed, and arguments in its own JSON.

/** Arguments as a template wrote them: the text itself, or its JSON with usual separators. Null: in another form. */
export function findArguments(
  text: string,
  call: { from: number; to: number; arguments: string },
): { start: number; end: number } | null {
  const forms = [call.arguments]
  try {
    const value: unknown = JSON.parse(call.arguments)
    forms.push(JSON.stringify(value), pythonJson(value), JSON.stringify(value, null, 2), JSON.stringify(value, null, 4))
  } catch {
    // Not JSON: only the text itself can stand there.
  }
  for (const form of forms) {
    const start = form === '' ? -1 : text.indexOf(form, call.from)
    if (start >= 0 && start + form.length <= call.to) return { start, end: start + form.length }
  }
  return null
}

/** `json.dumps(value, ensure_ascii=False)`, the separators of Jinja's tojson in chat templates. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item)}`)
    .join(', ')}}`
}

/** Pairs (place in `rendered`, place in `own`) of equal characters, both rising. */
export function matchGap(rendered: string, own: string, edge: 'start' | 'end' | 'both'): [number, number][] {
  if (rendered.replace(/\s/g, '') === own.replace(/\s/g, '')) {
    const pairs: [number, number][] = []
    for (let r = 0, o = 0; r < rendered.length && o < own.length;) {
      if (rendered[r] === own[o]) pairs.push([r++, o++])
      else if (/\s/.test(rendered[r]!)) r++
      else o++
    }
    return pairs
  }
  const prefix = edge === 'end' ? 0 : commonPrefix(rendered, own)
  const suffix =
    edge === 'start' ? 0 : Math.min(commonSuffix(rendered, own), Math.min(rendered.length, own.length) - prefix)
  return [
    ...Array.from({ length: prefix }, (_, i): [number, number] => [i, i]),
    ...Array.from({ length: suffix }, (_, i): [number, number] => [
      rendered.length - suffix + i,
      own.length - suffix + i,
    ]),
  ]
}

/** Length of the common beginning. */
export function commonPrefix(a: string, b: string): number {
  let n = 0
  while (n < a.length && n < b.length && a[n] === b[n]) n++
  return n
}

/** Length of the common end. */
export function commonSuffix(a: string, b: string): number {
  let n = 0
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n++
  return n
}
