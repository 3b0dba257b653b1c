// Processes for tools: jobs do not wait for one that does not end, and what waits or is given up harms nobody.
import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { createToolbox, type Kit } from '../../../src/core/agent/index.ts'
import { systemClock } from '../../../src/engine/agent/clock.ts'
import { openSuiteTools } from '../../../src/engine/suites/index.ts'
import { type JobPool, openJobPool } from '../../../src/engine/tools/jobPool.ts'

/** Does as the job says; every answer has the process that gave it. */
const CHILD = `process.on('message', ({ what: job }) => {
  const wait = (ms) => { const end = Date.now() + ms; while (Date.now() < end); }
  if (job === 'die before') process.exit(1)
  if (job === 'slow before') wait(10000)
  process.send('ready', () => {
    if (job === 'die') process.exit(1)
    if (job === 'endless') for (;;) ;
    if (job === 'slow') wait(3000)
    process.send({ pid: process.pid })
  })
})`
type Job = { readonly what: 'quick' | 'slow' | 'endless' | 'die' | 'die before' | 'slow before' }

function pool(most: number, preparing?: number): JobPool<Job, { pid: number }> {
  const opened = openJobPool<Job, { pid: number }>({
    start: () => spawn(process.execPath, ['-e', CHILD], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    most, ...(preparing === undefined ? {} : { preparing }),
  })
  onTestFinished(opened.dispose)
  return opened
}
const signalIn = (milliseconds: number): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(milliseconds) })
const open = { signal: new AbortController().signal }
const pidOf = (outcome: { result: { pid: number } } | string): number | string => (typeof outcome === 'string' ? outcome : outcome.result.pid)

test('a job that does not end ends with its process, and the one beside it is not kept', async () => {
  const { ask } = pool(2)
  const [endless, quick] = await Promise.all([ask({ what: 'endless' }, signalIn(400)), ask({ what: 'quick' }, open)])
  expect([endless, typeof pidOf(quick)]).toEqual(['stopped', 'number'])
  expect(pidOf(await ask({ what: 'quick' }, open))).toBe(pidOf(quick))
  expect(await ask({ what: 'die' }, open)).toBe('stopped')
  expect(typeof pidOf(await ask({ what: 'quick' }, open))).toBe('number')
})

test('time stands still while a job waits for its turn; one that is given up there leaves the process alone', async () => {
  const { ask } = pool(1)
  const held: string[] = []
  const hold = () => {
    held.push('held')
    return () => void held.push('on')
  }
  const first = await ask({ what: 'quick' }, open)
  const endless = ask({ what: 'endless' }, signalIn(800))
  const given = ask({ what: 'quick' }, signalIn(50))
  const waiting = ask({ what: 'quick' }, { ...open, hold })
  expect(held).toEqual(['held'])
  expect(await given).toBe('stopped')
  expect(held).toEqual(['held'])
  expect(await endless).toBe('stopped')
  const second = await waiting
  expect(held).toEqual(['held', 'on'])
  expect(pidOf(second)).not.toBe(pidOf(first))
  const long = ask({ what: 'slow' }, open)
  expect(await ask({ what: 'quick' }, signalIn(20))).toBe('stopped')
  expect(pidOf(await long)).toBe(pidOf(second))
  expect(pidOf(await ask({ what: 'quick' }, open))).toBe(pidOf(second))
})

test('what a process prepares before a job has a time of its own', async () => {
  const { ask } = pool(1)
  let on = 0
  const hold = () => () => void on++
  expect(typeof pidOf(await ask({ what: 'quick' }, { ...open, hold }))).toBe('number')
  expect(await ask({ what: 'die before' }, { ...open, hold })).toBe('not-prepared')
  expect(await ask({ what: 'endless' }, { ...signalIn(500), hold })).toBe('stopped')
  expect(await pool(1, 0.2).ask({ what: 'slow before' }, { ...open, hold })).toBe('not-prepared')
  expect(on).toBe(4)
})

test('endless calls of one episode do not use up the time of the others', async () => {
  const { tools, dispose } = openSuiteTools()
  onTestFinished(dispose)
  const script = 'CREATE TABLE x (id); INSERT INTO x VALUES (7)'
  const say = (kit: Kit, argument: string) => {
    const toolbox = createToolbox([kit], systemClock)
    const prepared = toolbox.prepare({ name: kit.tools[0]!.tool.name, argument, form: 'brackets' })
    return 'status' in prepared ? prepared : toolbox.run(prepared, { seconds: 2, signal: open.signal })
  }
  const sql = (query: string) => say(tools.sql({ script, access: 'read' }), query)
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'
  const outcomes = await Promise.all([
    ...Array.from({ length: 3 }, () => sql(endless)), sql('SELECT id FROM x'), say(tools.code(), 'while (true) {}'), say(tools.code(), 'console.log(1 + 1)'),
  ])
  expect(outcomes.map(({ status, text }) => [status, text])).toEqual([
    ...Array.from({ length: 3 }, () => ['timed-out', 'sql gave no answer within 2 s.']), ['ok', 'id\n7'], ['timed-out', 'javascript gave no answer within 2 s.'], ['ok', '2'],
  ])
})
