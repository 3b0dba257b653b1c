// The form's settings: what was typed, what it means, what is wrong with it, and what is remembered for the next run.
import { z } from 'zod'
import type { RecipeName } from '../../shared/records/recipe.ts'
import { settingsShapeSchema, type TrainSettings } from '../../shared/records/run.ts'
import { FIELDS, type FieldKey, type NumberField } from './settingFields.ts'

/** As typed or chosen; a switch is 'true' or 'false'. */
export type Draft = { readonly recipe: RecipeName; readonly values: Readonly<Record<FieldKey, string>> }

export type Problem =
  | { readonly type: 'empty' | 'no-number' | 'no-whole-number' }
  | { readonly type: 'too-small'; readonly min: number; readonly above: boolean }
  | { readonly type: 'too-large'; readonly max: number }

export type Reading = {
  /** Given settings; what is left open is not in it. null while something is wrong. */
  readonly settings: Partial<TrainSettings> | null
  readonly problems: Readonly<Partial<Record<FieldKey, Problem>>>
}

/** Short numbers stay readable: 0.0002, not 2e-4 and not 0.00020000000000000001. */
const shown = (value: string | number | boolean | readonly string[] | undefined): string => (value === undefined ? '' : String(value))

export const draftOf = (settings: TrainSettings): Draft => ({
  recipe: settings.recipe,
  values: Object.fromEntries(FIELDS.map(({ key }) => [key, shown(settings[key])])) as Record<FieldKey, string>,
})

export const changeDraft = (draft: Draft, key: FieldKey, value: string): Draft => ({ ...draft, values: { ...draft.values, [key]: value } })

/** What a number may be. */
export type NumberRule = Pick<NumberField, 'whole' | 'min' | 'max' | 'above' | 'optional'>

/** A decimal comma is a comma of the hand, not an error. */
export function readNumber(typed: string, field: NumberRule): number | undefined | Problem {
  const text = typed.trim().replaceAll(/[\s_]/g, '').replace(/^(-?\d*),(\d+)$/, '$1.$2')
  if (text === '') return field.optional ? undefined : { type: 'empty' }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return { type: 'no-number' }
  const value = Number(text)
  if (!Number.isFinite(value)) return { type: 'too-large', max: field.max }
  if (field.whole && !Number.isInteger(value)) return { type: 'no-whole-number' }
  const above = field.above ?? false
  if (value < field.min || (above && value === field.min)) return { type: 'too-small', min: field.min, above }
  return value > field.max ? { type: 'too-large', max: field.max } : value
}

export function readDraft(draft: Draft): Reading {
  const problems: Partial<Record<FieldKey, Problem>> = {}
  const settings: Record<string, unknown> = { recipe: draft.recipe }
  for (const field of FIELDS) {
    const typed = draft.values[field.key]
    switch (field.type) {
      case 'number': {
        const read = readNumber(typed, field)
        if (typeof read === 'object') problems[field.key] = read
        else if (read !== undefined) settings[field.key] = read
        break
      }
      case 'choice':
        if (field.optional && typed === '') break
        // Names of layers, one behind the other.
        settings[field.key] = field.open && !field.choices.includes(typed) ? typed.split(',') : typed
        break
      case 'teacher':
        if (typed !== '') settings[field.key] = typed
        break
      case 'switch':
        settings[field.key] = typed === 'true'
    }
  }
  return { settings: Object.keys(problems).length > 0 ? null : settings, problems }
}

/** What is wrong with the first of the fields, in their order on the form, and with how many. */
export function firstProblem({ problems }: Pick<Reading, 'problems'>): { readonly key: FieldKey; readonly problem: Problem; readonly count: number } | null {
  const keys = FIELDS.flatMap(({ key }) => (problems[key] ? [key] : []))
  const [key] = keys
  const problem = key && problems[key]
  return key && problem ? { key, problem, count: keys.length } : null
}

/** Fields that do not have their default. */
export const changedFields = (draft: Draft, defaults: TrainSettings): FieldKey[] => {
  const plain = draftOf(defaults).values
  return FIELDS.flatMap(({ key }) => (draft.values[key].trim() === plain[key] ? [] : [key]))
}

const rememberedSchema = z.object({ student: z.string().nullable(), settings: settingsShapeSchema.partial() })
export type Remembered = z.infer<typeof rememberedSchema>

/** A place for texts by name, as the browser's localStorage is. */
export type Memory = { getItem(name: string): string | null; setItem(name: string, text: string): void }

const memoryName = (folder: string): string => `retort-train:${folder}`

/** Only what differs from the defaults is kept, so that better defaults of a later version come through. */
export function remember(memory: Memory, folder: string, last: { student: string | null; settings: Partial<TrainSettings>; defaults: TrainSettings }): void {
  const { student, settings, defaults } = last
  const own = Object.entries(settings).filter(([key, value]) => value !== defaults[key as keyof TrainSettings])
  memory.setItem(memoryName(folder), JSON.stringify({ student, settings: Object.fromEntries(own) }))
}

/** What was used last in a project; nothing where that cannot be read. */
export function recall(memory: Memory, folder: string): Remembered {
  const none: Remembered = { student: null, settings: {} }
  try {
    return rememberedSchema.catch(none).parse(JSON.parse(memory.getItem(memoryName(folder)) ?? 'null'))
  } catch {
    return none
  }
}

