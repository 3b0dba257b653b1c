// Over every way from a page to the engine: a call alone starts no MCP server; only the answer to the card that was shown does.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { transports } from './transports.ts'

test.each(transports)('$name: a server that is named and asked for is not started', async ({ open }) => {
  const { client, close } = await open()
  const flag = join(temporaryFolder(), 'started')
  await client.mcp.put({ id: 's', name: 'S', way: { type: 'command', line: `"${process.execPath}" -e "require('fs').writeFileSync('${flag}', '')"`, folder: null, env: [] } })
  await client.mcp.start({ id: 's' })
  const stop = new AbortController()
  const tickets: string[] = []
  for await (const { servers } of await client.mcp.watch({}, { signal: stop.signal })) {
    const state = servers[0]?.state
    if (state?.type === 'asks') {
      tickets.push(state.ticket)
      break
    }
  }
  await expect(client.mcp.answer({ id: 's', ticket: '', answer: 'always' })).rejects.toMatchObject({ code: 'RETORT', data: { code: 'mcp-question-gone' } })
  expect(existsSync(flag)).toBe(false)
  await client.mcp.answer({ id: 's', ticket: tickets[0]!, answer: 'no' })
  expect(existsSync(flag)).toBe(false)
  await close()
})
