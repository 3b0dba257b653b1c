// Tools of MCP servers: over stdio and HTTP, only after a yes to the very command, and whatever a server does wrong.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createToolbox, selfConsistent, type Toolbox } from '../../../src/core/agent/index.ts'
import { systemClock } from '../../../src/engine/agent/clock.ts'
import { limitedLines } from '../../../src/engine/tools/limitedLines.ts'
import { type McpTools, openMcp } from '../../../src/engine/tools/mcp.ts'
import { type McpServer, parseMcpServer, shownServer } from '../../../src/engine/tools/mcpServer.ts'
import { ofType, play } from '../../support/episodes.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { httpMcpServer } from '../../support/mcpServer.ts'
import { scriptedModel } from '../../support/scriptedModel.ts'

const node = (...words: string[]): Extract<McpServer, { type: 'stdio' }> => ({ type: 'stdio', words: [process.execPath, '--no-warnings', ...words] })
const GOOD = node(resolve(import.meta.dirname, '../../support/mcpServer.ts'))
/** Says hello and names a tool, then does as `then` says at the first call. */
const scripted = (then: string) =>
  node('-e', `
  const say = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n')
  require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line)
    if (method === 'initialize') say(id, { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 's', version: '0' } })
    else if (method === 'tools/list') say(id, { tools: [{ name: 'go', inputSchema: { type: 'object' } }] })
    else if (method === 'tools/call') { ${then} }
  })`)

const yes = async (): Promise<boolean> => true
const open = async (server: McpServer, more: Partial<Parameters<typeof openMcp>[0]> = {}): Promise<McpTools> => {
  const tools = await openMcp({ server, approve: yes, dataFolder: temporaryFolder(), signal: new AbortController().signal, ...more })
  onTestFinished(tools.dispose)
  return tools
}
const boxOf = (tools: McpTools): Toolbox => createToolbox([tools.kit()], systemClock)
async function say(toolbox: Toolbox, name: string, argument = '', seconds = 20) {
  const prepared = toolbox.prepare({ name, argument, form: 'brackets' })
  return 'status' in prepared ? prepared : toolbox.run(prepared, { seconds, signal: new AbortController().signal })
}
/** Of a process that is gone: nothing to send a signal to. */
const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

test('over stdio: tools with their schemas, their answers, and an environment without keys', async () => {
  process.env['RETORT_TEST_KEY'] = 'planted'
  onTestFinished(() => void delete process.env['RETORT_TEST_KEY'])
  const tools = await open(GOOD)
  expect(tools.server).toBe('test server 1.2.3')
  const toolbox = boxOf(tools)
  expect(toolbox.tools.slice(0, 3).map(({ name, description }) => [name, description])).toEqual([['add', 'adds two numbers'], ['count', 'counts its calls'], ['env', '']])
  expect(await say(toolbox, 'add', '2, 40')).toEqual({ status: 'ok', text: '42' })
  expect(await say(toolbox, 'add', '2')).toMatchObject({ status: 'bad-arguments' })
  expect(await say(toolbox, 'fail')).toEqual({ status: 'failed', text: 'it is broken' })
  expect(await say(toolbox, 'show')).toEqual({ status: 'ok', text: 'see\n[image, image/png, 3 bytes]' })
  expect(await say(toolbox, 'table')).toEqual({ status: 'ok', text: '{"rows":3}' })
  expect((await say(toolbox, 'long')).text).toMatch(/^x{100000}\n\[50000 more characters\]$/)
  const { text } = await say(toolbox, 'env')
  expect(text.split(' ')).toContain('PATH')
  expect(text).not.toContain('RETORT_TEST_KEY')
  expect(text.split(' ').length).toBeLessThan(12)

  // A call that never ends is given up, and the server goes on.
  expect(await say(toolbox, 'never', '', 0.2)).toEqual({ status: 'timed-out', text: 'never gave no answer within 0.2 s.' })
  expect(await say(toolbox, 'count')).toMatchObject({ text: '1' })

  // Candidates of a step look as they like; of those that would touch something, the one that is taken does so, once.
  const model = scriptedModel(['Action: add[1, 2]', 'Action: count[]', 'Action: count[]', 'Action: finish[done]'])
  const { events } = await play({ answers: [], kits: [tools.kit()], run: { model, clock: systemClock, toolbox: boxOf(tools), policy: selfConsistent({ samples: 3, temperature: 0.4, topP: 0.8 }) } })
  expect(ofType(events, 'vote')[0]).toMatchObject({ taken: 1, runs: 1, calls: 3 })
  expect(ofType(events, 'observation').map(({ status, text }) => [status, text])).toEqual([['ok', '2']])
  expect(await say(toolbox, 'count')).toMatchObject({ text: '3' })

  // Its death is an observation, with its last words; so is every call after it.
  const death = await say(toolbox, 'die')
  expect(death).toMatchObject({ status: 'failed', text: expect.stringMatching(/die of the MCP server node.* failed: .*it ended with code 3; it said: out of luck/) })
  expect(await say(toolbox, 'count')).toMatchObject({ status: 'failed' })
})

