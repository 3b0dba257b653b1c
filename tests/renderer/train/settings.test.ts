// The form's settings against the schema of the contract, which judges them without knowing the form.
import { describe, expect, test } from 'vitest'
import { FIELDS, PLAN_KEYS } from '../../../src/renderer/train/settingFields.ts'
import { changedFields, changeDraft, draftOf, firstProblem, readDraft, readNumber, recall, remember } from '../../../src/renderer/train/settingsModel.ts'
import { settingsShapeSchema, trainSettingsSchema } from '../../../src/shared/records/run.ts'
import { DEFAULTS } from './fixtures.ts'

const memoryOf = (): { texts: Map<string, string>; getItem(name: string): string | null; setItem(name: string, text: string): void } => {
  const texts = new Map<string, string>()
  return { texts, getItem: (name) => texts.get(name) ?? null, setItem: (name, text) => void texts.set(name, text) }
}

test('every setting has exactly one field, but the recipe, which is chosen by itself', () => {
  const keys = FIELDS.map(({ key }) => key)
  expect(new Set(keys).size).toBe(keys.length)
  expect([...keys, 'recipe'].sort()).toEqual(Object.keys(settingsShapeSchema.shape).sort())
  expect(keys).toEqual(expect.arrayContaining([...PLAN_KEYS]))
})

describe('a number field says what the schema says', () => {
  const numbers = FIELDS.filter((field) => field.type === 'number')
  const tried = ['-1', '0', '1e-9', '0.05', '0.9', '0.900001', '1', '2.5', '7', '8', '1024', '1025', '1e6', '9007199254740991', '1e400']
  test.each(numbers.map((field) => [field.key, field] as const))('%s', (key, field) => {
    for (const typed of tried) {
      const read = readNumber(typed, field)
      const wanted = settingsShapeSchema.shape[key].safeParse(Number(typed)).success
      expect([typed, typeof read === 'number'], `${key} ${typed}`).toEqual([typed, wanted])
    }
  })
})

test('choices are those of the schema', () => {
  for (const field of FIELDS) {
    if (field.type !== 'choice') continue
    const shape = settingsShapeSchema.shape[field.key as 'schedule' | 'teacherShown']
    const schema = 'unwrap' in shape ? shape.unwrap() : shape
    // Targets may also be names.
    const options = field.open ? ['all', 'attention', 'mlp'] : [...schema.options]
    expect([...field.choices].sort()).toEqual(options.sort())
    expect([field.key, field.optional ?? false]).toEqual([field.key, 'unwrap' in shape])
    for (const choice of field.choices) expect(schema.safeParse(choice).success).toBe(true)
  }
})

describe('what is typed', () => {
  const draft = draftOf(DEFAULTS)
  test('of the defaults is read back as the defaults', () => {
    expect(trainSettingsSchema.parse(readDraft(draft).settings)).toEqual(DEFAULTS)
    expect(changedFields(draft, DEFAULTS)).toEqual([])
  })
  test.each([
    ['lr', '2e-4', 0.0002],
    ['lr', ' 0,001 ', 0.001],
    ['batchTokens', '2 048', 2048],
    ['batchTokens', '2_048', 2048],
    ['epochs', '.5', 0.5],
  ] as const)('in %s as "%s" is %d', (key, typed, value) => {
    expect(readDraft(changeDraft(draft, key, typed)).settings?.[key]).toBe(value)
  })
  test.each([
    ['lr', '', 'empty'],
    ['lr', 'fast', 'no-number'],
    ['lr', '0', 'too-small'],
    ['rank', '1.5', 'no-whole-number'],
    ['rank', '4096', 'too-large'],
    ['rank', '0x10', 'no-number'],
    ['heldout', '-0.1', 'too-small'],
  ] as const)('in %s as "%s" is refused: %s', (key, typed, type) => {
    const { settings, problems } = readDraft(changeDraft(draft, key, typed))
    expect(settings).toBeNull()
    expect(Object.entries(problems).map(([name, problem]) => [name, problem.type])).toEqual([[key, type]])
  })
  test('as no limit of steps leaves the limit out', () => {
    expect(readDraft(changeDraft(draft, 'maxSteps', '')).settings).not.toHaveProperty('maxSteps')
    expect(readDraft(changeDraft(draft, 'maxSteps', '12')).settings?.maxSteps).toBe(12)
  })
})

describe('what was used last', () => {
  test('comes back in its project, and in no other', () => {
    const memory = memoryOf()
    remember(memory, '/a', { student: '/m.gguf', settings: { ...DEFAULTS, lr: 0.01, maxSteps: 3 }, defaults: DEFAULTS })
    expect(recall(memory, '/a')).toEqual({ student: '/m.gguf', settings: { lr: 0.01, maxSteps: 3 } })
    expect(recall(memory, '/b')).toEqual({ student: null, settings: {} })
  })
  test('holds no default, so that a better default comes through', () => {
    const memory = memoryOf()
    remember(memory, '/a', { student: null, settings: DEFAULTS, defaults: DEFAULTS })
    expect(recall(memory, '/a').settings).toEqual({})
  })
  test.each(['', '{', '[]', '{"student":1,"settings":{}}', '{"student":null,"settings":{"lr":-1}}'])('damaged as %s is nothing', (text) => {
    expect(recall({ getItem: () => text, setItem: () => {} }, '/a')).toEqual({ student: null, settings: {} })
  })
})

test('names of layers come back as names, a group as a group, and no teacher is left out', () => {
  const named = draftOf({ ...DEFAULTS, targets: ['attn_q', 'attn_v'], teacher: '/p/teachers/t.topk' })
  expect(readDraft(named).settings).toMatchObject({ targets: ['attn_q', 'attn_v'], teacher: '/p/teachers/t.topk' })
  const plain = readDraft(changeDraft(changeDraft(named, 'targets', 'mlp'), 'teacher', '')).settings
  expect(plain?.targets).toBe('mlp')
  expect(plain).not.toHaveProperty('teacher')
})

test('the first setting that is wrong is told in the order of the form, with how many there are', () => {
  const draft = draftOf(DEFAULTS)
  expect(firstProblem(readDraft(draft))).toBeNull()
  const wrong = changeDraft(changeDraft(draft, 'alpha', '-1'), 'lr', 'much')
  expect(firstProblem(readDraft(wrong))).toEqual({ key: 'lr', problem: { type: 'no-number' }, count: 2 })
})
