// The commands that can be given now: each has a key that may be changed, and stands in the palette and on the `?` sheet.
import { computed, inject, shallowReactive, type ComputedRef, type InjectionKey } from 'vue'
import { hasModifier, keyOf, writesText, type KeyText } from './keys.ts'

/** What a command is, wherever it can be given. */
export type CommandSpec = {
  /** Stable: settings keep changed keys by it. */
  readonly id: string
  readonly title: string
  /** Heading on the sheet and in the palette. */
  readonly section: string
  readonly icon?: string
  /** Keys out of the box. */
  readonly keys?: readonly KeyText[]
  /** A command of the sheet only (moving a cursor) need not stand in the palette. */
  readonly hidden?: true
  /** Works with a key that has a modifier, and Esc, while a text is written or a dialog is open too. */
  readonly everywhere?: true
  /** Of a dialog: works while it is open, but not where a text is written. */
  readonly inDialog?: true
}

/** What a command does here. */
export type Handler = {
  /** False: cannot be given now, and is not in the palette. */
  readonly enabled?: () => boolean
  readonly run: () => void
}

/** A command that can be given now. */
export type Command = CommandSpec & Handler

export type Registry = {
  readonly commands: ComputedRef<readonly Command[]>
  /** Keys in force. */
  keysOf(command: CommandSpec): readonly KeyText[]
  add(commands: readonly Command[]): () => void
  /** Gives the command of a key; true when there was one. Later commands win. */
  press(event: KeyboardEvent): boolean
}

/** `changed`: keys by command id, as the user set them; an empty text takes a command's key away. */
export function createRegistry(options: { mac: boolean; changed: () => Readonly<Record<string, string>> }): Registry {
  const groups = shallowReactive(new Map<symbol, readonly Command[]>())
  const commands = computed(() => [...groups.values()].flat())
  const keysOf = (command: CommandSpec): readonly KeyText[] => {
    const own = options.changed()[command.id]
    return own === undefined ? (command.keys ?? []) : own === '' ? [] : [own]
  }
  return {
    commands,
    keysOf,
    add(added) {
      const group = Symbol('commands')
      groups.set(group, added)
      return () => void groups.delete(group)
    },
    press(event) {
      if (event.defaultPrevented || event.isComposing) return false
      const key = keyOf(event, options.mac)
      // What a text field or a dialog does with a key is its own; only commands that say so reach over it.
      const writes = writesText(event.target)
      const elsewhere = writes || inDialog(event.target)
      const command = commands.value.findLast(
        (one) => keysOf(one).includes(key) && one.enabled?.() !== false && (!elsewhere || (one.everywhere && hasModifier(key)) || (one.inDialog && !writes)),
      )
      if (!command) return false
      event.preventDefault()
      command.run()
      return true
    },
  }
}

/** Keys typed in a dialog or a menu belong to it. */
const inDialog = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('[role=dialog],[role=menu],[role=listbox]') !== null

export const registryKey: InjectionKey<Registry> = Symbol('commands')

export function useRegistry(): Registry {
  const registry = inject(registryKey)
  if (!registry) throw new Error('no command registry: the page was not mounted by main.ts')
  return registry
}