test('over HTTP: the same tools, in a session that is ended', async () => {
  const server = await httpMcpServer()
  onTestFinished(server.close)
  const tools = await open(parseMcpServer(server.url))
  const toolbox = boxOf(tools)
  expect(await say(toolbox, 'add', '2, 40')).toEqual({ status: 'ok', text: '42' })
  expect(await say(toolbox, 'never', '', 0.2)).toMatchObject({ status: 'timed-out' })
  expect(await say(toolbox, 'count')).toMatchObject({ text: '1' })
  expect(server.sessions()).toBe(1)
  await tools.dispose()
  expect(server.sessions()).toBe(0)
  expect(await say(toolbox, 'count')).toMatchObject({ status: 'failed', text: expect.stringContaining('failed') })
})

test('nothing is started without a yes; a yes to one command is kept for that command alone, in the data folder', async () => {
  const dataFolder = temporaryFolder()
  const flag = join(temporaryFolder(), 'started')
  const server = node('-e', `require('fs').writeFileSync(${JSON.stringify(flag)}, ''); setInterval(() => {}, 1000)`)
  const asked: string[] = []
  const no = async (shown: string): Promise<boolean> => asked.push(shown) < 0
  await expect(open(server, { approve: no, dataFolder })).rejects.toMatchObject({ code: 'mcp-not-approved', found: shownServer(server) })
  expect(existsSync(flag)).toBe(false)
  expect(asked).toEqual([shownServer(server)])
  expect(readdirSync(dataFolder)).toEqual([])

  const good = scripted('say(id, { content: [] })')
  await open(good, { dataFolder })
  expect(JSON.parse(readFileSync(join(dataFolder, 'mcp-approved.json'), 'utf8'))).toEqual({ approved: [shownServer(good)] })
  await open(good, { dataFolder, approve: no })
  // A yes for once is not kept.
  const other = scripted('say(id, { content: [] }); void 0')
  await open(other, { dataFolder, approve: async () => 'once' })
  await expect(open(other, { dataFolder, approve: no })).rejects.toMatchObject({ code: 'mcp-not-approved' })
  await expect(open({ type: 'stdio', words: [...good.words, 'more'] }, { approve: no, dataFolder })).rejects.toMatchObject({ code: 'mcp-not-approved' })
  await expect(open(parseMcpServer('http://127.0.0.1:9/mcp'), { approve: no, dataFolder })).rejects.toMatchObject({ found: 'http://127.0.0.1:9/mcp' })
})

test.each([
  ['is not there', { type: 'stdio', words: ['no-such-program-anywhere'] } as const, 'ENOENT'],
  ['ends at once', node('-e', 'console.error("no config"); process.exit(2)'), 'it ended with code 2; it said: no config'],
  ['says nothing', node('-e', 'setInterval(() => {}, 1000)'), 'it took too long (it is still running)', 0.2],
  ['writes no messages', node('-e', 'for (let i = 0; i < 500; i++) console.log("hello " + i); setInterval(() => {}, 1000)'), 'lines that are no messages'],
  ['answers nonsense', node('-e', 'process.stdin.on("data", () => console.log(JSON.stringify({ jsonrpc: "2.0", id: 0, result: { tools: 5 } })))'), 'protocolVersion'],
])('a server that %s does not open, and says why', async (_, server, words, seconds = 30) => {
  const error = await open(server, { seconds }).then(() => null, (thrown: { code: string; found: string }) => thrown)
  expect(error).toMatchObject({ code: 'mcp-failed' })
  expect(error!.found).toContain(words)
})

