// `retort eval` where the model fails, the lists of evaluations and ladders, and what a ladder says that it does.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { evaluationList, forecastLine, ladderList, ladderPart } from '../../src/cli/evaluationLines.ts'
import type { LadderProgress } from '../../src/shared/contract/evaluating.ts'
import { fakeTeacher } from '../support/fakeTeacher.ts'
import { newFolder, retort } from './support.ts'

const project = join(newFolder(), 'p')

test('an endpoint that refuses is no measurement: its words, exit 1, and the list names what can be gone on with', async () => {
  const { baseUrl, seen } = await fakeTeacher(() => ({ type: 'refuse', status: 404, body: '{"error":{"message":"no model m here"}}' }))
  const { code, stdout, stderr } = await retort(['eval', '--suite', 'arith', '--endpoint', baseUrl, '--model', 'm', '--tasks', '12', '--side-by-side', '1', '--project', project])
  expect(code).toBe(1)
  expect(stdout).toContain('nothing was measured')
  expect(stdout).toContain('NO RESULT of 5 tasks')
  expect(stdout).toMatch(/^failed .*404.*no model m here/m)
  expect(stdout).not.toContain('%')
  expect(stderr).toContain('5 WITHOUT RESULT')
  expect(seen).toHaveLength(5)
  const id = /go on with --resume (\S+)/.exec(stdout)![1]!
  const listed = await retort(['eval', '--list', '--project', project])
  expect(listed).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^${id}  failed +arith held-out, 0 of 0 solved \\(of 12\\)`)) as string })
  const missing = await retort(['ladder', '--resume', 'xyz', '--project', project])
  expect(missing).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('retort ladder --list') as string })
  expect(missing.stderr).not.toContain('ladder xyz')
})

test('what cannot be read is listed with its reason, and is something', () => {
  const damaged = [{ id: '20260101-100000-0002', problem: 'this cannot be read' }]
  expect([...evaluationList({ evaluations: [], damaged })]).toEqual(['20260101-100000-0002  damaged   this cannot be read'])
  expect([...ladderList({ ladders: [], damaged })]).toEqual(['20260101-100000-0002  damaged   this cannot be read'])
  expect([...ladderList({ ladders: [], damaged: [] })]).toEqual(['there is no ladder in this project'])
})

test('how long a ladder may take is said with what it is taken from, and plainly where it is not known', () => {
  const told = { low: 2400, high: 7200, rungs: 5, unknown: ['CoT distilled'], basis: { trainings: 3, evaluations: 1 }, teaching: true }
  expect(forecastLine(told)).toBe('about 40 min 0 s to 2 h 0 min, by 3 trainings and 1 evaluation of this student in this project; that is for 5 rungs, nothing like these was measured: CoT distilled; what the teacher takes comes on top')
  expect(forecastLine({ ...told, high: 2400, unknown: [], basis: { trainings: 0, evaluations: 2 }, teaching: false })).toBe('about 40 min 0 s, by 2 evaluations of this student in this project')
  expect(forecastLine(null)).toContain('not known before its first rung is done')
})

test('what a ladder does is said with the rung, its seed, and the part', () => {
  const rung = (arm: string, seed: number, state: string): object => ({ arm, seed, state })
  const ladder = { spec: { teacher: null }, rungs: [rung('cot', 1, 'not-applicable'), rung('sft', 1, 'done'), rung('sad', 1, 'training'), rung('sft', 2, 'waiting')] } as unknown as LadderProgress['ladder']
  const now = { id: 'x', arm: 'sad', seed: 1, state: 'training', tasks: null, weighing: false, done: 3, total: 9, secondsLeft: null, forecast: null, ladder } as const satisfies LadderProgress
  expect(ladderPart(now)).toEqual({ label: 'rung 2 of 3, sad, seed 1: training', unit: 'steps' })
  expect(ladderPart({ ...now, state: 'evaluating', tasks: 'held-out' })).toEqual({ label: 'rung 2 of 3, sad, seed 1: evaluating held-out', unit: 'tasks' })
  expect(ladderPart({ ...now, state: 'evaluating', weighing: true })).toEqual({ label: 'rung 2 of 3, sad, seed 1: weighing thoughts', unit: 'steps' })
  expect(ladderPart({ ...now, arm: 'sft', seed: 2, state: 'teaching' })).toEqual({ label: 'rung 3 of 3, sft, seed 2: making its data', unit: 'tokens' })
})
