// A box of tools as an MCP server over stdio, for any MCP client: `node server.mjs`. It needs Node 20 or newer, and nothing else.
// The tools are plain functions that a teacher wrote. They are run by runner.mjs, in a process without rights, one call at a time.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
/** The runner ends a call by itself after 3 s; this is for one that does not. */
const CALL_MS = 10_000
const PROTOCOLS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
const MOST_LINE = 1_000_000

const box = JSON.parse(readFileSync(join(folder, 'box.json'), 'utf8'))
const tools = new Map(
  box.tools.map((tool) => {
    const code = readFileSync(join(folder, tool.file), 'utf8').replace(/\n$/, '')
    if (createHash('sha256').update(code).digest('hex') !== tool.sha256) throw new Error(`${tool.file} is not the file that was verified`)
    return [tool.name, { ...tool, code }]
  }),
)

const inputSchema = ({ parameters }) => ({
  type: 'object',
  properties: Object.fromEntries(parameters.map(({ name, type, description }) => [name, type === 'number' ? { type, description } : { type: 'array', items: { type: 'number' }, description }])),
  required: parameters.map(({ name }) => name),
})

const isRight = ({ type }, value) => (type === 'number' ? typeof value === 'number' : Array.isArray(value) && value.every((item) => typeof item === 'number'))

/** Without files, network, workers and other processes, where this Node can refuse them. */
const flags = process.allowedNodeEnvironmentFlags
const guard = flags.has('--permission') ? ['--permission'] : flags.has('--experimental-permission') ? ['--experimental-permission'] : []
const runner = join(folder, 'runner.mjs')

function run(code, name, args) {
  return new Promise((resolve) => {
    const allowed = guard.length === 0 ? [] : [...guard, `--allow-fs-read=${runner}`]
    const child = spawn(process.execPath, [...allowed, '--no-warnings', '--max-old-space-size=128', runner], { env: process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}, stdio: ['pipe', 'pipe', 'ignore'] })
    let out = ''
    const timer = setTimeout(() => end({ problem: `no result within ${CALL_MS / 1000} s` }), CALL_MS)
    const end = (result) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      resolve(result)
    }
    child.on('error', (error) => end({ problem: error.message }))
    child.stdin.on('error', () => {})
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text
      if (out.length > MOST_LINE) end({ problem: 'a result that is too long' })
    })
    child.on('close', () => {
      try {
        end(JSON.parse(out))
      } catch {
        end({ problem: 'it ended without a result' })
      }
    })
    child.stdin.end(JSON.stringify({ code, name, args }))
  })
}

const said = (text, isError = false) => ({ content: [{ type: 'text', text }], ...(isError ? { isError } : {}) })

async function call({ name, arguments: given = {} } = {}) {
  const tool = tools.get(name)
  if (!tool) throw Object.assign(new Error(`Unknown tool: ${name}`), { code: -32602 })
  for (const parameter of tool.parameters) {
    if (!isRight(parameter, given[parameter.name])) return said(`${parameter.name}: found ${JSON.stringify(given[parameter.name]) ?? 'nothing'}, expected ${parameter.type}`, true)
  }
  const { value, problem } = await run(tool.code, name, tool.parameters.map((parameter) => given[parameter.name]))
  if (problem) return said(`${name} failed: ${problem}`, true)
  return value === null ? said(`${name} found nothing.`, true) : said(value)
}

const METHODS = {
  initialize: ({ protocolVersion } = {}) => ({
    protocolVersion: PROTOCOLS.includes(protocolVersion) ? protocolVersion : PROTOCOLS[0],
    capabilities: { tools: {} },
    serverInfo: { name: `retort box: ${box.suite}`, version: '1' },
  }),
  ping: () => ({}),
  'tools/list': () => ({
    tools: [...tools.values()].map((tool) => ({ name: tool.name, description: tool.description, inputSchema: inputSchema(tool), annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false } })),
  }),
  'tools/call': call,
}

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

async function answer(line) {
  let request
  try {
    request = JSON.parse(line)
  } catch {
    return send({ id: null, error: { code: -32700, message: 'this is no JSON' } })
  }
  const { id, method, params } = request ?? {}
  if (id === undefined || method === undefined) return
  const does = Object.hasOwn(METHODS, method) ? METHODS[method] : null
  if (!does) return send({ id, error: { code: -32601, message: `there is no method ${method}` } })
  try {
    send({ id, result: await does(params) })
  } catch (error) {
    send({ id, error: { code: error.code ?? -32603, message: error.message } })
  }
}

const lines = createInterface({ input: process.stdin })
let queue = Promise.resolve()
lines.on('line', (line) => {
  if (line.trim() !== '') queue = queue.then(() => answer(line))
})
lines.on('close', () => void queue.then(() => process.exit()))
