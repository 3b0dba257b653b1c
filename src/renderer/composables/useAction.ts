// Something the user does through the engine: busy while it runs, and a failure that is shown.
import { shallowRef, type ShallowRef } from 'vue'
import { useToast } from '@nuxt/ui/composables'
import { describeError, type RetortError } from '../../shared/errors.ts'
import { asRetortError } from '../bridge/index.ts'

export type Action<Arguments extends unknown[], Result> = {
  readonly busy: ShallowRef<boolean>
  readonly error: ShallowRef<RetortError | null>
  /** null when it failed; the failure is in `error` and, unless `quiet`, on the screen. */
  run(...given: Arguments): Promise<Result | null>
}

export function useAction<Arguments extends unknown[], Result>(
  work: (...given: Arguments) => Promise<Result>,
  options: { quiet?: true } = {},
): Action<Arguments, Result> {
  const toast = useToast()
  const busy = shallowRef(false)
  let runs = 0
  const error = shallowRef<RetortError | null>(null)
  return {
    busy,
    error,
    async run(...given) {
      busy.value = ++runs > 0
      error.value = null
      try {
        return await work(...given)
      } catch (failure) {
        const shown = asRetortError(failure)
        error.value = shown
        if (!options.quiet) {
          const [title = shown.message, ...rest] = describeError(shown)
          toast.add({
            title,
            description: rest.map((line) => line.trim()).join('\n'),
            color: 'error',
            icon: 'i-lucide-circle-alert',
            duration: 30_000,
            ui: { description: 'whitespace-pre-line break-words' },
          })
        }
        return null
      } finally {
        busy.value = --runs > 0
      }
    },
  }
}
