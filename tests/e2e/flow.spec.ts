// The whole way through the app on real data: import, find, correct, undo, mask, train, resume, chat, export, settings.
import { expect, test } from '@playwright/test'
import { oneApp } from './support/app.ts'
import { checkoutPath } from './support/host.ts'
import { closeReport, dropFile, go, intoHome, newProject, prepareRun, student, trainableRecords, type Trained } from './support/steps.ts'
import { readFileSync } from 'node:fs'

const ALFWORLD = 'resources/sample/alfworld_react.json'
let trained: Trained = { name: '', steps: 0, context: 0 }
const app = oneApp({
  before: (host) => {
    intoHome(host, ALFWORLD)
    trained = student(host)
  },
})

test('the first start shows the sample project', async () => {
  const { page } = app
  await expect(page.getByTestId('trajectory-count')).toHaveText('60 trajectories')
  await expect(page.getByRole('button', { name: 'Project', exact: true })).toContainText('Sample project')
  expect(await page.getByTestId('trajectory-row').count()).toBeGreaterThan(10)
})

test('a new project is empty and says what to do', async () => {
  const { page } = app
  await newProject(page, 'questions')
  await expect(page.getByText('No trajectories yet')).toBeVisible()
})

test('a dropped file comes in with its report', async () => {
  const { page } = app
  await dropFile(page, trainableRecords())
  const file = page.getByTestId('import-file')
  await expect(file).toContainText('hotpotqa.openai.jsonl')
  await expect(file).toContainText('24 kept · 0 duplicates · 0 rejected')
  await closeReport(page)
  await expect(page.getByTestId('trajectory-count')).toHaveText('24 trajectories')
})

test('a file chosen in the picker comes in, and again only as duplicates', async () => {
  const { page } = app
  const records = Object.keys(JSON.parse(readFileSync(checkoutPath(ALFWORLD), 'utf8')) as object).length
  for (const words of [`${records} kept · 0 duplicates`, `0 kept · ${records} duplicates`]) {
    await page.getByTestId('import').click()
    await page.getByTestId('picker-entries').getByRole('button', { name: 'alfworld_react.json' }).click()
    await page.getByTestId('picker-choose').click()
    await expect(page.getByTestId('import-file')).toContainText(words)
    await closeReport(page)
  }
  await expect(page.getByTestId('trajectory-count')).toHaveText(`${24 + records} trajectories`)
})

test('search and filters find one, and the address keeps them', async () => {
  const { page } = app
  await page.keyboard.press('/')
  await page.keyboard.type('cabinet')
  await expect(page.getByTestId('trajectory-row').first().locator('mark').first()).toHaveText(/cabinet/i)
  await page.keyboard.press('Escape')
  await page.getByTestId('filter-format').click()
  await page.getByRole('menuitemcheckbox', { name: /fireact-openai/ }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('trajectory-count')).toHaveText(/^24 of /)
  await page.reload()
  await expect(page.getByTestId('trajectory-count')).toHaveText(/^24 of /)
})

const pieces = (turn: number) => app.page.getByTestId(`turn-${turn}`).locator('.piece')
const kindsOf = (turn: number): Promise<(string | null)[]> =>
  pieces(turn).evaluateAll((spans) => spans.map((span) => span.getAttribute('data-span')))
const textOf = async (turn: number): Promise<string> => (await pieces(turn).allTextContents()).join('')
/** The first turn of the agent in the trajectory that is open. */
const STEP = 1

test('a span gets another kind by key; it is split and merged', async () => {
  const { page } = app
  await page.getByTestId('trajectory-row').first().click()
  await expect(page.getByTestId('editor')).toBeVisible()
  await expect(page.getByTestId(`turn-${STEP}`)).toHaveAttribute('data-role', 'agent')
  const before = await kindsOf(STEP)
  expect(before[0]).toBe('reason')
  await page.keyboard.press('2')
  await expect.poll(() => kindsOf(STEP)).not.toEqual(before)
  await page.keyboard.press('1')
  await expect.poll(() => kindsOf(STEP)).toEqual(before)
  // A caret within the thought, some words in.
  for (let words = 0; words < 4; words++) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('s')
  await expect(pieces(STEP)).toHaveCount(before.length + 1)
  await page.keyboard.press('h')
  await page.getByTestId(`turn-${STEP}`).locator('.piece').first().click()
  await page.keyboard.press('m')
  await expect(pieces(STEP)).toHaveCount(before.length)
})

