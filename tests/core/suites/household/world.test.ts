// The rules of the household: what each action does, what it refuses and how it says so.
import { expect, test } from 'vitest'
import { type Goal, type Place, type Room } from '../../../../src/core/suites/household/room.ts'
import { type ActionName, ACTIONS, startOf, type State } from '../../../../src/core/suites/household/world.ts'

const place = (name: string, parts: Partial<Place> = {}): Place => ({ name, kind: name.split(' ')[0]!, at: 'on', opens: false, does: null, ...parts })
const DRAWER = place('drawer 1', { at: 'in', opens: true })
const LAMP = place('lamp 1', { does: 'light' })
const PLACES = [place('table 1'), DRAWER, place('sink 1', { at: 'in', does: 'clean' }), place('stove 1', { does: 'heat' }), place('fridge 1', { at: 'in', opens: true, does: 'cool' }), LAMP]

const room = (goal: Partial<Goal>): Room => ({
  kind: 'kitchen',
  places: PLACES,
  goal: { kind: 'put', thing: 'mug', plural: 'mugs', count: 1, target: DRAWER, treatment: null, ...goal },
  contents: { 'table 1': ['mug 1', 'mug 2', 'fork 1'], 'drawer 1': ['key 1'], 'sink 1': [], 'stove 1': [], 'fridge 1': [] },
})

function walk(of: Room, calls: readonly (readonly [ActionName, string])[]): { said: string[]; state: State; reached: boolean[] } {
  let state = startOf(of)
  const said: string[] = []
  const reached: boolean[] = []
  for (const [name, argument] of calls) {
    const before = JSON.stringify(state)
    const happening = ACTIONS[name](of, state, argument)
    expect(JSON.stringify(state), 'a state is never changed in place').toBe(before)
    said.push(`${happening.status === 'ok' ? '' : 'failed: '}${happening.text}`)
    reached.push(happening.reached ?? false)
    state = happening.state ?? state
  }
  return { said, state, reached }
}

test('a thing is found, taken, and put into a place that must be opened first', () => {
  const { said, state, reached } = walk(room({}), [['look', ''], ['take', 'mug 1'], ['go', 'table 1'], ['take', 'mug 1'], ['take', 'mug 2'], ['inventory', ''], ['go', 'drawer 1'], ['put', 'mug 1'], ['open', 'drawer 1'], ['put', 'mug 1']])
  expect(said).toEqual([
    'You are in the middle of the room. Places: table 1, drawer 1, sink 1, stove 1, fridge 1, lamp 1.',
    'failed: You are at no place. Go to one first.',
    'On table 1: mug 1, mug 2, fork 1.',
    'You take mug 1 from table 1.',
    'failed: You hold mug 1. Put it down first.',
    'You hold mug 1.',
    'drawer 1 is closed.',
    'failed: drawer 1 is closed. Open it first.',
    'drawer 1 is open. In drawer 1: key 1.',
    'You put mug 1 in drawer 1. Goal reached.',
  ])
  expect(reached).toEqual([...Array<boolean>(9).fill(false), true])
  expect(state.contents['drawer 1']).toEqual(['key 1', 'mug 1'])
})

test('names are read as agents write them; what is not there is refused with what is', () => {
  const { said } = walk(room({}), [['go', 'The Table1'], ['take', 'the fork'], ['take', 'mug'], ['put', 'fork 1'], ['take', 'mug'], ['go', 'sofa 1'], ['open', 'table 1'], ['open', 'drawer 1'], ['take', 'spoon 1'], ['put', 'mug 1'], ['close', 'table 1']])
  expect(said).toEqual([
    'On table 1: mug 1, mug 2, fork 1.',
    'You take fork 1 from table 1.',
    'failed: You hold fork 1. Put it down first.',
    'You put fork 1 on table 1.',
    'failed: There is no mug here. On table 1: mug 1, mug 2, fork 1.',
    'failed: There is no sofa 1. Places: table 1, drawer 1, sink 1, stove 1, fridge 1, lamp 1.',
    'failed: table 1 cannot be opened. On table 1: mug 1, mug 2, fork 1.',
    'failed: You are not at drawer 1. Go there first.',
    'failed: There is no spoon 1 here. On table 1: mug 1, mug 2, fork 1.',
    'failed: You hold nothing. Take it first.',
    'failed: table 1 cannot be closed.',
  ])
})

