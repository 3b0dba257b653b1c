// Makes the checkout ready to run and test: dependencies as locked, native libraries that load. Prints to stderr only.
// Plain JavaScript without dependencies, because it also runs on the machine's own (older) Node before anything is installed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...parts) => join(root, ...parts)
const stampFile = at('node_modules', '.retort-setup')
const node24 = at('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

const say = (line) => process.stderr.write(`setup: ${line}\n`)
const fail = (...lines) => {
  lines.forEach(say)
  process.exit(1)
}

const lockText = readFileSync(at('package-lock.json'), 'utf8')
const want = `${createHash('sha256').update(lockText).digest('hex')} ${process.platform}-${process.arch}`

/** True when what lies in node_modules has the versions of the lock (packages for other platforms may be absent). */
function installedAsLocked() {
  const hidden = at('node_modules', '.package-lock.json')
  if (!existsSync(hidden)) return false
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages
  return Object.entries(JSON.parse(lockText).packages).every(
    ([path, entry]) =>
      path === '' || (installed[path] ? installed[path].version === entry.version : entry.optional === true),
  )
}

function install() {
  say('installing dependencies as locked (npm ci) ...')
  const npm = process.env.npm_execpath
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  const done = spawnSync(command, [...args, '--no-fund', '--no-audit'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: !npm && process.platform === 'win32',
  })
  if (done.status !== 0)
    fail(`npm ci failed (${done.error?.message ?? `exit code ${done.status}`}); see its message above.`)
}

/** Each check: the body of an async function for Node 24 that must not throw. */
const checks = [
  {
    name: 'Node 24 (package "node")',
    program: `if (!process.version.startsWith('v24.')) throw Error('found Node ' + process.version)`,
  },
  {
    name: 'node:sqlite with FTS5',
    program: `const { DatabaseSync } = await import('node:sqlite')
      new DatabaseSync(':memory:').exec('create virtual table t using fts5(x)')`,
  },
  {
    name: 'onnxruntime-node',
    // See src/engine/runtime/noTelemetry.ts.
    program: `process.env.ORT_DISABLE_TELEMETRY = '1'
      const { InferenceSession } = (await import('onnxruntime-node')).default
      if (!InferenceSession) throw Error('it has no InferenceSession')`,
  },
  {
    name: 'node-llama-cpp (prebuilt binary)',
    program: `const { getLlama } = await import('node-llama-cpp')
      const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1 })
      await llama.dispose()`,
  },
]

function checkRuntime() {
  if (!existsSync(node24))
    fail(
      `Node 24 is missing: expected ${node24}.`,
      'The install script of package "node" did not run; install with npm 10 or newer and without --ignore-scripts.',
    )
  for (const { name, program } of checks) {
    // A CommonJS program: --input-type=module would be inherited by node-llama-cpp's own probe process and break it.
    const run = spawnSync(node24, ['--eval', `(async () => { ${program} })()`], { cwd: root, encoding: 'utf8' })
    if (run.status === 0) continue
    const why = run.error?.message ?? (run.stderr.trim() || `ended by ${run.signal ?? `code ${run.status}`}`)
    fail(
      `${name} does not work on ${process.platform}-${process.arch}:`,
      ...why.split('\n').slice(-12).map((line) => `  ${line}`),
      'Delete node_modules and run this again; never install with --omit=optional (native binaries are optional packages).',
    )
  }
}

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== want) {
  if (!installedAsLocked()) install()
  checkRuntime()
  writeFileSync(stampFile, want)
  say('ready.')
}
