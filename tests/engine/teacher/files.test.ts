// Names of files of distributions: another one for everything that a file cannot hold beside what it has.
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { teacherFileIn } from '../../../src/engine/teacher/files.ts'
import type { WantedTeacher } from '../../../src/engine/teacher/index.ts'
import type { TeacherMeta } from '../../../src/shared/records/teacherMeta.ts'

const META: TeacherMeta = { label: 'x', teacher: { name: 'x', sha256: 'aa' }, context: 'student', student: { vocabulary: 300, fingerprint: 'f' }, overlap: null }
const LOCAL: WantedTeacher = { type: 'local', path: '/models/x.gguf' }
const behind = (model: string) => ({
  teacher: { type: 'endpoint' as const, endpoint: { id: 'e', name: 'E', kind: 'openai-compatible' as const, baseUrl: 'http://127.0.0.1:1/v1', models: [], key: null }, model, asks: 'auto' as const, concurrency: 1 },
  meta: { ...META, teacher: { name: `${model} at http://127.0.0.1:1/v1`, sha256: null } },
})

test('teacher, what it is shown, top, the tokens of the student: each of them is another file', () => {
  const name = (given: Partial<Parameters<typeof teacherFileIn>[1]>): string => basename(teacherFileIn('/p', { teacher: LOCAL, k: 8, meta: META, ...given }))
  const names = [
    name({}),
    name({ k: 4 }),
    name({ meta: { ...META, context: 'answer' } }),
    name({ meta: { ...META, teacher: { name: 'x', sha256: 'bb' } } }),
    name({ meta: { ...META, student: { vocabulary: 300, fingerprint: 'g' } } }),
    name(behind('a/b:c')),
    name(behind('a-b-c')),
  ]
  expect(new Set(names).size).toBe(names.length)
  expect(name({})).toBe(names[0])
  expect(names.filter((one) => !/^[\w.-]+\.topk$/.test(one))).toEqual([])
})