test('a thing that was not treated does not reach the goal, and the world says what is missing', () => {
  const goal = { kind: 'clean', treatment: 'clean', target: DRAWER } as const
  const { said } = walk(room(goal), [['go', 'table 1'], ['take', 'mug 1'], ['clean', 'mug 1'], ['go', 'drawer 1'], ['open', 'drawer 1'], ['put', 'mug 1'], ['take', 'mug 1'], ['go', 'sink 1'], ['clean', 'fork 1'], ['clean', 'mug 1'], ['examine', 'mug 1'], ['go', 'drawer 1'], ['put', 'mug 1']])
  expect(said.slice(2)).toEqual([
    'failed: You cannot clean here. Go to sink 1.',
    'drawer 1 is closed.',
    'drawer 1 is open. In drawer 1: key 1.',
    'You put mug 1 in drawer 1. It is not clean.',
    'You take mug 1 from drawer 1.',
    'In sink 1: nothing.',
    'failed: You do not hold fork 1. You hold mug 1.',
    'You clean mug 1 at sink 1.',
    'mug 1 is clean. There is no light here.',
    'In drawer 1: key 1.',
    'You put mug 1 in drawer 1. Goal reached.',
  ])
})

test('cooling undoes heating, and cleaning stays', () => {
  const calls = [['go', 'table 1'], ['take', 'mug 1'], ['go', 'sink 1'], ['clean', 'mug 1'], ['go', 'stove 1'], ['heat', 'mug 1'], ['go', 'fridge 1'], ['cool', 'mug 1']] as const
  expect(walk(room({}), calls.slice(0, 6)).state.done['mug 1']).toEqual(['clean', 'heat'])
  expect(walk(room({}), calls).state.done['mug 1']).toEqual(['clean', 'cool'])
})

test('two things are counted where they are wanted, each once', () => {
  const carry = (thing: string) => [['go', 'table 1'], ['take', thing], ['go', 'sink 1'], ['put', thing]] as const
  const { said, reached } = walk(room({ kind: 'two', count: 2, target: PLACES[2]! }), [...carry('mug 1'), ['take', 'mug 1'], ['put', 'mug 1'], ...carry('fork 1'), ...carry('mug 2')])
  expect(said.filter((text) => text.startsWith('You put'))).toEqual([
    'You put mug 1 in sink 1. 1 more mug to go.', 'You put mug 1 in sink 1. 1 more mug to go.', 'You put fork 1 in sink 1.', 'You put mug 2 in sink 1. Goal reached.',
  ])
  expect(reached.indexOf(true)).toBe(reached.length - 1)
})

test('a thing is examined by a light that is lit, held in the hand', () => {
  const { said, reached } = walk(room({ kind: 'light', target: LAMP }), [['use', 'lamp 1'], ['go', 'table 1'], ['use', 'table 1'], ['take', 'mug 2'], ['examine', 'mug 2'], ['go', 'lamp 1'], ['examine', 'mug 2'], ['put', 'mug 2'], ['use', 'lamp 1'], ['examine', 'fork 1'], ['look', ''], ['examine', 'mug 2']])
  expect(said).toEqual([
    'failed: You are not at lamp 1. Go there first.',
    'On table 1: mug 1, mug 2, fork 1.',
    'failed: table 1 gives no light.',
    'You take mug 2 from table 1.',
    'mug 2 is as it was found. There is no light here.',
    'lamp 1 is unlit.',
    'mug 2 is as it was found. There is no light here.',
    'failed: Nothing can be put on lamp 1.',
    'lamp 1 is lit.',
    'failed: You do not hold fork 1. You hold mug 2.',
    'lamp 1 is lit.',
    'You examine mug 2 under lamp 1. Goal reached.',
  ])
  expect(reached.at(-1)).toBe(true)
})
