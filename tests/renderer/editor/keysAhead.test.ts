// Keys that are pressed before what they are meant for is there.
import { afterEach, expect, test } from 'vitest'
import { collectText, dropKeys, holdKeys, releaseKeys } from '../../../src/renderer/editor/keysAhead.ts'

const heard: string[] = []
const hear = ({ key }: KeyboardEvent): void => void heard.push(key)
window.addEventListener('keydown', hear)
const press = (...keys: string[]): void => {
  for (const key of keys) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
}
afterEach(() => {
  dropKeys()
  heard.length = 0
})

test('keys pressed while a trajectory opens are given to it in their order, and to nothing before', () => {
  holdKeys()
  press('e', 'a', 'r')
  expect(heard).toEqual([])
  releaseKeys()
  expect(heard).toEqual(['e', 'a', 'r'])
  press('j')
  expect(heard.at(-1)).toBe('j')
})

test('a key with a modifier is not held; keys for what does not come are forgotten', () => {
  holdKeys()
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, cancelable: true }))
  press('a')
  dropKeys()
  releaseKeys()
  expect(heard).toEqual(['k'])
})

test('what is typed before the text editor is there is its text; Esc ends the edit', () => {
  let cancelled = 0
  const take = collectText(() => (cancelled += 1))
  press('r', 'a', 'x', 'Backspace', ' ', 'Shift', 'Enter', 'b')
  expect([take(), heard, cancelled]).toEqual(['ra \nb', [], 0])
  press('a')
  expect(heard).toEqual(['a'])
  const other = collectText(() => (cancelled += 1))
  press('Escape')
  expect([other(), cancelled]).toEqual(['', 1])
})
