// `retort plan` as it is typed: a plan is made as a file, and everything that would be without effect is refused.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { planSchema } from '../../src/shared/records/plan.ts'
import { newFolder, retort, retortJson } from './support.ts'

const folder = newFolder()
const made = z.object({ path: z.string(), plan: planSchema })

test('make writes a plan that says all it was told, and is not replaced without --force', async () => {
  const out = join(folder, 'plan.json')
  const { path, plan } = await retortJson(made, [
    'plan', 'make', '--stages', '2', '--metric', 'steps', '--name', 'Mine', '--order', 'hard-to-easy', '--passes', '2', '--replay', '0.3', '--recipe', 'smartad',
    '--lr', '1e-3', '--gate', '0.6', '--gate-every', '5', '--if-closed', 'stop', '--gamma', '0.5', '--pacing-steps', '30', '--out', out,
  ])
  expect(path).toBe(out)
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(plan)
  const stage = { order: 'hard-to-easy', length: { unit: 'passes', passes: 2 }, mix: null, recipe: 'smartad', lr: 1e-3, losses: {} }
  expect(plan).toEqual({
    version: 1,
    name: 'Mine',
    complexity: { metric: 'steps' },
    pacing: { gamma: 0.5, c0: 0.2, steps: 30 },
    stages: [
      { ...stage, name: 'easy', filter: { complexity: { from: 0, to: 0.5 } }, replay: 0, gate: { actAccuracy: 0.6, every: 5, otherwise: 'stop' } },
      { ...stage, name: 'hard', filter: { complexity: { from: 0.5, to: 1 } }, replay: 0.3, gate: null },
    ],
  })
  const again = await retort(['plan', 'make', '--out', out])
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('--force')])
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(plan)
  expect((await retort(['plan', 'make', '--out', out, '--force'])).stdout).toContain('complexity 33 % to 67 %')
}, 60_000)

test.each<[string, string[], RegExp]>([
  ['an action that there is not', ['plan', 'run'], /unknown action[^]*make, simulate, difficulty/],
  ['make without a place', ['plan', 'make'], /--out FILE/],
  ['options of another action', ['plan', 'make', '--out', 'x.json', '--probe'], /make has no use for this[^]*--probe/],
  ['weights of another metric', ['plan', 'make', '--out', 'x.json', '--metric', 'steps', '--act-weight', '2'], /the metric steps has no weights/],
  ['half a gate', ['plan', 'make', '--out', 'x.json', '--gate-every', '2'], /there is no gate/],
  ['--plan with what the plan says', ['train', '--plan', join(folder, 'full.json'), '--lr', '1'], /the plan says this itself[^]*--lr/],
  ['epochs beside a plan', ['train', '--plan', join(folder, 'open.json'), '--epochs', '2'], /the plan says this itself[^]*--epochs/],
  ['--plan beside --resume', ['train', '--plan', join(folder, 'open.json'), '--resume', 'x'], /a run keeps the settings[^]*--plan/],
])('%s is wrong use', async (_, args, message) => {
  writeFileSync(join(folder, 'open.json'), JSON.stringify({ version: 1, name: 'open', stages: [{ name: 's' }] }))
  writeFileSync(join(folder, 'full.json'), JSON.stringify({ version: 1, name: 'full', stages: [{ name: 's', lr: 1e-4, recipe: 'sft' }] }))
  const { code, stderr } = await retort(args)
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
}, 30_000)

test('a file that is not a plan fails with what is wrong and where', async () => {
  const path = join(folder, 'bad.json')
  writeFileSync(path, JSON.stringify({ version: 1, name: 'bad', stages: [{ name: 's', replay: 2 }] }))
  const bad = await retort(['train', '--plan', path])
  expect([bad.code, bad.stderr]).toEqual([1, expect.stringMatching(/this file is not a plan[^]*bad\.json[^]*stages\[0\]\.replay/)])
  const missing = await retort(['train', '--plan', join(folder, 'none.json')])
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('none.json')])
  expect(existsSync(join(folder, 'x.json'))).toBe(false)
}, 60_000)
