// The shop's expert, the splits of the shop's tasks, and what a purchase is worth.
import { expect, test } from 'vitest'
import { createRandom } from '../../../../src/core/random.ts'
import { STYLES } from '../../../../src/core/agent/index.ts'
import type { PastStep, Problem } from '../../../../src/core/suites/index.ts'
import { pick } from '../../../../src/core/suites/seeds.ts'
import { makeCatalogue } from '../../../../src/core/suites/shop/catalogue.ts'
import { shop } from '../../../../src/core/suites/shop/index.ts'
import { makeNeed, type NeedShape, sideOf } from '../../../../src/core/suites/shop/need.ts'
import { shopExpert } from '../../../../src/core/suites/shop/expert.ts'
import type { Lexicon } from '../../../../src/core/suites/shop/lexicon.ts'
import { OOD_LEXICON } from '../../../../src/core/suites/shop/oodLexicon.ts'
import { buy, choose, type Happening, nextPage, openProduct, search, START, type State } from '../../../../src/core/suites/shop/store.ts'
import { TRAIN_LEXICON } from '../../../../src/core/suites/shop/trainLexicon.ts'
import { eightGrams, expertRun, problemsOf } from '../../../support/expertRun.ts'

test.each(['train', 'held-out', 'ood'] as const)('%s: every order is met without a failure, and with a slip that is mended', async (split) => {
  for (const problem of problemsOf(shop, split, 10)) {
    const plain = await expertRun({ suite: shop, problem, settings: { recovery: 0 } })
    expect(plain.episode.outcome, problem.task.id).toMatchObject({ success: true, reward: 1 })
    expect(plain.events.filter((event) => event.type === 'observation' && event.status !== 'ok'), problem.task.id).toEqual([])
    const slip = await expertRun({ suite: shop, problem, settings: { recovery: 1 } })
    expect(slip.episode.outcome, problem.task.id).toMatchObject({ success: true })
    expect(slip.episode.steps, problem.task.id).toBe(plain.episode.steps + 1)
  }
})

const SHAPE: NeedShape = { make: true, features: [1, 2], options: [1, 2], cap: true }

test('whatever a buyer did before, the expert still buys what meets the need', () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = createRandom(seed)
    const catalogue = makeCatalogue(TRAIN_LEXICON, random)
    const need = makeNeed({ catalogue, shape: SHAPE, side: null, random })
    const expert = shopExpert({ task: `walk ${seed}`, need, seed, options: { recovery: 0 } })
    const actions: Readonly<Record<string, (state: State, given: Readonly<Record<string, string>>) => Happening>> = {
      search: (state, given) => search(catalogue, state, given['words'] ?? pick(['shirt', 'glass', 'wool rug', need.category, 'nothing'], random)),
      next: (state) => nextPage(catalogue, state),
      open: (state, given) => openProduct(catalogue, state, given['product'] ?? pick([...state.found, 'p1'], random)),
      choose: (state, given) => choose(catalogue, state, { option: given['option'] ?? pick(['size', 'color'], random), value: given['value'] ?? pick(['small', 'red', 'blue'], random) }),
      buy: (state) => buy(catalogue, state),
    }
    let state = START
    let bought: Happening['bought']
    const steps: PastStep[] = []
    const act = (name: string, given: Readonly<Record<string, string>>): void => {
      const happening = actions[name]!(state, given)
      state = happening.state ?? state
      bought ??= happening.bought
      steps.push({ text: '', calls: [{ name, argument: '' }], observations: [happening.text] })
    }
    for (let k = 0; k < 15; k++) act(pick(['search', 'next', 'open', 'choose'], random), {})
    for (let k = 0; k < 40 && !bought; k++) {
      const decision = expert.next(steps)
      if (!('calls' in decision)) throw new Error('no call')
      act(decision.calls[0]!.name, JSON.parse(decision.calls[0]!.arguments) as Record<string, string>)
    }
    expect(bought?.product, `seed ${seed}`).toMatchObject({ category: need.category, make: need.make })
    expect(bought!.product.price).toBeLessThanOrEqual(need.cap!)
    expect(bought!.chosen).toMatchObject(need.options)
    for (const feature of need.features) expect(bought!.product.features).toContain(feature)
  }
})

