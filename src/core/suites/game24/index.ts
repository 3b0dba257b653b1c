// Suite `game24`: four numbers, each used once, make 24.
import type { SuiteTask, TaskPlace } from '../../../shared/records/suite.ts'
import { calculatorKit, type Episode, evaluate } from '../../agent/index.ts'
import { expertRandom, taskId } from '../seeds.ts'
import type { Problem, Suite } from '../suite.ts'
import { gameExpert, gameRationale, solutionOf } from './expert.ts'
import { handAt, type Hand, solvableHands } from './pool.ts'
import { treeText } from './solve.ts'
import { questionOf } from './words.ts'

const RULES = 'Use each of the four numbers exactly once, with + - * / and parentheses, to make the target. Try with calc[expression], hand in with finish[expression].'

export const game24: Suite = {
  name: 'game24',
  title: 'Game of 24',
  summary:
    'Four numbers from 1 to 13, each used once, make 24. Train and held-out share no set of numbers, and end when all sets have come; ood: numbers up to 20, or another target with sets that training never has.',
  families: { train: ['twenty-four'], ood: ['larger-numbers', 'other-target'] },
  style: 'react',
  styles: ['react', 'code', 'native'],
  limits: { steps: 10, turnTokens: 200 },
  studentPrompt: () => RULES,
  teacherPrompt: () => `${RULES}\nThink in a line "Thought: ...", then act in a line "Action: ...". For example:\n\n${EXAMPLE}`,
  cotPrompt: 'Use each of the four numbers exactly once, with + - * / and parentheses, to make the target. Think step by step and end with a line "Answer: expression".',
  count: (split) => (split === 'ood' ? Infinity : solvableHands()[split].length),
  problem,
  foreign: null,
}

const EXAMPLE = `Make 24 from 2, 3, 5 and 12.
Thought: I need 24 from 2, 3, 5 and 12. 24 is 12 / (1/2), so I need 1/2 from 2, 3 and 5. 1/2 is 3 - 5/2. So 12/(3-5/2).
Action: calc[12/(3-5/2)]
Observation: 24
Thought: That is 24, with every number used once.
Action: finish[12/(3-5/2)]`

function problem(place: TaskPlace): Problem {
  const hand = handAt(place)
  const id = taskId('game24', place)
  const random = expertRandom(id, 0, 'task')
  const { split, seed, index } = place
  const task: SuiteTask = { suite: 'game24', split, seed, index, id, family: hand.family, question: questionOf(hand, random), answer: treeText(solutionOf(hand, random)) }
  const scoreAnswer = (answer: string): boolean => problemOf(answer, hand) === null
  return {
    task,
    kits: (tools, style) => [style === 'code' ? tools.code() : calculatorKit()],
    scoreAnswer,
    score({ end }: Episode) {
      const answer = end?.answer ?? null
      const wrong = answer === null ? 'no answer' : problemOf(answer, hand)
      return { success: wrong === null, reward: wrong === null ? 1 : 0, detail: wrong ?? `${answer} makes ${hand.target}` }
    },
    expert: (given, options) => gameExpert(id, hand, { seed: given, options }),
    rationale: (given) => gameRationale(id, hand, given),
    retrieve: null,
  }
}

/** LaTeX and emphasis that models write around an expression, and their signs for others. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\\boxed\s*\{(.*)\}/s, '$1'],
  [/\\[()[\]]|\\left|\\right|\$|`/g, ''],
  [/^\s*\*{2,}(.*)\*{2,}\s*$/s, '$1'],
  // Fractions in fractions: the inner ones first.
  [/\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g, '(($1)/($2))'],
  [/\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g, '(($1)/($2))'],
  [/\\(?:times|cdot)(?![a-z])/g, '*'],
  [/\\div(?![a-z])/g, '/'],
  [/(?<=[\d)]\s*)x(?=\s*[\d(])/gi, '*'],
  [/[[{]/g, '('],
  [/[\]}]/g, ')'],
]

const plain = (answer: string): string => FORMS.reduce((text, [from, to]) => text.replace(from, to), answer)

/** What is wrong with an answer; null when it is right. `= 24` behind it does not count. */
export function problemOf(answer: string, { numbers, target }: Pick<Hand, 'numbers' | 'target'>): string | null {
  const expression = plain(answer).replace(/=\s*[\d./]+\s*$/, '').trim()
  if (!/^[\d\s()+\-*/×÷·−]+$/.test(expression) || /\*\s*\*|\/\s*\//.test(expression)) return `${answer} is no expression of + - * / and parentheses`
  const sorted = (list: readonly number[]): string => [...list].sort((a, b) => a - b).join(' ')
  const used = sorted((expression.match(/\d+/g) ?? []).map(Number))
  if (used !== sorted(numbers)) return `${answer} uses ${used === '' ? 'no numbers' : used}, not ${sorted(numbers)}`
  const value = evaluate(expression)
  if ('problem' in value) return `${answer} cannot be computed: ${value.problem}`
  return value.n === BigInt(target) * value.d ? null : `${answer} does not make ${target}`
}
