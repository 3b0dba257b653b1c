// The household's expert: solves what it is given by what it has seen, from any state, in varied words; slips are mended.
import { expect, test } from 'vitest'
import { createRandom, type Random } from '../../../../src/core/random.ts'
import { type Belief, knownOf, learn, NOTHING_SEEN } from '../../../../src/core/suites/household/belief.ts'
import { householdExpert } from '../../../../src/core/suites/household/expert.ts'
import { household } from '../../../../src/core/suites/household/index.ts'
import type { GoalKind } from '../../../../src/core/suites/household/lexicon.ts'
import { makeRoom, type Room } from '../../../../src/core/suites/household/room.ts'
import { TRAIN_LEXICON } from '../../../../src/core/suites/household/trainLexicon.ts'
import { type ActionName, ACTIONS, startOf, type State } from '../../../../src/core/suites/household/world.ts'
import type { PastStep } from '../../../../src/core/suites/index.ts'
import { pick } from '../../../../src/core/suites/seeds.ts'
import { expertRun, problemsOf } from '../../../support/expertRun.ts'

const KINDS: readonly GoalKind[] = ['put', 'light', 'clean', 'heat', 'cool', 'two']
const rooms = (count: number): Room[] =>
  Array.from({ length: count }, (_, index) => makeRoom({ lexicon: TRAIN_LEXICON, goal: KINDS[index % KINDS.length]!, size: 'full', side: null, random: createRandom(index) }))

test.each(['train', 'held-out', 'ood'] as const)('%s: every task of a dozen is solved without a failure, and with slips that are mended', async (split) => {
  for (const problem of problemsOf(household, split, 12)) {
    const plain = await expertRun({ suite: household, problem, settings: { recovery: 0 } })
    expect(plain.episode.outcome, problem.task.id).toMatchObject({ success: true, reward: 1 })
    expect(plain.events.filter((event) => event.type === 'observation' && event.status !== 'ok'), problem.task.id).toEqual([])
    const slips = await expertRun({ suite: household, problem, settings: { recovery: 1 } })
    expect(slips.episode.outcome, problem.task.id).toMatchObject({ success: true })
    expect(slips.episode.steps, problem.task.id).toBeGreaterThanOrEqual(plain.episode.steps)
    expect(slips.episode.steps).toBeLessThanOrEqual(26)
  }
})

/** Any action on any name that there is. */
function anyAction(room: Room, state: State, random: Random): [ActionName, string] {
  const name = pick(Object.keys(ACTIONS) as ActionName[], random)
  const things = Object.values(state.contents).flat().concat(state.hand ?? [])
  const here = state.at === null ? [] : [state.at, ...(state.contents[state.at] ?? [])]
  return [name, random.next() < 0.5 && here.length > 0 ? pick(here, random) : pick([...room.places.map((place) => place.name), ...things], random)]
}

/** What is believed is so; what is not known is absent. */
function expectTrue(belief: Belief, state: State, room: Room): void {
  expect(belief.at).toBe(state.at)
  expect(belief.hand).toBe(state.hand)
  for (const [name, held] of Object.entries(belief.contents)) expect(held.toSorted(), name).toEqual(state.contents[name]!.toSorted())
  for (const [name, shut] of Object.entries(belief.shut)) expect(shut, name).toBe(!state.open.includes(name))
  for (const place of room.places) if (belief.lit.includes(place.name)) expect(state.lit).toContain(place.name)
  for (const [thing, done] of Object.entries(belief.done)) expect(done, thing).toEqual(state.done[thing])
}

test('what it believes after any actions is true, and from there it still reaches the goal', () => {
  for (const [index, room] of rooms(60).entries()) {
    const random = createRandom(1000 + index)
    const expert = householdExpert({ task: `walk ${index}`, known: knownOf(room), lexicon: TRAIN_LEXICON, seed: 0, options: { recovery: 0 } })
    let state = startOf(room)
    let belief = NOTHING_SEEN
    let reached = false
    const steps: PastStep[] = []
    const act = (name: ActionName, argument: string): void => {
      const happening = ACTIONS[name](room, state, argument)
      state = happening.state ?? state
      reached ||= happening.reached ?? false
      belief = learn(belief, happening.text)
      steps.push({ text: '', calls: [{ name, argument }], observations: [happening.text] })
    }
    for (let k = 0; k < 40 && !reached; k++) {
      act(...anyAction(room, state, random))
      expectTrue(belief, state, room)
    }
    for (let k = 0; k < 30 && !reached; k++) {
      const decision = expert.next(steps)
      if (!('calls' in decision)) throw new Error('no call')
      const { name, arguments: json } = decision.calls[0]!
      act(name as ActionName, Object.values(JSON.parse(json) as Record<string, string>)[0] ?? '')
    }
    expect(reached, `room ${index}, ${room.goal.kind}: ${steps.at(-1)?.observations.join()}`).toBe(true)
  }
})

test('it knows of a room what the question says, and nothing of where things are', () => {
  for (const room of rooms(12)) {
    expect(knownOf({ ...room, contents: {} })).toEqual(knownOf(room))
    expect(JSON.stringify(knownOf(room))).not.toMatch(/opens|contents/)
  }
})

test('thoughts: goal and hand in each, words that vary with the seed and not with anything else; slips are marked', () => {
  const [problem] = problemsOf(household, 'train', 1)
  const first = (seed: number, options = {}): string => problem!.expert!(seed, options).next([]).thought
  expect(first(3)).toBe(first(3))
  expect(new Set(Array.from({ length: 30 }, (_, seed) => first(seed))).size).toBeGreaterThan(8)
  expect(first(3, { restate: 0 }).length).toBeLessThan(first(3, { restate: 1 }).length)
})

test('with slips an episode has one, or two that belong together, marked as mistakes; without, none', () => {
  const marks = (room: Room, recovery: number, seed: number): number => {
    const expert = householdExpert({ task: 'slips', known: knownOf(room), lexicon: TRAIN_LEXICON, seed, options: { recovery } })
    let state = startOf(room)
    let count = 0
    const steps: PastStep[] = []
    for (let reached = false; !reached; ) {
      const decision = expert.next(steps)
      if (!('calls' in decision)) throw new Error('no call')
      const { name, arguments: json } = decision.calls[0]!
      const happening = ACTIONS[name as ActionName](room, state, Object.values(JSON.parse(json) as Record<string, string>)[0] ?? '')
      if (decision.mistake) count += 1
      if (happening.status === 'failed') expect(decision.mistake).toBe(true)
      steps.push({ text: '', calls: [{ name, argument: '' }], observations: [happening.text] })
      state = happening.state ?? state
      reached = happening.reached ?? false
    }
    return count
  }
  const counts = rooms(60).map((room, seed) => marks(room, 1, seed))
  expect(new Set(counts)).toEqual(new Set([1, 2]))
  expect(rooms(12).map((room, seed) => marks(room, 0, seed))).toEqual(Array(12).fill(0))
})
