// A from-scratch model of SPEC.md: a list of characters, each with its span and its part of a call, edited naively.
import type { TextEdit } from '../../../src/core/pipeline/annotation/index.ts'
import type { Span, SpanKind } from '../../../src/shared/records/span.ts'

/** Characters that carry the same label object are one span. */
interface Label {
  kind: SpanKind
  rule: string
}
/** One object for each call. */
type CallId = object
type Part = 'name' | 'between' | 'argument'

/** A code unit; or, with empty text, the holder that stands where a call's argument begins. */
interface Entry {
  text: string
  label: Label
  call?: CallId
  part?: Part
}

function entriesOf(text: string, { start, end, kind, rule, call }: Span): Entry[] {
  const label = { kind, rule }
  const id = {}
  const entries: Entry[] = []
  for (let at = start; at <= end; at++) {
    if (call && at === call.argument.start) entries.push({ text: '', label, call: id, part: 'argument' })
    if (at === end) break
    const part: Part | undefined =
      !call || at < call.name.start || at >= call.argument.end
        ? undefined
        : at < call.name.end ? 'name' : at < call.argument.start ? 'between' : 'argument'
    entries.push({ text: text[at] as string, label, ...(part ? { call: id, part } : {}) })
  }
  return entries
}

export class Model {
  entries: Entry[]

  constructor(text: string, spans: readonly Span[]) {
    this.entries = spans.flatMap((span) => entriesOf(text, span))
  }

  get text(): string {
    return this.entries.map((entry) => entry.text).join('')
  }

  spans(): Span[] {
    const found = new Map<Label, Span>()
    let at = 0
    for (const { text, label } of this.entries) {
      const span = found.get(label) ?? { start: at, end: at, kind: label.kind, rule: label.rule }
      span.end = at += text.length
      found.set(label, span)
    }
    for (const [label, span] of found) {
      const call = this.entries.find((entry) => entry.label === label && entry.call)?.call
      if (call) span.call = { name: this.range(call, 'name'), argument: this.range(call, 'argument') }
    }
    return [...found.values()]
  }

  private range(call: CallId, part: Part): { start: number; end: number } {
    const positions: number[] = []
    let at = 0
    for (const entry of this.entries) {
      if (entry.call === call && entry.part === part) positions.push(at, at + entry.text.length)
      at += entry.text.length
    }
    return { start: Math.min(...positions), end: Math.max(...positions) }
  }

  /** The index in the list of the character at a text position. */
  private index(position: number): number {
    let at = 0
    for (let i = 0; i < this.entries.length; i++) {
      if (at === position && this.entries[i]?.text !== '') return i
      at += this.entries[i]?.text.length ?? 0
    }
    return this.entries.length
  }

  private drop(call: CallId): void {
    this.entries = this.entries
      .filter((entry) => entry.call !== call || entry.text !== '')
      .map((entry) => (entry.call === call ? { text: entry.text, label: entry.label } : entry))
  }

  private all(): CallId[] {
    return [...new Set(this.entries.flatMap((entry) => entry.call ?? []))]
  }

  /** SPEC S5 to S11. */
  edit({ range: { start, end }, insert }: TextEdit): void {
    if (end > start) this.replace(start, end, insert)
    else if (insert !== '') this.insert(start, insert)
    for (const call of this.all()) {
      const named = this.entries.some((entry) => entry.call === call && entry.part === 'name' && entry.text !== '')
      if (!named) this.drop(call)
    }
    const alive = new Set(this.entries.filter((entry) => entry.text !== '').map((entry) => entry.label))
    this.entries = this.entries.filter((entry) => alive.has(entry.label))
  }

  private replace(start: number, end: number, insert: string): void {
    const from = this.index(start)
    const to = this.index(end - 1)
    const removed = this.entries.slice(from, to + 1).filter((entry) => entry.text !== '')
    const first = removed[0] as Entry
    const holders = this.entries.slice(from, to + 1).filter((entry) => entry.text === '')
    let part: Part | undefined = first.part
    for (const call of this.all()) {
      const touched = removed.filter((entry) => entry.call === call)
      const whole = touched.length === removed.length && new Set(touched.map((entry) => entry.part)).size === 1
      const between = touched.some((entry) => entry.part === 'between')
      const emptied = holders.some((entry) => entry.call === call)
      if (between || emptied || (touched.length > 0 && !whole)) {
        if (first.call === call) part = undefined
        this.drop(call)
      }
    }
    const at = this.index(start)
    const call = part ? first.call : undefined
    const fresh = insert.split('').map((text): Entry => ({ text, label: first.label, ...(call && part ? { call, part } : {}) }))
    this.entries.splice(at, this.index(end - 1) - at + 1, ...fresh)
  }

