// Stages and gates of a run by a plan, and charts of what only some losses measure.
import { describe, expect, test } from 'vitest'
import { ALERT_COLOURS, ALERT_LOOKS } from '../../../src/renderer/train/alertLooks.ts'
import { lossCharts } from '../../../src/renderer/train/chartLines.ts'
import { applyRunEvent } from '../../../src/renderer/train/runModel.ts'
import { alertMarksOf, bandsOf, gateMarksOf, marksNear } from '../../../src/renderer/train/stageBands.ts'
import { planSchema } from '../../../src/shared/records/plan.ts'
import { stepOf, viewOf } from './fixtures.ts'

const plan = planSchema.parse({
  version: 1, name: 'p', stages: [{ name: 'easy', gate: { actAccuracy: 0.6, every: 1, otherwise: 'advance' } }, { name: 'hard' }],
})

describe('bands', () => {
  test('are the stages as far as the run has come, joined without a gap', () => {
    const metrics = [1, 2, 3, 4, 5].map((step) => stepOf(step, { stage: step < 4 ? 0 : 1 }))
    expect(bandsOf({ metrics, plan }).map(({ name, from, to }) => [name, from, to])).toEqual([['easy', 0, 3], ['hard', 3, 5]])
    expect(bandsOf({ metrics: metrics.slice(0, 2), plan })).toHaveLength(1)
  })
  test('of a run without a plan are none', () => expect(bandsOf({ metrics: [stepOf(1)] })).toEqual([]))
})

test('a decision at a gate is a mark, and one that is made again replaces the first', () => {
  const decision = { stage: 0, step: 2, actAccuracy: 0.5, decision: 'wait' as const }
  const before = { view: viewOf({ plan, gates: [decision] }), error: null, gone: false }
  const after = applyRunEvent(before, { type: 'gate', decision: { ...decision, actAccuracy: 0.7, decision: 'open' } })
  expect(after.view && gateMarksOf(after.view)).toEqual([{ ...decision, actAccuracy: 0.7, decision: 'open', wanted: 0.6 }])
  expect(gateMarksOf({ gates: [{ ...decision, stage: 1 }], plan })).toEqual([])
})

test('alerts are marks in the order of their steps, one of a type at a step, found by the step under the cursor', () => {
  const alert = (step: number, type: 'spike' | 'nan-skip', text: string) => ({ at: '2026-01-01T10:00:00.000Z', step, type, text })
  const marks = alertMarksOf({ alerts: [alert(7, 'spike', 'a'), alert(3, 'nan-skip', 'b'), alert(7, 'spike', 'again')] }, ({ type, text }) => `${type}: ${text}`)
  expect(marks).toEqual([{ x: 3, label: 'nan-skip: b', colour: '--ui-warning' }, { x: 7, label: 'spike: again', colour: '--ui-warning' }])
  expect(marksNear(marks, 7).map(({ label }) => label)).toEqual(['spike: again'])
  expect(marksNear(marks, undefined)).toEqual([])
})

test('every alert has a colour that can be drawn', () => {
  for (const { colour } of Object.values(ALERT_LOOKS)) expect(ALERT_COLOURS[colour]).toMatch(/^--ui-/)
})

test('KL, learned weights and opposing gradients are drawn where the metrics carry them', () => {
  const kinds = { reason: 'R', act: 'A', final: 'F', end: 'E', observe: 'O', context: 'C' }
  const charts = { loss: '', heldout: '', kl: '', accuracy: '', gradNorm: '', lr: '', speed: '', weights: '', conflicts: 'X' }
  const words = { loss: '', heldout: '', agent: '', training: '', kinds, charts, baseKl: 'B' }
  expect(lossCharts({ metrics: [stepOf(1)] }, words)).toEqual([])
  const metrics = [stepOf(1, { klByKind: { reason: 0.5 }, baseKl: 0.1 }), stepOf(2, { klByKind: { reason: 0.4 }, spanWeights: { act: 1.5 }, conflicts: 0.25 })]
  const drawn = lossCharts({ metrics }, words).map(({ name, lines }) => [name, lines.map(({ label, curve }) => [label, curve.x, curve.y])])
  expect(drawn).toEqual([
    ['kl', [['R', [1, 2], [0.5, 0.4]], ['B', [1], [0.1]]]],
    ['weights', [['A', [2], [1.5]]]],
    ['conflicts', [['X', [2], [0.25]]]],
  ])
})
