// Going on with a ladder that cannot be: said at that ladder, and not at another one.
import { afterEach, expect, test, vi } from 'vitest'
import { type Ladder, ladderSchema } from '../../../src/shared/records/ladder.ts'
import { RetortError } from '../../../src/shared/errors.ts'
import { mountEvaluate } from './mountEvaluate.ts'

const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000 })
let page: Awaited<ReturnType<typeof mountEvaluate>> | null = null
afterEach(() => {
  page?.unmount()
  page = null
  sessionStorage.clear()
})

const ladderOf = (id: string): Ladder =>
  ladderSchema.parse({
    id, createdAt: '2026-01-01T10:00:00.000Z', state: 'stopped', error: null, seconds: 60, rationale: [], versions: ['0.1.0'], rungs: [], scores: [],
    spec: {
      suite: 'arith', student: `/models/${id}.gguf`, tokens: 12_000, seeds: [1], style: 'react', settings: {}, system: null, context: 2048,
      tasks: [{ name: 'ood', choice: { from: 'suite', split: 'ood', seed: 4, count: 40 } }], arms: [{ name: 'sft', title: 'Agent distilled' }],
    },
  })

test('why one does not go on is not said of the next one', async () => {
  const [first, second] = ['20260101-100000-0001', '20260101-100000-0002'] as const
  const resume = async () => {
    throw new RetortError({ code: 'files-changed', message: 'the student is another one' })
  }
  const shown = (page = await mountEvaluate({ ladders: [ladderOf(first), ladderOf(second)], resume }, `/evaluate/ladder/${first}`))
  await soon(() => expect(shown.has('ladder-resume')).toBe(true))
  await shown.find('ladder-resume').trigger('click')
  await soon(() => expect(shown.text()).toContain('the student is another one'))
  const link = [...document.body.querySelectorAll<HTMLElement>('[data-testid=ladder-list] a')].find((one) => one.getAttribute('href')?.endsWith(second))!
  link.click()
  await soon(() => expect(link.getAttribute('aria-current')).toBe('true'))
  expect(shown.has('ladder-resume')).toBe(true)
  expect(shown.text()).not.toContain('the student is another one')
})
