// The charts' lines: one run by kind, several runs by measure, the held-out side on the same steps.
import { describe, expect, test } from 'vitest'
import { comparedLines, figureText, heldoutLines, lossLines, smallLines, stepsOf, tickText, valueText } from '../../../src/renderer/train/chartLines.ts'
import { assignColours, colourOf } from '../../../src/renderer/train/runColours.ts'
import { train } from '../../../src/renderer/i18n/en/train.ts'
import { pointOf, rowOf, stepOf, viewOf } from './fixtures.ts'

const words = { loss: 'Loss', heldout: 'Held-out', agent: 'Agent, all', training: 'Training', kinds: train.kinds, charts: train.charts }
const places = assignColours(new Map(), [rowOf().id, 'other'])
const colours = (run: string): string => colourOf(places, run)
const metrics = [1, 2, 3].map((step) => stepOf(step, step === 1 ? { byKind: { reason: 3, act: 1, observe: 5 } } : {}))
const view = viewOf({ metrics, heldout: [pointOf(3, 1), pointOf(0, 2)] })

describe('one run', () => {
  const lines = lossLines(view, words)
  test('has a line for the loss, for each kind that was measured, and for the held-out side', () => {
    expect(lines.map(({ id, dashed = false }) => [id, dashed])).toEqual([
      ['total', false], ['reason', false], ['act', false], ['observe', true], ['heldout', false],
    ])
  })
  test('has observe only where it was measured, and held-out points in order from step 0', () => {
    expect(lines.find(({ id }) => id === 'observe')?.curve).toEqual({ x: [1], y: [5] })
    expect(lines.find(({ id }) => id === 'heldout')?.curve).toEqual({ x: [0, 3], y: [2, 1] })
  })
  test('is trained on observe where the recipe says so: then it is a line like the others', () => {
    const all = viewOf({ metrics, trainedOn: { ...view.trainedOn, counts: { reason: 1, act: 1, observe: 9 } } })
    expect(lossLines(all, words).find(({ id }) => id === 'observe')?.dashed).toBeUndefined()
  })
  test('has its accuracy beside that of the held-out side, and its speed in tokens a second', () => {
    expect(smallLines('accuracy', [view], { names: ['x'], colours, words }).map(({ label, curve }) => [label, curve.y])).toEqual([
      ['Training', [0.5, 0.5, 0.5]],
      ['Held-out', [0.25, 0.25]],
    ])
    expect(smallLines('speed', [view], { names: ['x'], colours, words })[0]?.curve.y).toEqual([50, 50, 50])
  })
})

test('the held-out side has a line for each kind that it holds, and one for all the agent wrote', () => {
  const point = pointOf(0, 2)
  const { agent, byKind } = point.result
  const lines = heldoutLines({ ...view, heldout: [pointOf(3, 1), point] }, words)
  expect(lines.map(({ id }) => id)).toEqual(['agent', ...Object.keys(byKind)])
  expect(lines[0]).toMatchObject({ label: 'Agent, all', curve: { x: [0, 3], y: [agent.nll, 1] }, points: true })
  expect(heldoutLines(viewOf({ metrics, heldout: [] }), words)).toEqual([])
})

test('charts beside each other have the same steps: from the first of any to the last of any', () => {
  expect(stepsOf([view, viewOf({ metrics: [4, 5].map((step) => stepOf(step)), heldout: [] })])).toEqual({ min: 0, max: 5 })
  expect(stepsOf([viewOf({ metrics: [stepOf(1)], heldout: [] })])).toBeNull()
})

describe('several runs', () => {
  const other = viewOf({ row: rowOf({ id: 'other' }), metrics: metrics.slice(0, 2) })
  test('have a line each, of the measure that is compared, in a colour each', () => {
    const lines = comparedLines([view, other], { measure: 'act', names: ['one', 'two'], colours, words })
    expect(lines.map(({ label, colour }) => [label, colour])).toEqual([['one', '--run-1'], ['one, Held-out', '--run-1'], ['two', '--run-2']])
    expect(lines[2]?.curve).toEqual({ x: [1, 2], y: [1, 0.5] })
    expect(lines[1]?.curve.y).toEqual([1, 0.5])
  })
  test('have names of their own for lines, whatever they are called', () => {
    const ids = comparedLines([view, other], { measure: 'total', names: ['same', 'same'], colours, words }).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

test('figures have their unit, ticks do not', () => {
  expect(figureText('loss', 1.23456)).toBe('1.2346 nats/token')
  expect(figureText('accuracy', 0.8472)).toBe('84.7 %')
  expect(figureText('lr', 0.0002)).toBe('2.00e-4')
  expect(figureText('speed', 412.3)).toBe('412 tokens/s')
  expect([valueText('loss', 1.23456), valueText('accuracy', 0.8472), valueText('speed', 412.3), valueText('lr', 0.0002)]).toEqual(['1.2346', '84.7 %', '412', '2.00e-4'])
  expect(tickText('accuracy', 0.7)).toBe('70')
  expect(tickText('lr', 0.001)).toBe('1e-3')
  expect(tickText('lr', 0)).toBe('0')
})

describe("a run's colour", () => {
  const of = (places: ReturnType<typeof assignColours>, ids: string): string[] => [...ids].map((id) => colourOf(places, id))
  test('stays its own whichever run is open, and whatever joins or leaves', () => {
    const first = assignColours(new Map(), ['a', 'b', 'c'])
    const [a, b, c] = of(first, 'abc')
    const other = assignColours(first, ['c', 'a', 'b'])
    expect(of(other, 'abc')).toEqual([a, b, c])
    const without = assignColours(other, ['c', 'b', 'd'])
    expect(of(without, 'bc')).toEqual([b, c])
    expect(of(assignColours(without, ['a', 'd']), 'a')).toEqual([a])
  })
  test('is given to another run only when all are taken, and never to two on the charts', () => {
    let places = assignColours(new Map(), [])
    for (const id of 'abcdefghij') places = assignColours(places, ['a', id])
    expect(new Set(of(places, 'aj')).size).toBe(2)
  })
})
