// Accessibility: axe looks at every screen, in both themes, and finds nothing serious.
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { oneApp } from './support/app.ts'
import { shown, SHOWN } from './support/screens.ts'
import { student } from './support/steps.ts'

const app = oneApp({ before: (host) => void student(host) })

/** Colours that are on their way from one to another are nobody's colours. */
const STILL = '*, ::before, ::after { transition: none !important; animation: none !important }'

/** What axe finds serious; in a theme that differs in its colours alone, by the rule of colours alone. */
async function grave(page: Page, rules?: string[]): Promise<string[]> {
  await page.addStyleTag({ content: STILL })
  const axe = new AxeBuilder({ page })
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}\n${failureSummary}`))
}

async function choose(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme })
  await expect(page.locator('html')).toHaveClass(new RegExp(theme))
}

for (const name of SHOWN) {
  test(name, async () => {
    const { page } = app
    await choose(page, 'light')
    await shown[name](page)
    expect(await grave(page)).toEqual([])
    await choose(page, 'dark')
    expect(await grave(page, ['color-contrast'])).toEqual([])
  })
}
