// An MCP server in the chat: its card before anything is started, its tools mounted and called, its end in the middle.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@playwright/test'
import { oneApp } from './support/app.ts'
import { checkoutPath } from './support/host.ts'
import { go } from './support/steps.ts'

const app = oneApp()
const SAYS = ['Thought: I add.\nAction: add[2, 40]', 'Thought: And once more.\nAction: die[]', 'Action: finish[42]']
let endpoint: Server
test.beforeAll(async () => {
  endpoint = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => {
      const chunk = (choice: object): string => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, ...choice }] })}\n\n`
      const before = (JSON.parse(body) as { messages: { role: string }[] }).messages.filter(({ role }) => role === 'assistant').length
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`${chunk({ delta: { role: 'assistant', content: SAYS[before] ?? 'No.' }, finish_reason: null })}${chunk({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`)
    })
  })
  await new Promise<void>((done) => endpoint.listen(0, '127.0.0.1', done))
})
test.afterAll(() => {
  endpoint.closeAllConnections()
  endpoint.close()
})

test('it is not started without a yes to the very command, and a no is remembered as one', async () => {
  const { page } = app
  await go(page, 'settings')
  await page.getByRole('tab', { name: 'Endpoints' }).click()
  await page.getByTestId('provider-add').click()
  await page.getByLabel('Name', { exact: true }).fill('Fake')
  await page.getByLabel('Address').fill(`http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1`)
  await page.getByTestId('provider-save').click()
  await expect(page.getByTestId('provider')).toBeVisible()

  await go(page, 'chat')
  for (const side of ['voice-0', 'voice-1']) {
    await page.getByTestId(side).click()
    await page.getByRole('option', { name: 'Fake' }).click()
    await expect(page.getByRole('option')).toHaveCount(0)
  }
  await page.getByTestId('tools-0').click()
  await page.getByTestId('works-0').click()
  await page.getByTestId('mcp-add').click()
  await page.getByTestId('mcp-line').fill(`"${process.execPath}" --no-warnings ${checkoutPath('tests/support/mcpServer.ts')}`)
  await page.getByTestId('mcp-env').fill('API_TOKEN')
  await page.getByTestId('mcp-name').fill('Adder')
  await page.getByTestId('mcp-save').click()
  await expect(page.getByTestId('mcp-card')).toContainText(process.execPath)
  await expect(page.getByTestId('mcp-card')).toContainText(app.host.home)
  await expect(page.getByTestId('mcp-card-env')).toContainText('API_TOKEN (not set on this machine)')
  await page.getByTestId('mcp-no').click()
  await expect(page.getByTestId('mcp-adder')).toHaveAttribute('data-state', 'refused')
})

test('allowed, it lists its tools; an agent calls them, and its end in the middle is told', async () => {
  const { page } = app
  await page.getByTestId('mcp-menu-adder').click()
  await page.getByRole('menuitem', { name: 'Start again' }).click()
  await page.getByTestId('mcp-once').click()
  await expect(page.getByTestId('mcp-adder')).toHaveAttribute('data-state', 'running')
  await page.getByTestId('mcp-tool-count').click()
  await expect(page.getByTestId('mcp-adder')).toContainText('8 of 9 tools')
  await page.keyboard.press('Escape')
  await page.getByTestId('question').fill('What is 2 and 40?')
  await page.getByTestId('ask').click()
  const answer = page.getByTestId('answer-0')
  await expect(answer.getByTestId('agent-answer')).toHaveText('42')
  await expect(answer.getByTestId('turn-environment').first()).toContainText('42')
  await expect(answer.getByTestId('turn-environment').nth(1)).toContainText('it ended with code 3; it said: out of luck')

  // Asked again, it is not started behind the user's back.
  await page.getByTestId('question').fill('And again?')
  await page.getByTestId('ask').click()
  await page.getByTestId('mcp-no').click()
  await expect(page.getByTestId('exchange').nth(1).getByTestId('answer-0')).toContainText('an MCP server of this side has not been allowed')
})
