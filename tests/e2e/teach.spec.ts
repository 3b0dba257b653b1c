// The expert at work: a batch of its episodes that become trajectories, one of which it is asked about again, then an evaluation of it, each with its episodes.
import { expect, test } from '@playwright/test'
import { oneApp } from './support/app.ts'
import { go } from './support/steps.ts'

const app = oneApp()

test('a batch is begun, watched to its end, and one of its episodes opened', async () => {
  const { page } = app
  await go(page, 'teacher')
  await expect(page.getByTestId('batch-estimate')).toContainText('20')
  await page.getByTestId('batch-start').click()
  await expect(page.getByTestId('batch-state')).toHaveAttribute('data-state', 'finished', { timeout: 120_000 })
  await expect(page.getByTestId('batch-kept')).toContainText('20')
  await expect(page.getByTestId('batch-rejected')).toContainText('0 %')
  await page.getByTestId('open-rollout').first().click()
  await expect(page.getByTestId('episode-dialog')).toContainText('Action: finish[')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await expect(page.getByTestId('episode-dialog').getByRole('listitem').nth(1)).toHaveAttribute('aria-current', 'true')
  await page.keyboard.press('k')
  await expect(page.getByTestId('episode-dialog').getByRole('listitem').first()).toBeFocused()
  await page.getByTestId('open-trajectory').click()
  await expect(page.getByTestId('turn-1')).toBeVisible()
})

test('its expert is asked again at a step of it; what is accepted is stored, and undone at once', async () => {
  const { page } = app
  await page.keyboard.press('q')
  await expect(page.getByTestId('ask-cost')).toHaveText('free')
  await page.getByTestId('ask-start').click()
  await expect(page.getByTestId('continuation-3')).toBeVisible()
  await expect(page.getByTestId('ask-stored')).toHaveCount(0)
  await page.locator('[data-testid^=continuation-] [data-testid^=accept-]:enabled').first().click()
  await expect(page.getByTestId('ask-stored')).toContainText('expert of arith')
  await expect(page.getByTestId('corrected')).toBeVisible()
  await page.getByTestId('ask-undo').click()
  await expect(page.getByTestId('ask-stored')).toHaveCount(0)
  await expect(page.getByTestId('corrected')).toHaveCount(0)
  await expect(page.locator('[data-testid^=continuation-] [data-testid^=accept-]:enabled').first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('ask-panel')).toHaveCount(0)
})

test('an evaluation of one kind of tasks is begun, and one of its tasks read', async () => {
  const { page } = app
  await go(page, 'evaluate')
  await page.getByTestId('evaluate-tasks').fill('5')
  await page.getByTestId('evaluate-who').click()
  await page.getByRole('option', { name: 'The suite’s expert' }).click()
  await page.getByTestId('evaluate-families').click()
  await page.getByRole('option', { name: 't-tank' }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('evaluate-families')).toHaveText('t-tank')
  await page.getByTestId('evaluate-start').click()
  await expect(page.getByTestId('evaluation-figures')).toContainText('5 of 5 tasks', { timeout: 60_000 })
  await expect(page.getByText('arith · t-tank · Held out')).toBeVisible()
  await page.getByTestId('open-episode').first().click()
  await expect(page.getByTestId('episode-dialog')).toContainText('Action: finish[')
})
