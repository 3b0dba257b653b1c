// Work side by side: results in order, and what becomes of the rest when one fails.
import { expect, test } from 'vitest'
import { sideBySide } from '../../src/core/sideBySide.ts'

test('results stand in the order of the items, whichever ends first', async () => {
  const opened: (() => void)[] = []
  const working = sideBySide(['a', 'b', 'c'], 2, (item, index) => new Promise<string>((resolve) => (opened[index] = () => resolve(`${item}${index}`))))
  opened[1]!()
  await expect.poll(() => opened.length).toBe(3)
  opened[2]!()
  opened[0]!()
  expect(await working).toEqual(['a0', 'b1', 'c2'])
})

test('when one fails no other is begun, and it is told when those under way have ended', async () => {
  const begun: number[] = []
  let end = (): void => undefined
  let told = false
  const working = sideBySide([0, 1, 2, 3], 2, async (item) => {
    begun.push(item)
    if (item === 1) throw new Error('no')
    await new Promise<void>((resolve) => (end = resolve))
  }).catch((error: Error) => {
    told = true
    return error.message
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect({ begun, told }).toEqual({ begun: [0, 1], told: false })
  end()
  expect(await working).toBe('no')
  expect(begun).toEqual([0, 1])
})
