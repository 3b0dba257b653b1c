// Suite twohop: the encyclopaedia, its questions and their splits, rationales, what is counted as right.
import { expect, test } from 'vitest'
import { twohop } from '../../../../src/core/suites/twohop/index.ts'
import { ATTRIBUTES } from '../../../../src/core/suites/twohop/kinds.ts'
import { questionAt } from '../../../../src/core/suites/twohop/question.ts'
import { world } from '../../../../src/core/suites/twohop/world.ts'
import { createNamer } from '../../../../src/core/suites/twohop/names.ts'
import { createRandom } from '../../../../src/core/random.ts'

const SPLITS = ['train', 'held-out', 'ood'] as const
const problems = (split: (typeof SPLITS)[number], count: number) => Array.from({ length: count }, (_, index) => twohop.problem({ split, seed: 11, index }))

/** All runs of eight words. */
function eights(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.slice(7).map((_, at) => words.slice(at, at + 8).join(' '))
}

test('2,000 articles with titles of their own; each says what it is about and what is known', () => {
  const { articles, halves } = world()
  expect(articles.length).toBe(2000)
  expect(new Set(articles.map(({ title }) => title)).size).toBe(2000)
  const text = new Map(articles.map((article) => [article.title, article.text]))
  for (const { things } of halves) {
    for (const thing of Object.values(things).flat()) {
      const own = text.get(thing.title)!.replaceAll(',', '')
      expect(own.startsWith(thing.name), thing.title).toBe(true)
      for (const value of Object.values(thing.facts)) expect(own, `${thing.title}: ${value}`).toContain(value)
    }
  }
})

test('the halves know nothing of each other', () => {
  const [first, second] = world().halves.map(({ things }) => Object.values(things).flat())
  const names = (half: typeof first): Set<string> => new Set(half!.flatMap(({ name }) => name.split(' ')[0]!))
  const [ours, theirs] = [names(first), names(second)]
  expect([...ours].filter((name) => theirs.has(name))).toEqual([])
  const things = new Set(second!.map(({ name }) => name))
  for (const { title, facts } of first!) for (const value of Object.values(facts)) expect(things.has(value), `${title}: ${value}`).toBe(false)
})

test('each sentence of an attribute holds one of the words by which it is looked up, and is read by no other of its kind', () => {
  for (const { kind, name, sentences, keys } of ATTRIBUTES) {
    for (const sentence of sentences) {
      expect(keys.some((key) => sentence.includes(key)), sentence).toBe(true)
      const others = ATTRIBUTES.filter((other) => other.kind === kind && other.name !== name).flatMap((other) => other.sentences)
      expect(others).not.toContain(sentence)
    }
  }
})

test('the same place gives the same task; other places give others', () => {
  const place = { split: 'train', seed: 3, index: 8 } as const
  expect(twohop.problem(place).task).toEqual(twohop.problem(place).task)
  expect(twohop.problem(place).task.id).toBe('twohop/train/3/8')
  expect(new Set(problems('train', 300).map(({ task }) => task.question)).size).toBeGreaterThan(285)
})

test('no eight words in a row of a question of training stand in one of held-out or ood', () => {
  const seen = new Set(problems('train', 1500).flatMap(({ task }) => eights(task.question)))
  expect(seen.size).toBeGreaterThan(500)
  for (const split of ['held-out', 'ood'] as const) {
    expect(problems(split, 600).flatMap(({ task }) => eights(task.question)).filter((words) => seen.has(words))).toEqual([])
  }
})

test('families: held-out has those of training, ood none of them; each is drawn, and declared', () => {
  const drawn = Object.fromEntries(SPLITS.map((split) => [split, new Set(problems(split, 1200).map(({ task }) => task.family))]))
  expect([...drawn['train']!].sort()).toEqual([...twohop.families.train].sort())
  expect([...drawn['held-out']!].sort()).toEqual([...twohop.families.train].sort())
  expect([...drawn['ood']!].sort()).toEqual([...twohop.families.ood].sort())
  expect(twohop.families.ood.filter((family) => twohop.families.train.includes(family))).toEqual([])
})

test('the answer follows from the facts of the half that the split asks about, and the rationale ends with it', () => {
  for (const split of SPLITS) {
    const { things } = world().halves[split === 'train' ? 0 : 1]
    for (const problem of problems(split, 120)) {
      const { plan, answer } = questionAt(problem.task)
      expect(problem.task.question).toContain(plan.type === 'bridge' ? plan.head : plan.names[0])
      if (plan.type === 'bridge') {
        const bridge = things[plan.hop.kind].find(({ name }) => name === plan.head)!.facts[plan.hop.name]
        expect(things[plan.ask.kind].find(({ name }) => name === bridge)!.facts[plan.ask.name]).toBe(answer.replaceAll(',', ''))
      }
      const lines = problem.rationale!(4).split('\n')
      expect(lines.at(-1)).toBe(`Answer: ${answer}`)
      expect(lines[0]).not.toMatch(/[{}]|undefined/)
    }
  }
})

test('right answers: words as exact match counts them, numbers by their value', () => {
  const scored = (answer: string, given: string): boolean => twohop.foreign!({ question: 'Q?', answer, id: 'x/1' }).scoreAnswer!(given)
  expect(scored('40,500', '40500')).toBe(true)
  expect(scored('433', '433 kilometres')).toBe(true)
  expect(scored('Peleth Academy', 'the Peleth Academy.')).toBe(true)
  for (const [answer, given] of [['40,500', '40,501'], ['yes', 'no'], ['Peleth Academy', 'Peleth'], ['Zenis', '']] as const) expect(scored(answer, given), given).toBe(false)
})

test('no name is given twice', () => {
  const namer = createNamer(createRandom(1))
  const names = Array.from({ length: 2000 }, () => namer.word(['a', 'en']))
  expect(new Set(names).size).toBe(2000)
})
