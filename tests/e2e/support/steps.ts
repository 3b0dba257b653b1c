// What several tests do in the app.
import { expect, type Page } from '@playwright/test'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ggufVariant, text, u32 } from '../../support/ggufVariant.ts'
import { checkoutPath, realStudent, shortRecords, type Host } from './host.ts'

export type Screen = 'trajectories' | 'teacher' | 'curriculum' | 'train' | 'evaluate' | 'chat' | 'models' | 'settings'

export async function go(page: Page, screen: Screen): Promise<void> {
  await page.getByTestId(`nav-${screen}`).click()
  await expect(page).toHaveURL(new RegExp(`#/${screen}`))
}

/** A project in a new folder of the user's home, by the page's own dialogs. */
export async function newProject(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Project', exact: true }).click()
  await page.getByRole('menuitem', { name: 'New project…' }).click()
  await page.getByLabel('Name of the new folder').fill(name)
  await page.getByTestId('picker-choose').click()
  await expect(page.getByRole('button', { name: 'Project', exact: true })).toContainText(name)
}

/** Drops a file on the page as a file manager does. */
export async function dropFile(page: Page, file: { name: string; text: string }): Promise<void> {
  const data = await page.evaluateHandle(({ name, text }) => {
    const transfer = new DataTransfer()
    transfer.items.add(new File([text], name, { type: 'application/octet-stream' }))
    return transfer
  }, file)
  const target = page.locator('#content > div').first()
  for (const event of ['dragenter', 'dragover', 'drop']) await target.dispatchEvent(event, { dataTransfer: data })
  await data.dispose()
}

/** Keys belong to the report until it is gone. */
export async function closeReport(page: Page): Promise<void> {
  await page.getByTestId('import-done').click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
}

/** Records that train within a minute. */
export const trainableRecords = (): { name: string; text: string } => ({
  name: 'hotpotqa.openai.jsonl',
  text: shortRecords(24, { from: 380, to: 640 }),
})

/** Puts a file of the checkout where the page's picker begins: into the user's home. */
export function intoHome({ home }: Host, relative: string): string {
  mkdirSync(home, { recursive: true })
  const path = join(home, basename(relative))
  copyFileSync(checkoutPath(relative), path)
  return path
}

/** Whom to train: the name shown, how far, and the longest example in its tokens. */
export type Trained = { readonly name: string; readonly steps: number; readonly context: number }

/** Without the real student a tiny one takes its place, loudly; it is so fast that it has to make more steps to be seen at it. */
export function student(host: Host): Trained {
  if (realStudent() !== null) return { name: 'Smollm2', steps: 10, context: 400 }
  console.warn('\nNOT THE REAL STUDENT: a tiny random model is trained in the place of SmolLM2-135M (../shared/models).\n')
  return tinyStudent(host)
}

/** A random model of some kilobytes, where what is tested is not the training. */
export function tinyStudent(host: Host): Trained {
  mkdirSync(join(host.home, 'models'), { recursive: true })
  const variant = { metadata: { 'llama.context_length': u32(2048), 'general.name': text('Tiny') } }
  writeFileSync(join(host.home, 'models', 'tiny.gguf'), ggufVariant('tiny/llama_tied.gguf', variant))
  return { name: 'Tiny', steps: 400, context: 1200 }
}

/** Fills the form of a new run: few steps, each of about one short example. */
export async function prepareRun(page: Page, { name, steps, context }: Trained): Promise<void> {
  await page.getByTestId('students').locator('label').filter({ hasText: name }).first().click()
  await page.getByTestId('setting-maxSteps').fill(String(steps))
  await page.getByTestId('setting-epochs').fill('100')
  await page.getByTestId('setting-batchTokens').fill('80')
  await page.getByTestId('setting-heldout').fill('0.1')
  await page.getByTestId('setting-heldoutEvery').fill('0')
  await page.getByTestId('more-settings').click()
  await page.getByTestId('setting-checkpointEvery').fill('2')
  await page.getByTestId('setting-context').fill(String(context))
  await page.getByTestId('setting-heldoutTokens').fill('200')
  await page.getByTestId('more-settings').click()
  // Examples that do not fit: the way out that the page offers.
  const willTrain = page.getByTestId('start-promise').filter({ hasText: 'Will train' })
  await expect(page.getByTestId('too-long-drop').or(willTrain)).toBeVisible({ timeout: 90_000 })
  if (await page.getByTestId('too-long-drop').isVisible()) await page.getByTestId('too-long-drop').click()
  await expect(page.getByTestId('start-promise')).toContainText('Will train', { timeout: 90_000 })
}
