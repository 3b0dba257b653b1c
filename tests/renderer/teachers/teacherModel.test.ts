// What is shown of teachers, against figures worked out by hand.
import { expect, test } from 'vitest'
import { isModelPath, shownTo, teachFigures, teachingModels } from '../../../src/renderer/teachers/teacherModel.ts'
import type { Model } from '../../../src/shared/contract/routes/models.ts'
import type { TeacherFile, TeachJob, TeachProgress } from '../../../src/shared/contract/teaching.ts'

const PROGRESS: TeachProgress = { path: '/p/teachers/a.answer.topk', teacher: '/a.gguf', done: 6, total: 10, tokens: 90, of: 100, mass: 0.97, notice: null }
const running = (change: Partial<TeachProgress>, seconds = 30): TeachJob => ({ id: 'a', seconds, state: { type: 'running', progress: { ...PROGRESS, ...change } } })

test('share, time left and coverage stand on the trajectories so far', () => {
  expect(teachFigures(running({}))).toEqual({ share: 0.6, secondsLeft: 20, covered: 0.9 })
  expect(teachFigures(running({ done: 0, tokens: 0, of: 0 }))).toEqual({ share: 0, secondsLeft: null, covered: null })
  expect(teachFigures({ id: 'a', seconds: 1, state: { type: 'running', progress: null } })).toBeNull()
})

test('a teacher that sees the recorded answer is known as one, whether a file or a model', () => {
  const file = (path: string, context: 'student' | 'answer'): TeacherFile => ({
    path, name: path, bytes: 1, modified: '', problem: null, holds: { label: 'x', k: 32, context, tokens: 5, mass: 0.9, overlap: null, fingerprint: 'f' },
  })
  const files = [file('/a.topk', 'answer'), file('/b.topk', 'student')]
  expect([shownTo('/a.topk', { files, live: '' }), shownTo('/b.topk', { files, live: 'answer' }), shownTo('/c.topk', { files, live: '' })]).toEqual(['answer', 'student', null])
  expect([shownTo('/m.GGUF', { files, live: 'answer' }), shownTo('/m.gguf', { files, live: '' })]).toEqual(['answer', 'student'])
  expect([isModelPath('/m.gguf'), isModelPath('/gguf.topk')]).toEqual([true, false])
})

test('the largest model that can be read comes first', () => {
  const model = (name: string, parameters: number, broken: string | null = null): Model => ({ name, parameters, broken }) as Model
  expect(teachingModels([model('small', 1), model('broken', 9, 'why'), model('large', 5)]).map(({ name }) => name)).toEqual(['large', 'small'])
})
