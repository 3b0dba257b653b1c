// Choosing files and folders of this machine: by the system's dialog in the desktop shell, else by a dialog of the page.
import { inject, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import type { Pick } from '../../shared/contract/shell.ts'
import type { Shell } from '../../shared/contract/shell.ts'

/** `newFolder`: a folder that is not there yet may be named. `start`: where the page's dialog begins. */
export type PickOptions = Pick & { readonly newFolder?: true; readonly start?: string }

export type Picker = {
  /** Paths; empty when the user cancels. */
  pick(options: PickOptions): Promise<string[]>
  /** What the page's dialog shows now. */
  readonly asked: ShallowRef<{ readonly options: PickOptions; readonly answer: (paths: string[]) => void } | null>
}

export const pickerKey: InjectionKey<Picker> = Symbol('picker')

export function createPicker(shell: Shell | null): Picker {
  const asked: Picker['asked'] = shallowRef(null)
  return {
    asked,
    pick(options) {
      if (shell) return shell.pick({ title: options.title, kind: options.kind, extensions: options.extensions })
      asked.value?.answer([])
      return new Promise((resolve) => {
        asked.value = {
          options,
          answer: (paths) => {
            asked.value = null
            resolve(paths)
          },
        }
      })
    },
  }
}

export function usePicker(): Picker {
  const picker = inject(pickerKey)
  if (!picker) throw new Error('no picker: it is made by App.vue')
  return picker
}