test('a program that is not there is said once', async () => {
  await expect(open({ type: 'stdio', words: ['no-such-program-anywhere'] })).rejects.toMatchObject({ code: 'mcp-failed', found: 'spawn no-such-program-anywhere ENOENT' })
})

test('a server that floods, or answers what is no answer, ends in an observation', async () => {
  const flood = await say(boxOf(await open(scripted('process.stdout.write("x".repeat(9e6))'))), 'go')
  expect(flood).toMatchObject({ status: 'failed', text: expect.stringContaining('a line of more than 8388608 bytes') })
  expect(await say(boxOf(await open(scripted('say(id, { content: "nonsense" })'))), 'go')).toMatchObject({ status: 'failed' })
  expect(await say(boxOf(await open(scripted('process.stdout.write("garbage\\n".repeat(50)); say(id, { content: [{ type: "text", text: "still" }] })'))), 'go')).toEqual({ status: 'ok', text: 'still' })
})

test('a server is gone after the last episode, with what it has started, whatever it thinks of signals', async () => {
  const stubborn = scripted(`
    process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)
    const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    say(id, { content: [{ type: 'text', text: process.pid + ' ' + child.pid }] })`)
  const tools = await open(stubborn)
  const pids = (await say(boxOf(tools), 'go')).text.split(' ').map(Number)
  expect(pids.map(isGone)).toEqual([false, false])
  await tools.dispose()
  await expect.poll(() => pids.map(isGone), { timeout: 20_000 }).toEqual([true, true])
})

test('an address that answers too much, or sends elsewhere, is refused', async () => {
  let sent = 0
  const http = createServer((request, response) => {
    if (request.url === '/elsewhere') return void response.writeHead(302, { location: 'http://localhost:1/x' }).end()
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(1_000_000))) sent += 1e6
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  })
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  onTestFinished(() => void http.close())
  onTestFinished(() => http.closeAllConnections())
  const { port } = http.address() as { port: number }
  await expect(open(parseMcpServer(`http://127.0.0.1:${port}/flood`))).rejects.toMatchObject({ code: 'mcp-failed', found: expect.stringContaining('larger than') })
  expect(sent).toBeLessThan(100e6)
  await expect(open(parseMcpServer(`http://127.0.0.1:${port}/elsewhere`))).rejects.toMatchObject({ code: 'mcp-failed', found: expect.stringContaining('redirect') })
})

test.each([
  [`node  "my server.js" --flag='a b' c\\"d`, ['node', 'my server.js', '--flag=a b', 'c"d'], `node "my server.js" "--flag=a b" "c\\"d"`],
  [`run '' "x\\\\y"`, ['run', '', 'x\\y'], `run "" "x\\\\y"`],
  ['C:\\bin\\server.exe /q', ['C:\\bin\\server.exe', '/q'], '"C:\\\\bin\\\\server.exe" /q'],
  ['run \u202Efdp', ['run', '\u202Efdp'], 'run "\\u{202e}fdp"'],
])('the command line %j', (line, words, shown) => {
  const server = parseMcpServer(line)
  expect(server).toEqual({ type: 'stdio', words })
  expect(shownServer(server)).toBe(shown)
})

test.each([[''], ['"" x'], ['node "x'], ['https://user:secret@host/mcp']])('%j names no server', (line) => {
  expect(() => parseMcpServer(line)).toThrow('this names no MCP server')
})

test('lines come whole however the bytes are divided, and one that is too long ends it', () => {
  const heard: string[] = []
  const push = limitedLines(8, { line: (text) => heard.push(text), tooLong: () => heard.push('!') })
  for (const byte of Buffer.from('a\nähü\n\n12345678\n')) push(Buffer.from([byte]))
  push(Buffer.from('b\nc'))
  push(Buffer.from('12345678\nd\n'))
  push(Buffer.from('e\n'))
  expect(heard).toEqual(['a', 'ähü', '', '12345678', 'b', '!'])
})
