// The packaged app: built with a stand-in for Electron's runtime, looked into, unpacked, and its engine started under Node.
import { execFileSync, fork } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { startEngineHost, sessionKeychain, type EngineChild, type EngineHost, type FromEngine } from '../../src/engine/host/index.ts'
import type { Api } from '../../src/shared/contract/api.ts'
import { importInto } from '../support/importInto.ts'
import { extractAsar, readAsar, type AsarFile } from './asar.ts'
import { hostSocket } from './hostSocket.ts'
import { fusesOf, writeStub } from './stub.ts'

const root = resolve(import.meta.dirname, '../..')
const { platform, arch } = process
/** What `fork` starts: the modules of the folder that are no parts of others. */
const workers = readdirSync(join(root, 'src/engine/workers'))
  .map((file) => basename(file, '.ts'))
  .filter((name) => !['entry', 'forkWorker', 'projectJob', 'tellParent'].includes(name))
/** The stand-in has the layout of Electron for Linux; the two others wrap it in a bundle or look into an .exe. */
const here = platform === 'linux'
if (!here) console.warn(`NOT RUN: tests of the packaged app. The stand-in for Electron is made for Linux, this is ${platform}.`)

const folder = mkdtempSync(join(tmpdir(), 'retort-packaged-'))
const app = join(folder, 'app')
const resources = join(folder, 'release', arch === 'x64' ? 'linux-unpacked' : `linux-${arch}-unpacked`, 'resources')
const archive = join(resources, 'app.asar')
let files: AsarFile[]
const temporary = join(folder, 'tmp')
/** The tools leave caches in the temporary folder: one of their own. */
const runNode = (args: string[]): string =>
  execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: temporary } })

