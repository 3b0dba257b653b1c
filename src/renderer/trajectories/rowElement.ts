// A row of the list as plain elements: each part is written only when what it says has changed.
import type { TrajectoryLine } from '../../shared/contract/routes/trajectories.ts'
import { countText, shortCount } from '../components/numbers.ts'
import type { Texts } from '../i18n/index.ts'
import { snippetParts } from './snippet.ts'

export type RowState = { readonly index: number; readonly selected: boolean; readonly current: boolean }

export type RowElement = {
  readonly element: HTMLElement
  /** null: there is no such line, the list has ended. */
  show(line: TrajectoryLine | null, state: RowState): void
}

export type RowWords = { readonly text: Texts; readonly t: (key: string, values: Record<string, unknown>, count?: number) => string }

const REVIEW_MARKS = { new: '', accepted: 'm8 12 3 3 5-6', rejected: 'm9 9 6 6m0-6-6 6' } as const
const TAGS = 3
const TAG_CLASS = 'rounded-sm bg-primary/10 px-1.5 py-1 text-[10px]/3 font-medium text-primary ring ring-primary/25 ring-inset'
const MORE_CLASS = 'text-xs text-muted'
const HIT_CLASS = 'rounded-xs bg-warning/25 text-highlighted'

/** Writes what is given when it is not what was given last. */
function writer<Value>(write: (value: Value) => void): (value: Value) => void {
  let last: Value | undefined
  return (value) => {
    if (value === last) return
    last = value
    write(value)
  }
}
const textOf = (node: Element): ((text: string) => void) => {
  const words = node.firstChild as Text
  return writer((text) => (words.data = text))
}
const attribute = (node: Element, name: string): ((value: string | null) => void) =>
  writer((value) => (value === null ? node.removeAttribute(name) : node.setAttribute(name, value)))
const shown = (node: Element): ((value: boolean) => void) => writer((value) => void node.toggleAttribute('hidden', !value))

function spanOf(className: string, words: string): HTMLElement {
  const span = document.createElement('span')
  span.className = className
  span.textContent = words
  return span
}

function outcomeOf({ outcome }: TrajectoryLine, { text, t }: RowWords): string | null {
  if (outcome === null || (outcome.success === null && outcome.reward === null)) return null
  if (outcome.success === null) return t('trajectories.reward', { reward: outcome.reward })
  return text.trajectories.values[outcome.success ? 'success' : 'failure']!
}

/** Copies the row and finds its parts. `pattern`: the element that TrajectoryRow.vue draws. */
export function createRow(pattern: HTMLElement, words: RowWords): RowElement {
  const { text, t } = words
  const element = pattern.cloneNode(true) as HTMLElement
  const part = <Kind extends Element = HTMLElement>(name: string): Kind => element.querySelector<Kind>(`[data-part="${name}"]`)!
  element.dataset['testid'] = 'trajectory-row'
  const chosen = part<HTMLInputElement>('chosen')
  const [spans, outcome, guessed, corrections] = [part('spans'), part('outcome'), part('guessed'), part('corrections')]
  const bars = [...spans.children] as HTMLElement[]
  const write = {
    hidden: writer((value: boolean) => void element.toggleAttribute('hidden', value)),
    index: attribute(element, 'aria-rowindex'),
    id: attribute(element, 'data-id'),
    selected: attribute(element, 'aria-selected'),
    current: attribute(element, 'aria-current'),
    checked: writer((value: boolean) => (chosen.checked = value)),
    chosenLabel: attribute(chosen, 'aria-label'),
    review: attribute(element, 'data-review'),
    reviewLabel: attribute(part<SVGElement>('review'), 'aria-label'),
    reviewMark: attribute(part<SVGElement>('reviewMark'), 'd'),
    task: textOf(part('task')),
    snippetShown: shown(part('snippet')),
    snippet: writer((snippet: string | null) => {
      part('snippet').replaceChildren(
        ...snippetParts(snippet ?? '').map(({ text: words, hit }) => {
          if (!hit) return words
          const mark = document.createElement('mark')
          mark.className = HIT_CLASS
          mark.textContent = words
          return mark
        }),
      )
    }),
    tagsShown: shown(part('tags')),
    tags: writer((joined: string) => {
      const tags = joined === '' ? [] : joined.split('\0')
      const more = tags.length > TAGS ? [spanOf(MORE_CLASS, `+${tags.length - TAGS}`)] : []
      part('tags').replaceChildren(...tags.slice(0, TAGS).map((tag) => spanOf(TAG_CLASS, tag)), ...more)
    }),
    format: textOf(part('format')),
    source: attribute(part('format'), 'title'),
    steps: textOf(part('steps')),
    spans: writer((label: string) => {
      spans.setAttribute('aria-label', label)
      spans.title = label
    }),
    bars: bars.map((bar) => writer((count: number) => (bar.style.flexGrow = String(count)))),
    outcomeShown: shown(outcome),
    outcome: textOf(outcome),
    success: attribute(outcome, 'data-success'),
    guessedShown: shown(guessed),
    guessed: writer((n: number) => {
      part('guessedCount').textContent = String(n)
      guessed.title = t('trajectories.guessedHelp', { n }, n)
    }),
    correctionsShown: shown(corrections),
    corrections: writer((n: number) => {
      part('correctionsCount').textContent = String(n)
      corrections.title = t('trajectories.correctedHelp', { n }, n)
    }),
    noted: shown(part('noted')),
    heldout: shown(part('heldout')),
    difficulty: textOf(part('difficulty')),
  }

  let last: TrajectoryLine | null = null
  function showLine(line: TrajectoryLine): void {
    last = line
    write.id(line.id)
    write.chosenLabel(`${text.trajectories.columns.select}: ${line.task}`)
    write.review(line.review)
    write.reviewLabel(text.trajectories.values[line.review]!)
    write.reviewMark(REVIEW_MARKS[line.review])
    write.task(line.task)
    write.snippetShown(line.snippet !== null)
    write.snippet(line.snippet)
    write.tagsShown(line.tags.length > 0)
    write.tags(line.tags.join('\0'))
    write.format(line.format)
    write.source(line.source)
    write.steps(countText(line.steps))
    const { reason, act, final, observe } = line.spans
    write.spans(spansLabel(line.spans, t))
    ;[reason, act, final, observe].forEach((count, index) => write.bars[index]!(count))
    const label = outcomeOf(line, words)
    write.outcomeShown(label !== null)
    if (label !== null) write.outcome(label)
    write.success(String(line.outcome?.success ?? null))
    write.guessedShown(line.guessed > 0)
    if (line.guessed > 0) write.guessed(line.guessed)
    write.correctionsShown(line.corrections > 0)
    if (line.corrections > 0) write.corrections(line.corrections)
    write.noted(line.noted)
    write.heldout(line.heldout)
    write.difficulty(shortCount(line.difficulty))
  }
  return {
    element,
    show(line, { index, selected, current }) {
      write.hidden(line === null)
      if (line === null) return
      write.index(String(index + 2))
      write.selected(String(selected))
      write.checked(selected)
      write.current(current ? 'true' : null)
      if (line !== last) showLine(line)
    },
  }
}

const labels = new Map<string, string>()
function spansLabel(spans: TrajectoryLine['spans'], t: RowWords['t']): string {
  const key = `${spans.reason} ${spans.act} ${spans.final} ${spans.observe}`
  const known = labels.get(key) ?? t('trajectories.spansHelp', spans)
  if (labels.size > 5000) labels.clear()
  labels.set(key, known)
  return known
}
