// Every screen and the states of it that are worth a look, and the way there from any other.
import { expect, type Page } from '@playwright/test'
import { go } from './steps.ts'

type Way = (page: Page) => Promise<void>

async function list(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await go(page, 'trajectories')
  await expect(page.getByTestId('trajectory-row').first()).toBeVisible()
}

async function editor(page: Page): Promise<void> {
  await list(page)
  await page.getByTestId('trajectory-row').nth(2).click()
  await expect(page.getByTestId('turn-1')).toBeVisible()
}

async function panel(page: Page, name: 'tokens' | 'history'): Promise<void> {
  await editor(page)
  const button = page.getByTestId(`panel-${name}`)
  if ((await button.getAttribute('aria-pressed')) !== 'true') await button.click()
}

/** With a plan that was proposed, looked at and simulated. */
async function curriculum(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await go(page, 'curriculum')
  await expect(page.getByTestId('propose')).toBeVisible()
  if (await page.getByTestId('curriculum-empty').isVisible()) await page.getByTestId('propose').click()
  await expect(page.getByTestId('range').first()).toBeVisible({ timeout: 120_000 })
  await expect(page.getByTestId('simulation-figures')).toHaveAttribute('data-current', 'true', { timeout: 120_000 })
}

async function settings(page: Page, tab: string): Promise<void> {
  await page.keyboard.press('Escape')
  await go(page, 'settings')
  await page.getByRole('tab', { name: tab, exact: true }).click()
}

async function serverNamed(page: Page): Promise<void> {
  await go(page, 'chat')
  await page.getByTestId('tools-0').click()
  if ((await page.getByTestId('works-0').getAttribute('aria-checked')) !== 'true') await page.getByTestId('works-0').click()
  await page.getByTestId('mcp-add').click()
  await expect(page.getByTestId('mcp-form')).toBeVisible()
}

const ways = {
  trajectories: list,
  'trajectories, searched': async (page) => {
    await list(page)
    await page.getByTestId('search').fill('railway')
    await expect(page.locator('mark').first()).toBeVisible()
  },
  'trajectories, chosen': async (page) => {
    await list(page)
    if ((await page.getByTestId('search').inputValue()) !== '') {
      await page.getByTestId('search').fill('')
      await expect(page.locator('mark')).toHaveCount(0)
    }
    await page.getByTestId('trajectory-row').nth(1).getByRole('cell').first().click()
    await page.getByTestId('trajectory-row').nth(3).getByRole('cell').first().click()
    await expect(page.getByTestId('bulk-bar')).toBeVisible()
  },
  trajectory: editor,
  'trajectory, tokens': async (page) => {
    await panel(page, 'tokens')
    await expect(page.getByTestId('mask-figures')).toBeVisible({ timeout: 60_000 })
  },
  'trajectory, history': async (page) => {
    await panel(page, 'history')
    await expect(page.getByTestId('journal-entry').first()).toBeVisible()
  },
  'trajectory, a teacher asked': async (page) => {
    await editor(page)
    await page.keyboard.press('q')
    await expect(page.getByTestId('ask-start').or(page.getByTestId('ask-nobody'))).toBeVisible()
  },
  'trajectory, edited': async (page) => {
    await editor(page)
    await page.keyboard.press('e')
    await expect(page.locator('.cm-content')).toBeVisible()
  },
  'teacher, new batch': async (page) => {
    await page.keyboard.press('Escape')
    await go(page, 'teacher')
    // The form is as it was left.
    await page.getByTestId('teacher-kind').getByRole('tab', { name: 'Expert script' }).click()
    await expect(page.getByTestId('batch-estimate').getByRole('term').first()).toBeVisible({ timeout: 30_000 })
  },
  'teacher, an endpoint': async (page) => {
    await go(page, 'teacher')
    await page.getByTestId('teacher-kind').getByRole('tab', { name: 'Endpoint' }).click()
    await expect(page.getByTestId('batch-mostCost')).toBeVisible()
  },
  evaluate: async (page) => {
    await go(page, 'evaluate')
    await expect(page.getByTestId('evaluate-start')).toBeEnabled({ timeout: 30_000 })
  },
  curriculum: async (page) => {
    await curriculum(page)
    await page.getByTestId('stages').scrollIntoViewIfNeeded()
  },
  'curriculum, a stage': async (page) => {
    await curriculum(page)
    const first = page.getByTestId('stage').first()
    if (!(await page.getByTestId('stage-form').isVisible())) await first.getByTestId('stage-open').click()
    if ((await first.getByTestId('stage-gate').getAttribute('aria-checked')) !== 'true') await first.getByTestId('stage-gate').click()
    await expect(page.getByTestId('gate-accuracy')).toBeVisible()
  },
  'curriculum, saved plans': async (page) => {
    await curriculum(page)
    if (await page.getByTestId('plan-save').isEnabled()) await page.getByTestId('plan-save').click()
    await page.getByTestId('plan-saved').click()
    await expect(page.getByTestId('saved-plan').first()).toBeVisible()
  },
  'train, new run': async (page) => {
    await page.keyboard.press('Escape')
    await go(page, 'train')
    await expect(page.getByTestId('mask-trained')).toBeVisible({ timeout: 120_000 })
  },
  chat: async (page) => {
    await go(page, 'chat')
    await expect(page.getByTestId('pane-1')).toBeVisible()
  },
  'chat, a server named': serverNamed,
  'chat, a card': async (page) => {
    if (!(await page.getByTestId('mcp-form').isVisible())) await serverNamed(page)
    await page.getByTestId('mcp-line').fill('node "a server.mjs" --notes ./notes')
    await page.getByTestId('mcp-env').fill('API_TOKEN')
    await page.getByTestId('mcp-save').click()
    await expect(page.getByTestId('mcp-card')).toBeVisible()
  },
  models: async (page) => {
    await page.keyboard.press('Escape')
    await go(page, 'models')
    await expect(page.getByTestId('model').first()).toBeVisible()
  },
  'models, inside one': async (page) => {
    await go(page, 'models')
    await page.getByTestId('model').first().getByTestId('model-menu').click()
    await page.getByRole('menuitem', { name: 'What is in it' }).click()
    await expect(page.getByTestId('inspector')).toBeVisible()
  },
  settings: (page) => settings(page, 'General'),
  'settings, endpoints': async (page) => {
    await settings(page, 'Endpoints')
    if (await page.getByTestId('provider-add').isVisible()) await page.getByTestId('provider-add').click()
    await expect(page.getByTestId('provider-form')).toBeVisible()
  },
  'settings, keys': (page) => settings(page, 'Keys'),
  'settings, machine': async (page) => {
    await settings(page, 'This machine')
    await page.getByTestId('doctor').click()
    await expect(page.getByTestId('doctor-report')).toBeVisible({ timeout: 60_000 })
  },
  commands: async (page) => {
    await list(page)
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('dialog')).toBeVisible()
  },
  keys: async (page) => {
    await list(page)
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog')).toBeVisible()
  },
} satisfies Record<string, Way>

export type Shown = keyof typeof ways
export const shown: Readonly<Record<Shown, Way>> = ways
export const SHOWN = Object.keys(ways) as Shown[]
