// A test file that leaks fails, though all its tests pass, and the message says what was left.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

function run(fixture: string): { status: number | null; output: string } {
  const vitest = resolve(root, 'node_modules/vitest/vitest.mjs')
  const args = [vitest, 'run', '--config', 'tests/fixtures/leaks/vitest.config.ts', `tests/fixtures/leaks/${fixture}.fixture.ts`]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } })
  return { status, output: stdout + stderr }
}

test('what a file leaves behind fails it', { timeout: 60_000 }, () => {
  const { status, output } = run('leaking')
  expect(output).toContain('the tests of this file leak')
  expect(status).toBe(1)
  expect(output).toContain('left in the temporary folder: left-behind-')
  expect(output).toMatch(/open handles: \d of TCPServerWrap/)
  if (process.platform !== 'linux') return
  expect(output).toMatch(/open file: .*open\.sqlite/)
  expect(output).toMatch(/running process \d+: .*setTimeout/)
})

test('a file that takes away what it made passes', { timeout: 60_000 }, () => {
  expect(run('sound')).toMatchObject({ status: 0 })
})
