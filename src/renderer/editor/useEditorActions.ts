// What can be done to a trajectory, for keys, buttons and the mouse alike; says what happened.
import { useToast } from '@nuxt/ui/composables'
import { useRouter } from 'vue-router'
import type { JournalEntry } from '../../shared/contract/routes/trajectories.ts'
import { describeError } from '../../shared/errors.ts'
import type { CorrectionChange, ReviewState, StepLabel } from '../../shared/records/correction.ts'
import { asRetortError } from '../bridge/index.ts'
import { useText } from '../i18n/index.ts'
import type { Settled } from './correctionQueue.ts'
import { selectionOf, type Cursor, type Direction, type ShownTurn } from './cursor.ts'
import { toggledIn, type Editor } from './editor.ts'
import { step } from './granularity.ts'
import { edgeOf, merge, moveEdgeTo, neighbour, relabel, splitAtCaret, type AgentKind, type Edge, type SpanChange } from './spanChanges.ts'
import { editBetween, editsOfDiff } from './textChanges.ts'

export type EditorActions = ReturnType<typeof useEditorActions>

/** Longest search for a word diff, in ms; a text too different is put back as one edit. */
const DIFF_MS = 1000

export function useEditorActions(editor: Editor, leave: (direction: Direction) => void) {
  const { text, t } = useText()
  const toast = useToast()
  const router = useRouter()
  const { data, cursor, turns, editing } = editor
  const words = text.editor

  const current = (): ShownTurn | undefined => turns.value[cursor.value.turn]
  const numbered = (turn: number): number => turn + 1
  const say = (title: string, description?: string): void => {
    toast.add({ id: 'editor-says', title, ...(description === undefined ? {} : { description }), color: 'neutral', icon: 'i-lucide-info', duration: 4000 })
  }
  const opens = (id: string) => ({ label: words.open, onClick: () => void router.push({ name: 'trajectory', params: { id } }) })

  /** Says why something was not kept; quiet when it was. */
  function report(how: Settled): void {
    if (how.type === 'kept') return
    const [title = '', ...rest] = how.failure === 'changed' ? [words.changedElsewhere, words.changedElsewhereDetail] : describeError(asRetortError(how.error))
    toast.add({
      title: how.failure === 'refused' ? title : how.failure === 'lost' ? words.notConfirmed : title,
      description: [...rest, ...(editor.editing.now.value ? [words.textKept] : [])].join('\n').trim(),
      color: 'error', icon: 'i-lucide-circle-alert', duration: 12_000, actions: [opens(editor.id)],
    })
  }
  async function submit(title: string, changes: CorrectionChange[], together?: string): Promise<void> {
    try {
      report(await data.submit({ title, changes, ...(together === undefined ? {} : { together }) }))
    } catch (error) {
      report({ type: 'dropped', failure: 'refused', error, fresh: null })
    }
  }

  function applySpans(change: SpanChange, title: string, together?: string): void {
    if (change.type === 'refused') {
      if (change.why !== 'same') say(words.refusals[change.why], change.detail)
      return
    }
    const { turn } = cursor.value
    void submit(title, [{ type: 'spans', turn, spans: change.spans }], together)
    editor.go(change.cursor)
  }
  const withTurn = (work: (turn: ShownTurn, cursor: Cursor) => void): void => {
    const turn = current()
    if (turn && !editing.now.value) work(turn, cursor.value)
  }

  const undoing = (direction: 'undo' | 'redo') => async (): Promise<void> => {
    try {
      const entry = await data.turn(direction)
      toast.add({ id: 'editor-undo', ...undone(direction, entry), icon: direction === 'undo' ? 'i-lucide-undo-2' : 'i-lucide-redo-2', color: 'neutral', duration: 6000 })
    } catch (error) {
      report({ type: 'dropped', failure: 'refused', error, fresh: null })
    }
  }
  function undone(direction: 'undo' | 'redo', entry: JournalEntry | null) {
    if (!entry) return { title: direction === 'undo' ? words.nothingToUndo : words.nothingToRedo }
    const here = entry.trajectories.includes(editor.id)
    const elsewhere = entry.trajectories.find((id) => id !== editor.id)
    const others = entry.trajectoryCount - (here ? 1 : 0)
    // Of many only the first are named, so this one may be among them.
    const known = entry.trajectories.length === entry.trajectoryCount
    const [key, n] = !known ? ['editor.inTrajectories', entry.trajectoryCount] as const : [here ? 'editor.undoneHereToo' : 'editor.undoneElsewhere', others] as const
    const where = n === 0 ? '' : t(key, { n }, n)
    return {
      title: t(direction === 'undo' ? 'editor.undone' : 'editor.redone', { title: entry.title }),
      description: where,
      actions: here || !known || elsewhere === undefined ? [] : [opens(elsewhere)],
    }
  }

  const undo = undoing('undo')
  const review = (state: ReviewState): void => {
    if (data.opened.value && data.opened.value.review !== state) void submit(t('editor.done.review', { state: words.review[state] }), [{ type: 'review', state }])
  }

  return {
    say,
    relabel: (kind: AgentKind) =>
      withTurn((turn, at) => {
        const title = t(selectionOf(at) ? 'editor.done.selection' : 'editor.done.relabel', { turn: numbered(at.turn), kind: text.editor.kinds[kind] })
        applySpans(relabel(turn, at, kind), title)
      }),
    split: () => withTurn((turn, at) => applySpans(splitAtCaret(turn, at), t('editor.done.split', { turn: numbered(at.turn) }))),
    merge: (direction: Direction) =>
      withTurn((turn, at) => {
        const change = merge(turn, at, direction)
        applySpans(change, t('editor.done.merge', { turn: numbered(at.turn) }))
        const [into, other] = [turn.spans[at.span]?.kind, neighbour(turn, at, direction)?.kind]
        if (change.type === 'refused' || !into || !other || into === other) return
        toast.add({
          id: 'editor-says', title: t('editor.mergedKinds', { other: words.kinds[other], into: words.kinds[into], turn: numbered(at.turn) }),
          color: 'warning', icon: 'i-lucide-merge', duration: 8000, actions: [{ label: words.commands.undo, onClick: () => void undo() }],
        })
      }),
    nudge: (edge: Edge, direction: Direction) =>
      withTurn((turn, at) => {
        const from = edgeOf(turn, at.span, edge) ?? 0
        const offset = step(editor.ruler(at.turn), from, direction)
        applySpans(moveEdgeTo(turn, at, { edge, offset }), t('editor.done.edge', { turn: numbered(at.turn) }), `edge ${at.turn}`)
      }),
    dragEdge: (from: Cursor, to: { edge: Edge; offset: number }) => {
      const turn = turns.value[from.turn]
      if (!turn) return
      const change = moveEdgeTo(turn, from, to)
      if (change.type === 'change') applySpans(change, t('editor.done.edge', { turn: numbered(from.turn) }))
    },
    label: (label: StepLabel) =>
      withTurn((turn, at) => {
        if (turn.role !== 'agent') return say(words.refusals.notAStep)
        const next = turn.label === label ? null : label
        const title = next === null ? t('editor.done.unlabel', { turn: numbered(at.turn) }) : t('editor.done.label', { turn: numbered(at.turn), label: words.labels[next] })
        void submit(title, [{ type: 'label', turn: at.turn, label: next }])
      }),
    review,
    reviewAndNext: (state: ReviewState) => {
      if (editing.now.value) return
      review(state)
      leave(1)
    },
    tags: (tags: string[]) => void submit(t('editor.done.tags', { tags: tags.join(', ') || words.none }), [{ type: 'tags', tags }]),
    note: (note: string) => {
      editor.noteOpen.value = false
      if (note !== data.opened.value?.note) void submit(note === '' ? words.done.noteRemoved : words.done.note, [{ type: 'note', text: note }])
    },
    /** Opens the panel at the current step, or closes it where it is open. */
    ask: () =>
      withTurn((turn, at) => {
        if (turn.role !== 'agent') return say(text.asking.notAStep)
        editor.asking.value = editor.asking.value === at.turn ? null : at.turn
      }),
    edit: () => withTurn((_, at) => editing.begin(at.turn)),
    saveText: async () => {
      if (editing.now.value?.changed) return say(words.chooseFirst)
      const how = await editing.save().catch((error: unknown): Settled => ({ type: 'dropped', failure: 'refused', error, fresh: null }))
      if (how !== 'unchanged') report(how)
    },
    cancelText: () => {
      const draft = editing.cancel()
      if (!draft) return
      toast.add({
        id: 'editor-cancelled', title: t('editor.cancelled', { turn: numbered(draft.turn) }), color: 'neutral', icon: 'i-lucide-x', duration: 8000,
        actions: [{ label: words.takeUpAgain, onClick: () => editing.restore(draft) }],
      })
    },
    compare: () => withTurn((_, at) => {
      if (!editor.isCorrected(at.turn)) return say(words.refusals.notCorrected)
      editor.compared.value = toggledIn(editor.compared.value, at.turn)
    }),
    resetText: async () => {
      const { turn } = cursor.value
      const now = current()?.text
      if (now === undefined || editing.now.value) return
      const original = data.opened.value?.original[turn]?.text ?? now
      if (now === original) return say(words.refusals.notCorrected)
      const { diffWordsWithSpace } = await import('diff')
      const parts = diffWordsWithSpace(now, original, { timeout: DIFF_MS })
      const edits = parts ? editsOfDiff(parts) : editBetween(now, original)
      await submit(t('editor.done.reset', { turn: numbered(turn) }), edits.map((edit) => ({ type: 'text', turn, ...edit })))
    },
    undo,
    redo: undoing('redo'),
    leave,
  }
}
