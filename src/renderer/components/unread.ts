// Numbers of a form that cannot be used as they are typed: while there is one, what the form would do is not what it shows.
import { computed, inject, onScopeDispose, provide, shallowReactive, watch, type ComputedRef, type InjectionKey } from 'vue'

/** By the box: its label. */
type Book = Map<symbol, string>
const key: InjectionKey<Book> = Symbol('unread numbers')

/** Labels of the boxes below this component that hold no number they can have, in the order in which they went wrong. */
export function provideUnread(): ComputedRef<readonly string[]> {
  const book: Book = shallowReactive(new Map())
  provide(key, book)
  return computed(() => [...book.values()])
}

/** For a box: `label` null while what is typed can be used. A box that is taken away counts no more. */
export function tellUnread(label: () => string | null): void {
  const book = inject(key, null)
  const own = Symbol('box')
  watch(label, (now) => (now === null ? book?.delete(own) : book?.set(own, now)), { immediate: true })
  onScopeDispose(() => book?.delete(own))
}
