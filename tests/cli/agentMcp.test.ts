// `retort agent --mcp`: no server is started that nobody has allowed; with --yes its tools are used, and it is gone afterwards.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentReplySchema } from '../../src/shared/contract/agent.ts'
import { fakeProvider } from '../support/fakeProvider.ts'
import { finished, newFolder, startRetort } from './support.ts'

const home = newFolder()
const SERVER = `const say = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n")
require("fs").writeFileSync(process.argv[1], String(process.pid))
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line)
  if (method === "initialize") say(id, { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: "s", version: "0" } })
  else if (method === "tools/list") say(id, { tools: [{ name: "secret", inputSchema: { type: "object", properties: { of: { type: "string" } } } }] })
  else if (method === "tools/call") say(id, { content: [{ type: "text", text: "it is 7" }] })
})`

test('asks before, works with --yes, ends after', async () => {
  const fake = await fakeProvider()
  const flag = join(home, 'started')
  const command = `${process.execPath} -e '${SERVER}' ${flag}`
  const args = ['agent', 'What is it?', '--endpoint', fake.baseUrl, '--model', 'm', '--mcp', command, '--json']
  const refused = await finished(startRetort(args, { RETORT_HOME: home }))
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('there is nobody to ask')
  expect(refused.stderr).toContain(`${flag}`)
  expect(existsSync(flag)).toBe(false)

  fake.behave({ type: 'answer', pieces: ['Action: secret[door]'] }, { type: 'answer', pieces: ['Action: finish[7]'] })
  const { code, stdout } = await finished(startRetort([...args, '--yes'], { RETORT_HOME: home }))
  const reply = agentReplySchema.parse(JSON.parse(stdout))
  expect(reply).toMatchObject({ reason: 'answer', answer: '7', calls: 1 })
  expect(reply.events.flatMap((event) => (event.type === 'observation' ? [event.text] : []))).toEqual(['it is 7'])
  expect(code).toBe(0)
  const pid = Number(readFileSync(flag, 'utf8'))
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect(existsSync(join(home, 'mcp-approved.json'))).toBe(false)
})
