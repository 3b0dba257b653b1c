// A curriculum: proposed, changed, simulated, saved, opened again, trained by, and seen behind the curves.
import { expect, test } from '@playwright/test'
import { oneApp } from './support/app.ts'
import { go, tinyStudent, type Trained } from './support/steps.ts'

let trained: Trained = { name: '', steps: 0, context: 0 }
const app = oneApp({
  before: (host) => {
    trained = tinyStudent(host)
  },
})

const stages = () => app.page.getByTestId('stage')
const names = (): Promise<string[]> => stages().getByTestId('stage-open').locator('span:first-child').allTextContents()
const simulated = () => expect(app.page.getByTestId('simulation-figures')).toHaveAttribute('data-current', 'true', { timeout: 120_000 })
const figure = async (id: string): Promise<number> => Number((await app.page.getByTestId(`simulated-${id}`).locator('dd').textContent())?.trim().split(' ')[0]?.replaceAll(',', ''))

test('a plan is proposed, and simulated before anything runs', async () => {
  const { page } = app
  await go(page, 'curriculum')
  await expect(page.getByTestId('curriculum-empty')).toBeVisible()
  await page.getByTestId('propose-stages').fill('2')
  await page.getByTestId('propose').click()
  await expect(stages()).toHaveCount(2)
  await page.getByTestId('plan-student').click()
  await page.getByRole('option', { name: trained.name.toLowerCase() }).first().click()
  await simulated()
  expect(await figure('steps')).toBeGreaterThan(1)
  expect(await figure('trained')).toBeGreaterThan(0)
  await expect(page.getByTestId('range')).toHaveCount(2)
  await expect(stages().first().getByTestId('stage-figures')).toContainText('trajectories')
})

test('a border between stages moves by key, and is had back', async () => {
  const { page } = app
  const border = page.getByTestId('range').first().getByTestId('handle-to')
  await border.focus()
  await page.keyboard.press('PageDown')
  await expect(border).toHaveAttribute('aria-valuenow', '40')
  await expect(page.getByTestId('range').nth(1).getByTestId('handle-from')).toHaveAttribute('aria-valuenow', '40')
  await page.getByTestId('plan-undo').click()
  await expect(border).toHaveAttribute('aria-valuenow', '50')
  await page.getByTestId('plan-redo').click()
  await expect(border).toHaveAttribute('aria-valuenow', '40')
})

test('stages are copied, dragged, moved by key and removed', async () => {
  const { page } = app
  await stages().first().getByTestId('stage-duplicate').click()
  await expect.poll(names).toEqual(['1. easy', '2. easy 2', '3. hard'])
  // The copy is open: folded, all have room.
  await stages().nth(1).getByTestId('stage-open').click()
  await stages().nth(2).getByTestId('stage-grip').focus()
  await page.keyboard.press('ArrowUp')
  await expect.poll(names).toEqual(['1. easy', '2. hard', '3. easy 2'])
  // Figures that come in while a card is held would move the others from under it.
  await simulated()
  await stages().nth(2).getByTestId('stage-grip').dragTo(stages().first())
  await expect.poll(names).toEqual(['1. easy 2', '2. easy', '3. hard'])
  await stages().first().getByTestId('stage-remove').click()
  await expect.poll(names).toEqual(['1. easy', '2. hard'])
})

test('a stage is changed; what looks wrong is said at the stage', async () => {
  const { page } = app
  const first = stages().first()
  if (!(await first.getByTestId('stage-form').isVisible())) await first.getByTestId('stage-open').click()
  await first.getByTestId('stage-unit').click()
  await page.getByRole('option', { name: /^steps?$/ }).click()
  await first.getByTestId('stage-length').fill('2')
  await first.getByTestId('stage-gate').click()
  await first.getByTestId('gate-accuracy').fill('99')
  await expect(first.getByTestId('stage-warning').and(page.locator('[data-code=gate-never-checked]'))).toBeVisible({ timeout: 120_000 })
  await first.getByTestId('gate-every').fill('1')
  await simulated()
  await expect(first.getByTestId('stage-warning')).toHaveCount(0)
  await first.getByTestId('stage-length').fill('none')
  await expect(first.getByText('Not a number')).toBeVisible()
  await expect(first.getByTestId('stage-brief')).toContainText('2 steps')
  await first.getByTestId('stage-length').fill('2')
  await stages().nth(1).getByTestId('stage-open').click()
  await stages().nth(1).getByTestId('stage-unit').click()
  await page.getByRole('option', { name: /^steps?$/ }).click()
  await stages().nth(1).getByTestId('stage-length').fill('2')
  await simulated()
  expect(await figure('steps')).toBe(4)
})

test('a plan is saved, changed, opened again as it was, and removed with a way back', async () => {
  const { page } = app
  await page.getByTestId('plan-name').fill('Two halves')
  await page.keyboard.press('Control+s')
  await expect(page.getByTestId('plan-save')).toBeDisabled()
  await page.reload()
  await expect(page.getByTestId('plan-name')).toHaveValue('Two halves')
  await page.getByTestId('plan-name').fill('Another')
  await expect(page.getByTestId('plan-save')).toBeEnabled()
  await page.getByTestId('plan-saved').click()
  await page.getByTestId('saved-plan').filter({ hasText: 'Two halves' }).getByTestId('saved-open').click()
  await expect(page.getByTestId('plan-name')).toHaveValue('Two halves')
  await page.getByTestId('plan-saved').click()
  await page.getByTestId('saved-remove').click()
  await page.getByTestId('saved-remove-confirm').click()
  await expect(page.getByTestId('saved-plan')).toHaveCount(0)
  await page.getByTestId('saved-put-back').click()
  await expect(page.getByTestId('saved-plan')).toContainText('Two halves')
  await page.keyboard.press('Escape')
})

test('a run by the plan: its stages behind the curves, its gates as measured', async () => {
  test.setTimeout(400_000)
  const { page } = app
  await simulated()
  await page.getByTestId('plan-start').click()
  await expect(page).toHaveURL(/#\/train\/.+/, { timeout: 90_000 })
  await expect(page.getByTestId('run-state').first()).toHaveAttribute('data-state', 'finished', { timeout: 240_000 })
  await expect(page.getByTestId('run-steps')).toHaveText('step 4 of 4')
  await expect(page.getByTestId('run-stage')).toContainText(['steps 1 – 2', 'steps 3 – 4'])
  await expect(page.getByTestId('run-gate')).toContainText(/after step 2: .* ACT, 99.0 % wanted/)
  await expect(page.getByTestId('run-row-plan')).toHaveText('Two halves, 2 stages')
  // Left of the middle the first stage's colour, right of it the second's.
  const colours = await page.getByTestId('chart-loss').locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const line = canvas.getContext('2d')!.getImageData(0, Math.round(canvas.height * 0.7), canvas.width, 1).data
    const at = (share: number) => [...line.slice(Math.round(canvas.width * share) * 4, Math.round(canvas.width * share) * 4 + 4)].join()
    return [at(0.2), at(0.9), at(0.01)]
  })
  expect(new Set(colours).size).toBe(3)
})

test('a new run offers the saved plan', async () => {
  const { page } = app
  await page.getByTestId('new-run').click()
  await page.getByTestId('run-plan').click()
  await page.getByRole('option', { name: 'Two halves (2 stages)' }).click()
  await expect(page.getByTestId('mask-steps')).toContainText('4', { timeout: 120_000 })
  await expect(page.getByTestId('start-promise')).toContainText('in 4 steps')
})