  private insert(position: number, insert: string): void {
    const behind = this.index(position)
    if (this.entries.length === 0) {
      const label = { kind: 'reason' as const, rule: 'guessed' }
      this.entries = insert.split('').map((text) => ({ text, label }))
      return
    }
    const label = (position === 0 ? this.entries[0] : this.entries[this.index(position - 1)])?.label as Label
    const call = this.entries.find((entry) => entry.label === label && entry.call)?.call
    let place: { at: number; part?: Part } = { at: position === 0 ? 0 : this.index(position - 1) + 1 }
    if (call) {
      const name = this.range(call, 'name')
      const argument = this.range(call, 'argument')
      if (argument.start <= position && position <= argument.end) {
        const holder = this.entries.findIndex((entry) => entry.call === call && entry.text === '')
        place = { at: position === argument.start ? holder + 1 : place.at, part: 'argument' }
      } else if (name.start <= position && position <= name.end) place = { at: Math.min(place.at, behind), part: 'name' }
      else if (name.end < position && position < argument.start) this.drop(call)
    }
    const { at, part } = place
    const fresh = insert.split('').map((text): Entry => ({ text, label, ...(call && part ? { call, part } : {}) }))
    this.entries.splice(at, 0, ...fresh)
  }

  /** SPEC S16: gives each character a label by its position, then lets the calls go that no span may keep. */
  private relabel(choose: (position: number, label: Label) => Label): void {
    let at = 0
    let last: Label | undefined
    this.entries = this.entries.map((entry) => {
      // A holder goes with the character before it.
      const label = entry.text === '' && last ? last : choose(at, entry.label)
      at += entry.text.length
      last = label
      return { ...entry, label }
    })
    const keepers = new Map<Label, CallId[]>()
    for (const call of this.all()) {
      const labels = new Set(this.entries.filter((entry) => entry.call === call && entry.text !== '').map((entry) => entry.label))
      const [label] = labels
      if (labels.size === 1 && label) keepers.set(label, [...(keepers.get(label) ?? []), call])
    }
    for (const call of this.all()) {
      const keeps = [...keepers].some(
        ([label, calls]) => calls.length === 1 && calls[0] === call && (label.kind === 'act' || label.kind === 'final'),
      )
      if (!keeps) this.drop(call)
    }
  }

  private labels(): Label[] {
    return [...new Set(this.entries.map((entry) => entry.label))]
  }

  /** SPEC S12. */
  setKind(range: { start: number; end: number }, kind: SpanKind): void {
    if (range.start === range.end) return
    const own = { kind, rule: 'hand' }
    const rests = new Map<Label, Label>()
    this.relabel((position, label) => {
      if (position < range.start) return label
      if (position < range.end) return own
      const rest = rests.get(label) ?? { ...label }
      rests.set(label, rest)
      return rest
    })
  }

  /** SPEC S13. */
  split(at: number): void {
    const cut = this.entries[this.index(at)]?.label
    const second = cut && { ...cut }
    this.relabel((position, label) => (second && label === cut && position >= at ? second : label))
  }

  /** SPEC S14. */
  merge(index: number): void {
    const [first, second] = this.labels().slice(index, index + 2) as [Label, Label]
    const alike = first.kind === second.kind && first.rule === second.rule
    const one = { kind: first.kind, rule: alike ? first.rule : 'hand' }
    this.relabel((_, label) => (label === first || label === second ? one : label))
  }

  /** SPEC S15. */
  moveEdge(index: number, to: number): void {
    const [first, second] = this.labels().slice(index, index + 2) as [Label, Label]
    if (this.spans()[index]?.end === to) return
    const left = { ...first, rule: 'hand' }
    const right = { ...second, rule: 'hand' }
    this.relabel((position, label) => (label !== first && label !== second ? label : position < to ? left : right))
  }
}
