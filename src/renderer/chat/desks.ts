// Conversations on the desk, one a project, as long as the page lives: what is being written goes on behind other screens.
import { effectScope, inject, onScopeDispose, provide, type InjectionKey } from 'vue'
import { useConversation, type ConversationDesk } from './useConversation.ts'

type Desks = (project: string) => ConversationDesk

const desksKey: InjectionKey<Desks> = Symbol('desks')

export function provideDesks(): void {
  const desks = new Map<string, ConversationDesk>()
  const scope = effectScope(true)
  onScopeDispose(() => scope.stop())
  provide(desksKey, (project) => {
    const desk = desks.get(project) ?? scope.run(() => useConversation(project))!
    desks.set(project, desk)
    return desk
  })
}

/** Of a project by its folder; in the setup of a component. */
export function useDesk(project: string): ConversationDesk {
  const desks = inject(desksKey)
  if (!desks) throw new Error('no desks: they are made by App.vue')
  return desks(project)
}