test('a sentence is corrected and its spans follow; undo, undo, redo; the history has it all', async () => {
  const { page } = app
  const [text, kinds] = [await textOf(STEP), await kindsOf(STEP)]
  await page.keyboard.press('e')
  const editor = page.getByTestId(`turn-${STEP}`).locator('.cm-content')
  await expect(editor).toBeFocused()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('Corrected first. ')
  await page.keyboard.press('Control+Enter')
  await expect.poll(() => textOf(STEP)).toBe(`Corrected first. ${text}`)
  expect(await kindsOf(STEP)).toEqual(kinds)
  await expect(page.getByTestId('corrected')).toBeVisible()
  await expect(page.getByTestId('saving')).toBeHidden()

  await page.keyboard.press('2')
  await expect.poll(() => kindsOf(STEP)).not.toEqual(kinds)
  await page.keyboard.press('Control+z')
  await expect.poll(() => kindsOf(STEP)).toEqual(kinds)
  await page.keyboard.press('Control+z')
  await expect.poll(() => textOf(STEP)).toBe(text)
  await page.keyboard.press('Control+Shift+z')
  await expect.poll(() => textOf(STEP)).toBe(`Corrected first. ${text}`)

  await page.keyboard.press('y')
  const entries = page.getByTestId('journal-entry')
  await expect(entries.filter({ hasText: `Text of turn ${STEP + 1}` })).not.toContainText('undone')
  await expect(entries.filter({ hasText: `ACT in turn ${STEP + 1}` }).first()).toContainText('undone')
  await expect(entries.filter({ hasText: 'Span split' })).toHaveCount(1)
  await page.keyboard.press('d')
  await expect(page.getByTestId('word-diff')).toContainText('Corrected first.')
  await page.keyboard.press('d')
})

test('the mask: the exact tokens with what they weigh', async () => {
  const { page } = app
  await page.keyboard.press('t')
  await expect(page.getByTestId('mask-figures')).toContainText(/[1-9]\d* of \d+ tokens trained/, { timeout: 60_000 })
  await expect(page.getByTestId('tokens').locator('.token.weighs').first()).toBeVisible()
  const title = await page.getByTestId('tokens').locator('.token.weighs').first().getAttribute('title')
  expect(title).toMatch(/id \d+, CE weight (?!0\b)/)
  await page.keyboard.press('t')
})

