// No telemetry: a process that runs graphs leaves no trace of ONNX Runtime's usage events, neither files nor a device id.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** What the library would send must not leave the machine that tests it. */
const NOWHERE = 'http://127.0.0.1:9'

/** Where one of these is set the library keeps quiet by itself, as on a build server: both tests would show nothing. */
const QUIET = [
  'ORT_DISABLE_TELEMETRY', 'CI', 'TF_BUILD', 'GITHUB_ACTIONS', 'GITLAB_CI', 'CIRCLECI', 'TRAVIS', 'JENKINS_URL', 'CODEBUILD_BUILD_ID',
]

const root = resolve(import.meta.dirname, '../../..')

/** Runs a program in a process whose home and temporary folder are empty; gives what lies there afterwards. */
function traces(program: string): string[] {
  const home = mkdtempSync(join(tmpdir(), 'retort-telemetry-'))
  const temporary = join(home, 'tmp')
  mkdirSync(temporary)
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !QUIET.includes(name)))
  execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    env: { ...env, HOME: home, TMPDIR: temporary, XDG_CACHE_HOME: join(home, '.cache'), HTTPS_PROXY: NOWHERE },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const found = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name !== 'tmp')
  rmSync(home, { recursive: true })
  return found
}

const GRAPH = `
  const { feed, neg } = await import('./src/core/tensor/index.ts')
  const outputs = new Map([['y', neg(feed('x', { shape: [1] }))]])`

test('the runtime as Retort loads it leaves nothing', () => {
  const program = `${GRAPH}
    const { createOnnxRuntime } = await import('./src/engine/runtime/onnxRuntime.ts')
    const graph = await createOnnxRuntime({ threads: 1 }).compile('g', outputs)
    await graph.run(new Map([['x', { dtype: 'f32', shape: [1], data: Float32Array.of(1) }]]))
    await graph.dispose()`
  expect(traces(program)).toEqual([])
})

test.runIf(process.platform === 'linux')('the library alone leaves some: the test above can fail', () => {
  const program = `${GRAPH}
    const { emit, encodeModel } = await import('./src/core/onnx/index.ts')
    const ort = await import('onnxruntime-node')
    const session = await ort.InferenceSession.create(encodeModel(emit({ name: 'g', outputs, place: () => null })))
    await session.run({ x: new ort.Tensor('float32', [1], [1]) })
    await session.release()`
  expect(traces(program).join()).toMatch(/deviceid|mat-debug|\.ses/)
})
