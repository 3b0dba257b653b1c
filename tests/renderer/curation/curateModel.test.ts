// What the screen makes of a curation: order and switches of filters, their fields, bars of the funnel.
import { expect, test } from 'vitest'
import { barsOf, DEFAULTS, FIELDS, listOf, moved, readShares, rowsShown, sharesText, switched, valueOf, withValue } from '../../../src/renderer/curation/curateModel.ts'
import { curation } from '../../../src/renderer/i18n/en/curation.ts'
import type { CurateJob, CurationView } from '../../../src/shared/contract/curating.ts'
import { curationFilterSchema, type FunnelRow } from '../../../src/shared/records/curation.ts'

const row = (filter: FunnelRow['filter'], before: number, out: number): FunnelRow => ({ filter, skipped: null, in: before, out, seconds: 0, reasons: [], flagged: [], notes: [] })

test('every setting of every filter has a field and a word, and no field is without a setting', () => {
  for (const filter of curationFilterSchema.options) {
    expect(FIELDS[filter].map(({ name }) => name).sort()).toEqual(Object.keys(DEFAULTS[filter]).sort())
    for (const field of FIELDS[filter]) {
      expect(curation.fields[`${filter}.${field.name}`]).toBeTruthy()
      if (field.type === 'choice' || field.type === 'set') for (const choice of field.choices) expect(curation.choices[choice]).toBeTruthy()
    }
  }
})

test('a filter that is switched on again stands where it usually does', () => {
  const off = switched(switched(DEFAULTS, 'loops', false), 'critic', false)
  expect(listOf(off).slice(-2)).toEqual([{ filter: 'critic', on: false }, { filter: 'loops', on: false }])
  expect(switched(switched(off, 'loops', true), 'critic', true).order).toEqual(DEFAULTS.order)
  expect(switched(DEFAULTS, 'loops', true).order).toEqual(DEFAULTS.order)
})

test('moving one place at a time, to the ends and no further', () => {
  const first = DEFAULTS.order[0]!
  expect(moved(DEFAULTS, first, -1)).toBe(DEFAULTS)
  const later = moved(DEFAULTS, first, 1)
  expect(later.order.slice(0, 2)).toEqual([DEFAULTS.order[1], first])
  expect(moved(later, first, -1).order).toEqual(DEFAULTS.order)
})

test('values change by the schema: what it refuses changes nothing', () => {
  expect(valueOf(withValue(DEFAULTS, 'loops', { name: 'window', value: 7 }), 'loops', 'window')).toBe(7)
  expect(withValue(DEFAULTS, 'loops', { name: 'window', value: 0 })).toBe(DEFAULTS)
})

test('shares as they are typed', () => {
  expect(readShares('react=0.5, cot=0.25\nfile name.json=1')).toBeNull()
  expect(readShares('react=0.5, cot=0.25')).toEqual({ react: 0.5, cot: 0.25 })
  expect([readShares(''), readShares('react'), readShares('react=2'), readShares('react=0')]).toEqual([{}, null, null, null])
  expect(readShares(sharesText({ react: 0.5, 'a=b.json': 1 }))).toEqual({ react: 0.5, 'a=b.json': 1 })
})

test('bars are shares of what came in first', () => {
  const bars = barsOf([row('schema', 200, 150), row('loops', 150, 150), row('secrets', 150, 100)])
  expect(bars.map(({ kept, rejected }) => [kept, rejected])).toEqual([[0.75, 0.25], [0.75, 0], [0.5, 0.25]])
  expect(barsOf([row('schema', 0, 0)])).toMatchObject([{ kept: 0, rejected: 0 }])
})

test('while it runs its rows so far are shown, else the newest curation', () => {
  const latest = { rows: [row('loops', 3, 2)] } as unknown as CurationView
  const running: CurateJob = { id: 'a', seconds: 1, state: { type: 'running', progress: { filter: 'loops', done: 1, total: 2, rows: [row('schema', 2, 2)], usage: null } } }
  expect(rowsShown(running, latest)).toEqual([row('schema', 2, 2)])
  expect(rowsShown(null, latest)).toEqual(latest.rows)
  expect(rowsShown(null, null)).toEqual([])
})
