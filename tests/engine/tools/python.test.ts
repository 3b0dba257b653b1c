// Python for agents: what a block says and leaves behind, and that nothing of the machine can be reached from it.
import { expect, onTestFinished, test } from 'vitest'
import { createToolbox, type Toolbox } from '../../../src/core/agent/index.ts'
import { systemClock } from '../../../src/engine/agent/clock.ts'
import type { JobOutcome } from '../../../src/engine/tools/jobPool.ts'
import { openPython } from '../../../src/engine/tools/python.ts'
import type { PythonResult } from '../../../src/engine/tools/runPython.ts'

test('blocks of an episode, their copy, limits, and no way out', async () => {
  process.env['RETORT_TEST_KEY'] = 'planted'
  onTestFinished(() => void delete process.env['RETORT_TEST_KEY'])
  const tool = openPython()
  onTestFinished(tool.dispose)
  const toolbox = createToolbox([tool.kit()], systemClock)
  const say = (code: string, box: Toolbox = toolbox, seconds = 60) => {
    const prepared = box.prepare({ name: 'py', argument: code, form: 'brackets' })
    return 'status' in prepared ? prepared : box.run(prepared, { seconds, signal: new AbortController().signal })
  }
  expect(await say('import math\nx = 40\nprint("a", x)\nmath.gcd(12, 18)')).toEqual({ status: 'ok', text: 'a 40\n6' })
  expect(await say('x += 2\nx / 0')).toEqual({ status: 'failed', text: 'ZeroDivisionError: division by zero (line 2)' })
  const copy = await toolbox.copy()
  expect(await say('x = x + 100; x', copy)).toEqual({ status: 'ok', text: '142' })
  expect(await say('x')).toEqual({ status: 'ok', text: '42' })
  expect(await say('if x:\n  final_answer(x * 2)\nprint("never")')).toMatchObject({ ends: { answer: '84' } })
  expect(await say('def f(:')).toMatchObject({ status: 'failed', text: expect.stringContaining('SyntaxError') })
  expect(await say('for i in range(10000): print("123456789")')).toMatchObject({ text: expect.stringMatching(/\[\d+ more characters printed\]/) })
  expect(await say('b = bytearray(700_000_000)')).toMatchObject({ status: 'failed', text: expect.stringContaining('MemoryError') })

  expect((await say('"a" * 5_000_000')).text).toMatch(/^a{20000}\[4980000 more characters\]$/)
  expect((await say('raise ValueError("b" * 5_000_000)')).text).toMatch(/^ValueError: b+\[\d+ more characters\]$/)
  expect(((await say('final_answer("c" * 5_000_000)')) as { ends?: { answer: string } }).ends!.answer).toMatch(/^c{20000}\[4980000 more characters\]$/)
  expect(await say('class Bad(Exception):\n  def __str__(self): raise KeyError(1)\nraise Bad()')).toMatchObject({ status: 'failed', text: expect.stringContaining('Bad') })

  for (const code of ['import js; js.process', 'import pyodide_js', 'from pyodide.code import run_js; run_js("process.env")', 'import socket; socket.create_connection(("127.0.0.1", 1), timeout=1)', 'import os; os.system("true")', 'import subprocess; subprocess.run(["true"])', 'import urllib.request; urllib.request.urlopen("http://127.0.0.1:1")']) {
    expect((await say(code)).status, code).toBe('failed')
  }
  const { text } = await say('import os; print(sorted(os.environ)); print(os.listdir("/"))')
  expect(text).not.toContain('RETORT_TEST_KEY')
  expect(text).not.toMatch(/'(?:etc|usr|root)'/)

  expect(await say('while True: pass', toolbox, 1)).toMatchObject({ status: 'timed-out' })
  // The start of a new process, and the blocks that run again in it, are not the call's time.
  expect(await say('x', toolbox, 1)).toEqual({ status: 'ok', text: '42' })
}, 300_000)

test('a state that cannot be had again is lost, which is said, and the next block begins afresh', async () => {
  const done: PythonResult = { printed: 'fine', omitted: 0, value: null, answer: null, error: null }
  const outcomes: JobOutcome<PythonResult>[] = ['not-prepared', { result: done }, { result: done }, 'not-prepared', { result: done }]
  const before: number[] = []
  const tool = openPython({ pool: { ask: async (job) => (before.push(job.before.length), outcomes[before.length - 1]!), dispose: async () => undefined } })
  const toolbox = createToolbox([tool.kit()], systemClock)
  const texts: string[] = []
  for (let block = 0; block < 5; block++) {
    const prepared = toolbox.prepare({ name: 'py', argument: 'x', form: 'brackets' })
    if ('status' in prepared) throw new Error(prepared.text)
    const { status, text } = await toolbox.run(prepared, { seconds: 5, signal: new AbortController().signal })
    texts.push(`${status} ${text.slice(0, 17)}`)
  }
  expect(texts).toEqual(['failed Python did not st', 'ok fine', 'ok fine', 'failed The state is lost', 'ok fine'])
  expect(before).toEqual([0, 0, 1, 2, 0])
})
