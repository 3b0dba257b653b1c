// The plan on the desk: edits with undo and redo, and the project's saved plans.
import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { useToast } from '@nuxt/ui/composables'
import type { KeptPlan } from '../../shared/contract/routes/curriculum.ts'
import type { Plan } from '../../shared/records/plan.ts'
import { useApi } from '../bridge/index.ts'
import { useAction, type Action } from '../composables/useAction.ts'
import { useQuery, type Query } from '../composables/useQuery.ts'
import { useText } from '../i18n/index.ts'
import { useSession } from '../session/session.ts'
import { keepDesk, keptDesk } from './keptDraft.ts'
import { beginHistory, edited, redone, undone, type PlanHistory } from './planHistory.ts'
import { plainPlan, samePlan } from './planModel.ts'

export type PlanDesk = {
  /** null: none yet. */
  readonly plan: ComputedRef<Plan | null>
  /** Name of its file; null: it has none. */
  readonly id: ComputedRef<string | null>
  /** It differs from what is on the disk. */
  readonly unsaved: ComputedRef<boolean>
  readonly canUndo: ComputedRef<boolean>
  readonly canRedo: ComputedRef<boolean>
  readonly kept: Query<KeptPlan[]>
  /** `mark`: edits of one field that follow each other have the same, and are undone together. */
  edit(change: (plan: Plan) => Plan, mark?: string): void
  undo(): void
  redo(): void
  blank(): void
  readonly propose: Action<[stages: number], void>
  readonly load: Action<[id: string], void>
  /** `as`: 'own': the file that it is from, if it has not changed since; 'new': another file; 'over': that file, whatever is in it. */
  readonly save: Action<[as: 'own' | 'new' | 'over'], boolean>
  readonly remove: Action<[id: string], void>
  /** What was removed last, as long as it can be put back. */
  readonly removed: ShallowRef<{ readonly id: string; readonly plan: Plan } | null>
  readonly putBack: Action<[], void>
}

type File = { readonly id: string; readonly revision: string; readonly plan: Plan }

export function usePlanDesk(): PlanDesk {
  const api = useApi()
  const toast = useToast()
  const { text, t } = useText()
  const { folder } = useSession()
  const project = folder.value ?? ''
  const before = keptDesk(localStorage, project)
  const history = shallowRef<PlanHistory | null>(before && beginHistory(before.plan))
  const file = shallowRef<File | null>(before && before.id !== null && before.revision !== null && before.saved ? { id: before.id, revision: before.revision, plan: before.saved } : null)
  const plan = computed(() => history.value?.now ?? null)
  watch([plan, file], ([now, own]) => {
    if (now) keepDesk(localStorage, project, { plan: now, saved: own?.plan ?? null, id: own?.id ?? null, revision: own?.revision ?? null })
  })
  const removed: PlanDesk['removed'] = shallowRef(null)
  const kept = useQuery(() => null, (signal) => api.curriculum.plans.list({ project }, { signal }))

  /** Another plan; the way back to the one before stays. */
  const take = (next: Plan, from: File | null): void => {
    history.value = history.value ? edited(history.value, next, null) : beginHistory(next)
    file.value = from
  }
  const step = (by: (history: PlanHistory) => PlanHistory): void => {
    if (history.value) history.value = by(history.value)
  }
  return {
    plan,
    id: computed(() => file.value?.id ?? null),
    unsaved: computed(() => plan.value !== null && !samePlan(plan.value, file.value?.plan ?? null)),
    canUndo: computed(() => (history.value?.past.length ?? 0) > 0),
    canRedo: computed(() => (history.value?.future.length ?? 0) > 0),
    kept,
    edit: (change, mark) => step((known) => edited(known, change(known.now), mark ?? null)),
    undo: () => step(undone),
    redo: () => step(redone),
    blank: () => take(plainPlan(text.curriculum.plainPlan, text.curriculum.plainStage), null),
    propose: useAction(async (stages) => {
      const complexity = plan.value?.complexity
      take(await api.curriculum.propose({ stages, ...(complexity && { complexity }) }), null)
    }),
    load: useAction(async (id) => {
      const loaded = await api.curriculum.plans.load({ project, id })
      take(loaded.plan, loaded)
    }),
    save: useAction(
      async (as) => {
        const now = plan.value
        if (!now) return false
        const own = as === 'new' ? null : file.value
        const saved = await api.curriculum.plans.save({ project, plan: now, ...(own && { id: own.id, ...(as === 'own' && { revision: own.revision }) }) })
        file.value = { ...saved, plan: now }
        toast.add({ title: t('curriculum.savedAs', { id: saved.id }), icon: 'i-lucide-check', color: 'success' })
        await kept.refresh()
        return true
      },
      { quiet: true },
    ),
    remove: useAction(async (id) => {
      // As it is now, for the way back; one that cannot be read has none.
      const gone = await api.curriculum.plans.load({ project, id }).catch(() => null)
      await api.curriculum.plans.remove({ project, id })
      if (file.value?.id === id) file.value = null
      removed.value = gone && { id, plan: gone.plan }
      await kept.refresh()
    }),
    removed,
    putBack: useAction(async () => {
      if (removed.value) await api.curriculum.plans.save({ project, ...removed.value })
      removed.value = null
      await kept.refresh()
    }),
  }
}