test('training is refused where not a single token would be trained', async () => {
  const { page } = app
  await go(page, 'train')
  await page.getByTestId('students').locator('label').filter({ hasText: trained.name }).first().click()
  await page.getByTestId('recipe-cot').check()
  await expect(page.getByTestId('mask-blocked').getByRole('alert')).toBeVisible({ timeout: 90_000 })
  await expect(page.getByTestId('run-start')).toBeDisabled()
  await page.keyboard.press('Control+Enter')
  await expect(page).toHaveURL(/#\/train$/)
  await page.getByTestId('recipe-smartad').check()
})

const stepsDone = async (): Promise<number> => Number(/step ([\d,]+) of/.exec((await app.page.getByTestId('run-steps').textContent()) ?? '')?.[1])
const state = (name: string, timeout = 60_000) => expect(app.page.getByTestId('run-state').first()).toHaveAttribute('data-state', name, { timeout })

test('a student is trained: live over a reload, paused, stopped, resumed after another one', async () => {
  test.setTimeout(900_000)
  const { page } = app
  await prepareRun(page, trained)
  await page.getByTestId('run-start').click()
  await expect(page).toHaveURL(/#\/train\/.+/, { timeout: 90_000 })
  await expect.poll(stepsDone, { timeout: 240_000 }).toBeGreaterThanOrEqual(1)
  await expect(page.getByTestId('chart-loss').locator('canvas')).toBeVisible()
  await expect(page.getByTestId('training-badge')).toBeVisible()

  await page.reload()
  await state('training')
  const seen = await stepsDone()
  await expect.poll(stepsDone, { timeout: 240_000 }).toBeGreaterThan(seen)

  await page.getByTestId('run-pause').click()
  await state('paused')
  await page.getByTestId('run-unpause').click()
  await state('training')
  await page.getByTestId('run-stop').click()
  await state('stopped')
  const stopped = await stepsDone()
  expect(stopped).toBeLessThan(trained.steps)
  await expect(page.getByTestId('run-hint')).toContainText(`${stopped} of ${trained.steps} steps are made and saved`)

  await page.reload()
  await page.getByTestId('run-resume').click()
  await state('finished', 300_000)
  expect(await stepsDone()).toBe(trained.steps)
  const result = page.getByTestId('run-result').locator('tbody tr')
  await expect(result.first()).toContainText(/\d\.\d{4}/)
  // One curve without gap: held-out before the first step, then every step once.
  await page.getByTestId('csv-loss').click()
  const csv = await page.evaluate(() => navigator.clipboard.readText())
  expect(csv.trim().split('\n').slice(1).map((line) => Number(line.split(',')[0]))).toEqual(Array.from({ length: trained.steps + 1 }, (_, step) => step))
})

test('an adapter for llama.cpp is exported', async () => {
  const { page } = app
  await page.getByTestId('run-export').click()
  await page.getByRole('menuitem', { name: /LoRA adapter \(GGUF\)/ }).click()
  await expect(page.getByTestId('export-path')).toHaveText(/\.gguf$/, { timeout: 60_000 })
})

const answer = (side: 0 | 1) => app.page.getByTestId('exchange').last().getByTestId(`answer-${side}`)

test('chat with and without the adapter; the same seed gives the same text; stop', async () => {
  const { page } = app
  await page.getByTestId('run-chat').click()
  await expect(page).toHaveURL(/#\/chat/)
  await expect(page.getByTestId('pane-0')).toBeVisible()
  const adapters = [0, 1].map((side) => page.getByTestId(`adapter-${side}`))
  const shown = await Promise.all(adapters.map((adapter) => adapter.textContent()))
  expect(shown.filter((name) => name?.includes('No adapter'))).toHaveLength(1)
  await page.getByTestId('sampling-0').click()
  await page.getByTestId('sampling-maxTokens-0').fill('24')
  await page.getByTestId('sampling-maxTokens-0').press('Tab')
  await page.keyboard.press('Escape')
  await page.getByTestId('question').fill('Which river runs through Paris?')
  await page.getByTestId('question').press('Enter')
  for (const side of [0, 1] as const) await expect(answer(side).getByTestId('figures')).toHaveText(/\d+ tokens/, { timeout: 90_000 })
  const texts = await Promise.all(([0, 1] as const).map((side) => answer(side).getByTestId('answer-text').textContent()))
  // A tiny student has answered again before anybody sees it at work: its figures are then another element.
  await answer(0).getByTestId('figures').evaluate((figures) => figures.setAttribute('data-old', ''))
  await answer(0).getByTestId('again').click()
  await expect(answer(0).locator('[data-testid=figures]:not([data-old])')).toHaveText(/\d+ tokens/, { timeout: 90_000 })
  expect(await answer(0).getByTestId('answer-text').textContent()).toBe(texts[0])

  await page.getByTestId('sampling-0').click()
  await page.getByTestId('sampling-maxTokens-0').fill('4000')
  await page.getByTestId('sampling-maxTokens-0').press('Tab')
  await page.keyboard.press('Escape')
  await page.getByTestId('question').fill('Count from one to one thousand in words.')
  await page.getByTestId('question').press('Enter')
  await expect(answer(0).getByTestId('answer-text')).toBeVisible({ timeout: 90_000 })
  await page.getByTestId('stop').click()
  await expect(page.getByTestId('ask')).toBeVisible()
  await expect(answer(0)).toContainText(/Stopped by you|tokens/)
})

test('models: the student, the adapter, the export', async () => {
  const { page } = app
  await go(page, 'models')
  await expect(page.getByTestId('model').filter({ hasText: trained.name }).first()).toBeVisible()
  await expect(page.getByTestId('adapter')).toHaveCount(1)
  await expect(page.getByTestId('export').first()).toContainText('.gguf')
})

test('settings: a theme and a key, kept over a reload', async () => {
  const { page } = app
  await go(page, 'settings')
  await page.getByRole('radio', { name: 'Dark' }).click()
  await expect(page.locator('html')).toHaveClass(/dark/)
  await page.getByRole('tab', { name: 'Keys' }).click()
  await page.getByTestId('key-settings').getByRole('button', { name: /^Keys:/ }).click()
  await page.keyboard.press('F2')
  await expect(page.getByTestId('key-settings').getByRole('button', { name: /^Keys: f2$/i })).toBeVisible()
  await page.reload()
  await expect(page.locator('html')).toHaveClass(/dark/)
  // The theme is there before the page listens to keys.
  await expect(page.getByRole('tab', { name: 'Keys' })).toBeVisible()
  await page.keyboard.press('F2')
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible()
  await page.keyboard.press('Escape')
  expect(app.watch.responses()).toBeGreaterThan(20)
})