const questions = (split: 'train' | 'held-out' | 'ood', count: number): string[] => problemsOf(shop, split, count).map(({ task }) => task.question)

test('a set of constraints belongs to training or to the held-out tasks; what is asked in one is not asked in the other', () => {
  const random = createRandom(4)
  const catalogue = makeCatalogue(TRAIN_LEXICON, random)
  const heldOut = Array.from({ length: 60 }, () => makeNeed({ catalogue, shape: SHAPE, side: 'held-out', random }))
  expect(heldOut.filter((need) => sideOf({ ...need, cap: 1, features: need.features.toReversed() }) !== 'held-out')).toEqual([])
  const train = Array.from({ length: 60 }, () => makeNeed({ catalogue, shape: SHAPE, side: 'train', random }))
  expect(train.filter((need) => sideOf(need) !== 'train')).toEqual([])
  const asked = new Set(questions('train', 150))
  expect(asked.size).toBeGreaterThan(135)
  expect(questions('held-out', 60).filter((question) => asked.has(question))).toEqual([])
})

const wordsOf = ({ categories, brands }: Lexicon): string[] => [
  ...brands,
  ...categories.flatMap(({ name, makes, features, options }) => [name, ...makes, ...features, ...Object.keys(options), ...Object.values(options).flat()]),
]

test('out of domain: no word of training on the shelves, and no eight words in a row of its orders', () => {
  const known = new Set(wordsOf(TRAIN_LEXICON))
  expect(wordsOf(OOD_LEXICON).filter((word) => known.has(word))).toEqual([])
  const trained = new Set([...questions('train', 150), ...questions('held-out', 50)].flatMap(eightGrams))
  expect(trained.size).toBeGreaterThan(1000)
  expect(questions('ood', 60).flatMap(eightGrams).filter((gram) => trained.has(gram))).toEqual([])
})

test('five tasks have every family once; the same place is the same task', () => {
  const tasks = problemsOf(shop, 'ood', 10, 3).map(({ task }) => task)
  expect(tasks.slice(0, 5).map(({ family }) => family).toSorted()).toEqual(shop.families.ood.toSorted())
  expect(problemsOf(shop, 'ood', 10, 3).map(({ task }) => task)).toEqual(tasks)
  expect(new Set(Array.from({ length: 20 }, (_, seed) => problemsOf(shop, 'train', 1)[0]!.expert!(seed).next([]).thought)).size).toBeGreaterThan(5)
})

/** The score of an episode that ended with these turns. */
const scored = (problem: Problem, reason: string, turn: object) => problem.score({ turns: [turn], end: { reason, answer: null } } as never)

test('the reward is the share of the constraints that are met by what the shop says was bought', async () => {
  const [problem] = problemsOf(shop, 'train', 5).filter(({ task }) => task.family === 'all')
  const { episode } = await expertRun({ suite: shop, problem: problem!, settings: { recovery: 0 } })
  const last = episode.turns.at(-1)!
  expect(scored(problem!, 'environment', last)).toMatchObject({ success: true, reward: 1 })
  const others = { ...last, text: last.text.replace(/with (\w+) \w+,/, 'with $1 none,').replace(/, (\w+) \w+ for/, ', $1 none for') }
  const partial = scored(problem!, 'environment', others)
  expect(partial.success).toBe(false)
  expect(partial.reward).toBeGreaterThan(0.3)
  expect(partial.reward).toBeLessThan(1)
  // Words of an agent are no purchase, nor is an answer.
  expect(scored(problem!, 'environment', { ...last, role: 'agent' })).toMatchObject({ success: false, reward: 0, detail: 'nothing was bought' })
  expect(scored(problem!, 'answer', last)).toMatchObject({ success: false, reward: 0 })
})

test('calls of two arguments are written and read in order', () => {
  const [problem] = problemsOf(shop, 'train', 1)
  const tools = problem!.kits({} as never).flatMap((kit) => kit.tools.map(({ tool }) => tool))
  const { content } = STYLES.react.write({ thought: '', calls: [{ name: 'choose', arguments: '{"option":"size","value":"large"}' }] }, tools)
  expect(content).toBe('Action: choose[size, large]')
})
