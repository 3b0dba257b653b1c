// The keys of the Trajectory screen.
import type { StepLabel } from '../../shared/records/correction.ts'
import type { Handlers } from '../commands/useCommands.ts'
import type { CommandId } from '../commands/table.ts'
import { at, byGuess, bySpan, byTurn, isAgent, selectionOf, spanAt, type Direction } from './cursor.ts'
import { toggledIn, type Editor } from './editor.ts'
import { GRANULARITIES, step } from './granularity.ts'
import type { EditorActions } from './useEditorActions.ts'

/** Step labels with their keys and icons; icons are written out, so that the build finds them. */
export const STEP_LABELS: readonly { readonly label: Exclude<StepLabel, 'stale'>; readonly key: string; readonly icon: string }[] = [
  { label: 'good', key: 'g', icon: 'i-lucide-check' },
  { label: 'unnecessary', key: 'u', icon: 'i-lucide-minus' },
  { label: 'mistake', key: 'x', icon: 'i-lucide-x' },
  { label: 'recover', key: 'r', icon: 'i-lucide-rotate-ccw' },
]

type EditorCommand = CommandId extends infer Id ? (Id extends `editor.${infer Name}` ? Name : never) : never

/** What the commands of the Trajectory screen do; none while a text is edited. */
export function editorHandlers({ editor, actions }: { editor: Editor; actions: EditorActions }): Handlers {
  const { cursor, turns, shows } = editor
  const enabled = (): boolean => turns.value.length > 0 && editor.editing.now.value === null

  const caret = (direction: Direction, selects: boolean) => () => {
    const { turn: index, span: current, caret: from, anchor } = cursor.value
    const here = turns.value[index]!
    const edge = here.spans[current]
    const begin = from ?? (direction === 1 ? edge?.start : edge?.end) ?? 0
    // Without a caret the first press shows it at the span's edge.
    const to = from === null && !selects ? begin : step(editor.ruler(index), begin, direction)
    editor.go({ turn: index, span: spanAt(here.spans, to), caret: to, anchor: selects ? (anchor ?? begin) : null })
  }
  const bySpans = (direction: Direction) => () => editor.go(bySpan(turns.value, cursor.value, { direction, shows }))
  const byTurns = (direction: Direction) => () => editor.go(byTurn(turns.value, cursor.value, { direction }))
  const bySteps = (direction: Direction) => () => editor.go(byTurn(turns.value, cursor.value, { direction, wanted: isAgent }))
  const nextGranularity = (): void => {
    editor.granularity.value = GRANULARITIES[(GRANULARITIES.indexOf(editor.granularity.value) + 1) % GRANULARITIES.length]!
  }
  const hasCaret = (): boolean => cursor.value.caret !== null || selectionOf(cursor.value) !== null
  const dropCaret = (): void => {
    cursor.value = { ...cursor.value, caret: null, anchor: null }
  }

  const runs = {
    nextSpan: bySpans(1),
    previousSpan: bySpans(-1),
    nextTurn: byTurns(1),
    previousTurn: byTurns(-1),
    nextStep: bySteps(1),
    previousStep: bySteps(-1),
    nextGuess: () => editor.go(byGuess(turns.value, cursor.value, 1)),
    previousGuess: () => editor.go(byGuess(turns.value, cursor.value, -1)),
    first: () => editor.go(at(0)),
    last: () => editor.go(at(turns.value.length - 1)),
    caretRight: caret(1, false),
    caretLeft: caret(-1, false),
    selectRight: caret(1, true),
    selectLeft: caret(-1, true),
    reason: () => actions.relabel('reason'),
    act: () => actions.relabel('act'),
    final: () => actions.relabel('final'),
    split: actions.split,
    merge: () => actions.merge(1),
    mergePrevious: () => actions.merge(-1),
    endLeft: () => actions.nudge('end', -1),
    endRight: () => actions.nudge('end', 1),
    startLeft: () => actions.nudge('start', -1),
    startRight: () => actions.nudge('start', 1),
    granularity: nextGranularity,
    good: () => actions.label('good'),
    unnecessary: () => actions.label('unnecessary'),
    mistake: () => actions.label('mistake'),
    recover: () => actions.label('recover'),
    ask: actions.ask,
    edit: actions.edit,
    compare: actions.compare,
    reset: () => void actions.resetText(),
    unfold: () => (editor.unfolded.value = toggledIn(editor.unfolded.value, cursor.value.turn)),
    accept: () => actions.reviewAndNext('accepted'),
    reject: () => actions.reviewAndNext('rejected'),
    backToNew: () => actions.review('new'),
    note: () => (editor.noteOpen.value = true),
    tag: () => (editor.tagsAsked.value += 1),
    undo: () => void actions.undo(),
    redo: () => void actions.redo(),
    nextTrajectory: () => actions.leave(1),
    previousTrajectory: () => actions.leave(-1),
    tokens: () => (editor.panel.value = editor.panel.value === 'tokens' ? null : 'tokens'),
    history: () => (editor.panel.value = editor.panel.value === 'history' ? null : 'history'),
    findings: () => (editor.findingsOpen.value = !editor.findingsOpen.value),
  } as const satisfies { readonly [Name in EditorCommand]?: () => void }
  return {
    ...Object.fromEntries(Object.entries(runs).map(([name, run]) => [`editor.${name}`, { enabled, run }])),
    'editor.dropCaret': { enabled: () => enabled() && (hasCaret() || editor.asking.value !== null), run: () => (hasCaret() ? dropCaret() : (editor.asking.value = null)) },
  }
}
