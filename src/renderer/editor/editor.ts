// What the parts of the Trajectory screen share: the trajectory, the one cursor, and how it is looked at.
import { useLocalStorage } from '@vueuse/core'
import { computed, inject, onScopeDispose, shallowRef, watch, type ComputedRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'
import type { Span, SpanKind } from '../../shared/records/span.ts'
import { useSession } from '../session/session.ts'
import { held, startOf, stepsOf, type Cursor, type ShownTurn } from './cursor.ts'
import { draftsOf } from './drafts.ts'
import { collectText } from './keysAhead.ts'
import { pagesHere } from './livePages.ts'
import type { Granularity, Ruler } from './granularity.ts'
import { edgesOf } from './tokenPlaces.ts'
import { useMask, type Mask } from './useMask.ts'
import { useTextEditing, type TextEditing } from './useTextEditing.ts'
import { useTrajectory, type TrajectoryData } from './useTrajectory.ts'

export type Panel = 'tokens' | 'history' | null

export type Editor = {
  readonly id: string
  readonly data: TrajectoryData
  readonly turns: ComputedRef<readonly ShownTurn[]>
  readonly steps: ComputedRef<readonly number[]>
  readonly cursor: ShallowRef<Cursor>
  /** Sets the cursor and brings it into view. */
  readonly go: (cursor: Cursor) => void
  /** Changes whenever the cursor is to be brought into view. */
  readonly revealed: ShallowRef<number>
  readonly editing: TextEditing
  readonly mask: Mask
  readonly panel: Ref<Panel>
  readonly granularity: Ref<Granularity>
  /** Kinds that are not shown: their turns are one line, their spans pale. */
  readonly hidden: ShallowRef<ReadonlySet<SpanKind>>
  readonly shows: (kind: SpanKind) => boolean
  /** Long turns that are shown whole, and turns that show their word diff. */
  readonly unfolded: ShallowRef<ReadonlySet<number>>
  readonly compared: ShallowRef<ReadonlySet<number>>
  /** Spans of a turn while an edge is dragged. */
  readonly dragged: ShallowRef<{ readonly turn: number; readonly spans: readonly Span[] } | null>
  readonly noteOpen: Ref<boolean>
  /** Changes whenever the tag box is to be typed in. */
  readonly tagsAsked: ShallowRef<number>
  readonly findingsOpen: Ref<boolean>
  /** The agent's turn at which a teacher is asked; null: the panel is closed. */
  readonly asking: ShallowRef<number | null>
  ruler(turn: number): Ruler
  isCorrected(turn: number): boolean
  /** What was typed since a text is edited and before its editor was there; once. */
  readonly takeTyped: () => string
}

export const editorKey: InjectionKey<Editor> = Symbol('editor')

export function useEditor(): Editor {
  const editor = inject(editorKey)
  if (!editor) throw new Error('no editor: it is made by TrajectoryEditor.vue')
  return editor
}

/** A set with a member put in, or taken out when it was there. */
export function toggledIn<Member>(set: ReadonlySet<Member>, member: Member): ReadonlySet<Member> {
  const after = new Set(set)
  if (!after.delete(member)) after.add(member)
  return after
}

/** `titleOfEdit`: what the journal calls an edit of a turn's text. */
export function createEditor(id: string, titleOfEdit: (turn: number) => string): Editor {
  const session = useSession()
  const data = useTrajectory(id)
  const turns = computed(() => data.opened.value?.shown.turns ?? [])
  const steps = computed(() => stepsOf(turns.value))
  const cursor = shallowRef<Cursor>({ turn: 0, span: 0, caret: null, anchor: null })
  const revealed = shallowRef(0)
  const panel = useLocalStorage<Panel>('retort-editor-panel', null, { writeDefaults: false })
  const granularity = useLocalStorage<Granularity>('retort-editor-granularity', 'word')
  const hidden: ShallowRef<ReadonlySet<SpanKind>> = shallowRef(new Set())

  let started = false
  watch(
    turns,
    (now) => {
      if (now.length === 0) return
      cursor.value = started ? held(now, cursor.value) : startOf(now)
      started = true
    },
    { flush: 'sync', immediate: true },
  )
  const editing = useTextEditing({
    turns: () => turns.value,
    drafts: draftsOf(localStorage, { project: session.folder.value ?? '', trajectory: id }, pagesHere()),
    clock: () => new Date().toISOString(),
    submit: (turn, changes) => data.submit({ title: titleOfEdit(turn), changes }),
  })
  let collected: (() => string) | null = null
  const takeTyped = (): string => {
    const text = collected?.() ?? ''
    collected = null
    return text
  }
  watch(() => editing.now.value !== null, (edits) => {
    takeTyped()
    if (edits) collected = collectText(() => void editing.cancel())
  }, { flush: 'sync' })
  onScopeDispose(takeTyped)
  const mask = useMask({
    id,
    revision: () => data.opened.value?.revision ?? null,
    wanted: () => panel.value === 'tokens' || granularity.value === 'token',
  })

  return {
    id, data, turns, steps, cursor, revealed, editing, mask, panel, granularity, hidden, takeTyped,
    shows: (kind) => !hidden.value.has(kind),
    unfolded: shallowRef(new Set<number>()),
    compared: shallowRef(new Set<number>()),
    dragged: shallowRef(null),
    noteOpen: shallowRef(false),
    tagsAsked: shallowRef(0),
    findingsOpen: shallowRef(false),
    asking: shallowRef(null),
    go(to) {
      cursor.value = held(turns.value, to)
      revealed.value += 1
    },
    ruler(index) {
      const turn = turns.value[index]!
      const placed = granularity.value === 'token' ? mask.placed(turn, steps.value[index]!) : null
      return { text: turn.text, granularity: granularity.value, tokens: placed ? edgesOf(placed) : null }
    },
    isCorrected(index) {
      const original = data.opened.value?.original[index]
      return !!original && original.text !== turns.value[index]?.text
    },
  }
}
