// Keys as text, and the command that a key gives.
import { describe, expect, test } from 'vitest'
import { keyCaps, keyOf } from '../../../src/renderer/commands/keys.ts'
import { createRegistry, type Command, type CommandSpec } from '../../../src/renderer/commands/registry.ts'
import { commandTable, screenOf } from '../../../src/renderer/commands/table.ts'
import { en } from '../../../src/renderer/i18n/en/index.ts'

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more })

describe('keyOf', () => {
  test.each([
    [press('j'), 'j'],
    [press('J', { shiftKey: true }), 'shift+j'],
    [press('?', { shiftKey: true }), '?'],
    [press('1'), '1'],
    [press('Enter', { ctrlKey: true }), 'mod+enter'],
    [press('z', { ctrlKey: true, shiftKey: true }), 'mod+shift+z'],
    [press('+', { ctrlKey: true }), 'mod++'],
    [press('ArrowDown'), 'down'],
    [press('Escape'), 'esc'],
    [press(' '), 'space'],
    [press('Tab', { shiftKey: true }), 'shift+tab'],
    [press('n', { altKey: true }), 'alt+n'],
    [press('k', { metaKey: true }), 'super+k'],
  ])('%o is %s', (event, text) => expect(keyOf(event, false)).toBe(text))

  test('on a Mac, Command is mod and Ctrl is another key', () => {
    expect(keyOf(press('k', { metaKey: true }), true)).toBe('mod+k')
    expect(keyOf(press('k', { ctrlKey: true }), true)).toBe('super+k')
  })
})

test('caps show a chord as people know it, the plus key too', () => {
  expect(keyCaps('mod+shift+z', false)).toEqual(['Ctrl', 'Shift', 'Z'])
  expect(keyCaps('mod+k', true)).toEqual(['⌘', 'K'])
  expect(keyCaps('mod++', false)).toEqual(['Ctrl', '+'])
  expect(keyCaps('+', false)).toEqual(['+'])
  expect(keyCaps('?', false)).toEqual(['?'])
})

describe('the registry', () => {
  const keyEvent = (init: KeyboardEventInit, target: EventTarget = document.body): KeyboardEvent => {
    const event = new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })
    target.dispatchEvent(event)
    return event
  }
  const make = (changed: Record<string, string> = {}) => {
    const given: string[] = []
    const registry = createRegistry({ mac: false, changed: () => changed })
    const command = (id: string, keys: string[], more: Partial<Command> = {}): Command => ({ id, title: id, section: 's', keys, run: () => void given.push(id), ...more })
    return { given, registry, command }
  }

  test('a key gives its command, the latest one when several have it, none that is not enabled', () => {
    const { given, registry, command } = make()
    registry.add([command('old', ['j'])])
    const remove = registry.add([command('new', ['j'])])
    registry.add([command('off', ['j'], { enabled: () => false })])
    expect(registry.press(keyEvent({ key: 'j' }))).toBe(true)
    remove()
    expect(registry.press(keyEvent({ key: 'j' }))).toBe(true)
    expect(registry.press(keyEvent({ key: 'x' }))).toBe(false)
    expect(given).toEqual(['new', 'old'])
  })

  test('a changed key replaces the keys out of the box; an empty one takes them away', () => {
    const { given, registry, command } = make({ a: 'mod+j', b: '' })
    registry.add([command('a', ['j']), command('b', ['k'])])
    registry.press(keyEvent({ key: 'j' }))
    registry.press(keyEvent({ key: 'k' }))
    registry.press(keyEvent({ key: 'j', ctrlKey: true }))
    expect(given).toEqual(['a'])
  })

  test('what a text field does with a key is its own: only commands that are for everywhere reach over it, with a modifier or Esc', () => {
    const { given, registry, command } = make()
    registry.add([command('plain', ['a'], { everywhere: true }), command('undo', ['mod+z']), command('palette', ['mod+k'], { everywhere: true }), command('leave', ['esc'], { everywhere: true })])
    const input = document.body.appendChild(document.createElement('input'))
    for (const init of [{ key: 'a' }, { key: 'z', ctrlKey: true }, { key: 'k', ctrlKey: true }, { key: 'Escape' }]) registry.press(keyEvent(init, input))
    input.remove()
    expect(given).toEqual(['palette', 'leave'])
  })

  test('nor does a command reach into an open dialog', () => {
    const { given, registry, command } = make()
    registry.add([command('all', ['mod+a']), command('palette', ['mod+k'], { everywhere: true }), command('turn', ['j'], { inDialog: true })])
    const dialog = document.body.appendChild(document.createElement('div'))
    dialog.setAttribute('role', 'dialog')
    const button = dialog.appendChild(document.createElement('button'))
    for (const key of ['a', 'k']) registry.press(keyEvent({ key, ctrlKey: true }, button))
    // A command of the dialog's own, but not where a text is written.
    for (const place of [button, dialog.appendChild(document.createElement('input'))]) registry.press(keyEvent({ key: 'j' }, place))
    dialog.remove()
    expect(given).toEqual(['palette', 'turn'])
  })
})

describe('the table of commands', () => {
  const table = Object.values<CommandSpec>(commandTable(en))

  test('every row has words and a section, and its id', () => {
    for (const [id, spec] of Object.entries<CommandSpec>(commandTable(en))) {
      expect(spec.id).toBe(id)
      expect(spec.title, id).toBeTruthy()
      expect(spec.section, id).toBeTruthy()
    }
  })

  test('no two commands of a screen, and none of the frame, share a key out of the box', () => {
    const clashes = table.flatMap((one, at) =>
      table
        .slice(at + 1)
        .filter((other) => [screenOf(one.id), ''].includes(screenOf(other.id)) || screenOf(one.id) === '')
        .filter((other) => (one.keys ?? []).some((key) => other.keys?.includes(key)))
        .map((other) => `${one.id} and ${other.id}`),
    )
    expect(clashes).toEqual([])
  })
})