beforeAll(() => {
  if (!here) return
  mkdirSync(temporary)
  runNode(['--eval', "import('./scripts/freshBuild.mjs').then(({ buildWhenStale }) => process.exit(buildWhenStale()))"])
  const stub = writeStub(join(folder, 'stub'))
  const options = ['--linux', '--dir', '--publish', 'never', `-c.electronDist=${stub}`, `-c.directories.output=${join(folder, 'release')}`]
  runNode([join(root, 'node_modules/electron-builder/cli.js'), ...options])
  files = readAsar(archive)
  extractAsar(files, app)
  // What is unpacked lies beside the archive; Electron shows both as one tree.
  cpSync(join(resources, 'app.asar.unpacked'), app, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.runIf(here)('the packaged app', () => {
  test('holds the page, the bridge, the engine with all its workers, licences and what comes along', () => {
    const manifest = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as { main: string; devDependencies?: unknown }
    expect(manifest.devDependencies).toBeUndefined()
    for (const file of [
      manifest.main, 'out/preload/index.cjs', 'out/renderer/index.html', 'out/renderer/licenses.md', 'LICENSE', 'resources/sample/README.md',
      ...workers.map((name) => `out/main/${name}.js`),
    ])
      expect([file, existsSync(join(app, file))]).toEqual([file, true])
    const page = readFileSync(join(app, 'out/renderer/index.html'), 'utf8')
    const assets = [...page.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+)"/g)].map((match) => match[1]!)
    expect(assets.length).toBeGreaterThan(1)
    expect(assets.filter((asset) => !existsSync(join(app, 'out/renderer', asset)))).toEqual([])
    expect(readFileSync(join(app, 'out/renderer/licenses.md'), 'utf8')).toMatch(/vue-router/)
  })

  test("holds this platform's native libraries only, each as a real file", () => {
    const native = files.map(({ path }) => path).filter((path) => /\.(node|so|dll|dylib|exe)(\.\d+)*$/.test(path))
    const mine = native.filter((path) => path.includes(`node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}/`) || path.includes(`node_modules/@node-llama-cpp/linux-${arch}/`))
    expect(mine.length).toBeGreaterThan(3)
    const foreign = native.filter((path) => !mine.includes(path) && !path.includes(`linux-${arch}`))
    expect(foreign).toEqual([])
    for (const path of native) expect([path, existsSync(join(resources, 'app.asar.unpacked', path))]).toEqual([path, true])
  })

  test('holds no development packages, sources or tests, and stays under 150 MB', () => {
    const unwanted = /^(src|tests|scripts|build|bench|docs)\/|node_modules\/(electron|vite|vitest|vue|typescript|@nuxt|@playwright|electron-builder)\/|gitRelease\.bundle|\.d\.ts$/
    expect(files.filter(({ path }) => unwanted.test(path)).map(({ path }) => path)).toEqual([])
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    console.log(`packaged app without Electron's runtime: ${(bytes / 1e6).toFixed(1)} MB`)
    expect(bytes).toBeLessThan(150e6)
  })

  test("closes what Electron's executable may do beside the app", () => {
    // By index: run as Node, cookies, NODE_OPTIONS, inspect, archive checked, only from the archive, snapshot, file privileges.
    expect(fusesOf(readFileSync(join(resources, '..', 'retort')))).toMatch(/^1.0011.0/)
  })

  describe('its engine, started under plain Node', () => {
    let engine: EngineHost
    let api: Api
    const noise: string[] = []
    beforeAll(async () => {
      engine = await startEngineHost({
        spawn: () => forkPackaged(join(app, 'out/main/service.js'), { home: join(folder, 'home'), noise }),
        version: '0.0.0-packaged',
        project: null,
        keychain: sessionKeychain('This is a test'),
        signal: new AbortController().signal,
        onState: () => {},
      })
      api = createORPCClient(new RPCLink({ websocket: hostSocket(engine) }))
    })
    afterAll(() => engine.shutdown())

    test('answers what it is, makes the sample project from its own files, and lists it', async () => {
      const info = await api.app.info({})
      expect(info).toMatchObject({ version: '0.0.0-packaged', dataFolder: join(folder, 'home'), keyring: { kind: 'session' } })
      const sample = await api.projects.sample({})
      expect(sample.trajectories).toBe(60)
      const page = await api.trajectories.page({ project: sample.folder, filter: {}, sort: { by: 'imported', descending: false }, offset: 0, limit: 5 })
      expect([page.total, page.lines.length]).toEqual([60, 5])
      expect(noise.join('')).toBe('')
    })

    test('loads both native libraries from where they were unpacked', async () => {
      const { checks } = await api.app.doctor({})
      const found = new Map(checks.map(({ name, status, found }) => [name, `${status}: ${found}`]))
      expect(found.get('onnxruntime')).toMatch(/^ok: ONNX Runtime/)
      expect(found.get('llama')).toMatch(/^ok: llama.cpp/)
    })

    test('imports in a worker process of its own', async () => {
      const { folder: project } = await api.projects.open({ folder: join(folder, 'project'), create: true })
      const file = join(app, 'resources/sample/fireact.openai.jsonl')
      const { report } = await importInto(api, { project, paths: [file] })
      expect(report.files[0]).toMatchObject({ path: file })
      expect((await api.projects.info({ project })).trajectories).toBeGreaterThan(10)
    })
  })
})

/** As the shell does, but by Node's own IPC; with nothing of this checkout to fall back on. */
function forkPackaged(entry: string, { home, noise }: { home: string; noise: string[] }): EngineChild {
  const child = fork(entry, [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    execArgv: [],
    cwd: tmpdir(),
    env: { ...process.env, RETORT_HOME: home, NODE_PATH: '' },
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => noise.push(chunk.toString()))
  return {
    pid: child.pid,
    send: (message) => void child.send(message),
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromEngine)),
    onExit: (listener) => void child.on('close', (code, signal) => listener(`${code ?? signal}`)),
    kill: () => void child.kill('SIGKILL'),
  }
}
