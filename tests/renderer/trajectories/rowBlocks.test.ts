// Rows of a long list: every row of the view is drawn with its own line, whatever was drawn in its element before.
import { expect, test } from 'vitest'
import { blocksFor, BLOCK_ROWS, createRowBlocks } from '../../../src/renderer/trajectories/rowBlocks.ts'
import { createRandom } from '../../../src/core/random.ts'
import { en } from '../../../src/renderer/i18n/en/index.ts'
import type { TrajectoryLine } from '../../../src/shared/contract/routes/trajectories.ts'

const PARTS = ['choose', 'review', 'reviewMark', 'snippet', 'tags', 'spans', 'noted', 'heldout']
const WITH_TEXT = ['task', 'format', 'steps', 'outcome', 'guessed', 'guessedCount', 'corrections', 'correctionsCount', 'difficulty']

function setUp() {
  const pattern = document.createElement('div')
  pattern.innerHTML = `<input data-part="chosen" type="checkbox">${PARTS.map((name) => `<div data-part="${name}">${name === 'spans' ? '<i></i>'.repeat(4) : ''}</div>`).join('')}${WITH_TEXT.map((name) => `<div data-part="${name}">-</div>`).join('')}`
  const canvas = document.createElement('div')
  const t = (key: string, values: Record<string, unknown>): string => `${key} ${JSON.stringify(values)}`
  return { canvas, blocks: createRowBlocks(canvas, pattern, { text: en, t }) }
}
const lineOf = (n: number): TrajectoryLine => ({
  id: `t${n}`, format: 'openai', file: 'f', index: n, task: `task ${n}`, source: 's', turns: 1, steps: n, characters: 0, difficulty: n, guessed: n % 3,
  spans: { reason: 1, act: n, final: 0, observe: 0 }, review: n % 2 === 0 ? 'new' : 'rejected', tags: n % 4 === 0 ? ['one', 'two'] : [], outcome: null,
  corrections: 0, noted: false, heldout: n % 5 === 0, snippet: n % 7 === 0 ? `a \u0002hit\u0003 ${n}` : null,
})
/** Rows that can be seen: their place in px and what they say. */
const seen = (canvas: HTMLElement) =>
  [...canvas.querySelectorAll<HTMLElement>('.trajectory-block')].filter((block) => !block.hidden && !block.classList.contains('to-come')).flatMap((block) => {
    const top = Number(/translateY\((\d+)px\)/.exec(block.style.transform)?.[1])
    return [...block.querySelectorAll<HTMLElement>('[data-testid=trajectory-row]')].flatMap((row, place) =>
      row.hidden ? [] : [{ index: top / 34 + place, id: row.dataset['id'], task: row.querySelector('[data-part=task]')?.textContent, current: row.hasAttribute('aria-current'), chosen: row.getAttribute('aria-selected') }],
    )
  })

test('however it is scrolled, each row of the view shows its line, and none is shown twice', () => {
  const { canvas, blocks } = setUp()
  const random = createRandom(3)
  for (let look = 0; look < 60; look += 1) {
    const total = look % 10 === 9 ? 23 : 1234
    const [height, top] = [700, Math.floor(random.next() * Math.max(0, total * 34 - 700))]
    const [cursor, chosen] = [Math.floor(top / 34) + 2, `t${Math.floor(top / 34) + 3}`]
    blocks.draw({ total, rowHeight: 34, line: lineOf, selected: new Set([chosen]), cursor }, { top, height })
    const rows = seen(canvas)
    expect(new Set(rows.map(({ index }) => index)).size).toBe(rows.length)
    for (const { index, id, task, current, chosen: isChosen } of rows) {
      expect([id, task, current, isChosen]).toEqual([`t${index}`, `task ${index}`, index === cursor, String(id === chosen)])
    }
    for (let index = Math.floor(top / 34); index <= Math.min(total - 1, Math.floor((top + height - 1) / 34)); index += 1) {
      expect(rows.some((row) => row.index === index)).toBe(true)
    }
  }
})

test('what a line no longer has does not stay in the element of a row that had it', () => {
  const { canvas, blocks } = setUp()
  const draw = (line: TrajectoryLine): HTMLElement => {
    blocks.draw({ total: 1, rowHeight: 34, line: () => line, selected: new Set(), cursor: 5 }, { top: 0, height: 100 })
    return canvas.querySelector<HTMLElement>('[data-testid=trajectory-row]')!
  }
  const full = draw({ ...lineOf(0), tags: ['a', 'b', 'c', 'd'], guessed: 2, outcome: { success: true, reward: null, detail: '' } })
  expect([full.querySelector('[data-part=tags]')?.textContent, full.querySelector('mark')?.textContent, full.querySelector('[data-part=outcome]')?.textContent]).toEqual(['abc+1', 'hit', 'Success'])
  const plain = draw({ ...lineOf(1), guessed: 0 })
  expect(plain).toBe(full)
  for (const name of ['tags', 'snippet', 'outcome', 'guessed', 'heldout']) expect(plain.querySelector<HTMLElement>(`[data-part=${name}]`)?.hidden, name).toBe(true)
  expect(plain.querySelector('mark')).toBeNull()
})

test('a block waits as a whole until all of its lines are here', () => {
  const { canvas, blocks } = setUp()
  const list = { total: 40, rowHeight: 34, selected: new Set<string>(), cursor: 0 }
  blocks.draw({ ...list, line: (index) => (index < BLOCK_ROWS ? lineOf(index) : undefined) }, { top: 0, height: 600 })
  expect(canvas.querySelectorAll('[data-testid=row-to-come]').length).toBe(3)
  expect(seen(canvas).map(({ index }) => index)).toEqual(Array.from({ length: BLOCK_ROWS }, (_, index) => index))
  blocks.draw({ ...list, line: lineOf }, { top: 0, height: 600 })
  expect(canvas.querySelectorAll('[data-testid=row-to-come]').length).toBe(0)
  expect(blocksFor({ total: 0, rowHeight: 34 }, { top: 0, height: 600 }).count).toBe(0)
})
