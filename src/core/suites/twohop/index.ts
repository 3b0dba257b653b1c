// Suite `twohop`: questions that two articles of a generated encyclopaedia answer together.
import type { SuiteTask, TaskPlace } from '../../../shared/records/suite.ts'
import type { Tool } from '../../../shared/records/trajectory.ts'
import { type Episode, type Kit, STYLES } from '../../agent/index.ts'
import { sameWords } from '../answers.ts'
import { isNumber, sameNumber } from '../number.ts'
import { expertRandom, taskId } from '../seeds.ts'
import type { Article, Problem, Suite, SuiteTools } from '../suite.ts'
import { twohopExpert } from './expert.ts'
import { families, questionAt } from './question.ts'
import { rationaleOf } from './rationale.ts'
import { world } from './world.ts'

/** Passages that a retrieval gives. */
const PASSAGES = 4

const RULES = 'Answer the question with articles of an encyclopaedia. Use search[name] to find one, lookup[word] to look further in it and finish[answer] to answer.'

const TEACHING = `
Rules:
- The answer takes two articles: one leads to the other, or two things are compared. Read both, and answer only what you have read.
- search gives the article with that very title, else the nearest ones; what stands behind "Similar:" can be searched for.
- An article shows its beginning only. If it does not say what you need, use lookup with a word that its sentence must hold; try another word when there is none.
- A name may belong to two things: ask again with the kind behind it, such as search[Kelden (river)].
- Answer with the name, the number or yes or no alone.

Example:
Question: On which river is the birthplace of Ada Brenk?
Thought: I need the river at the birthplace of Ada Brenk. First I find the birthplace.
Action: search[Ada Brenk]
Observation: Ada Brenk: Ada Brenk is a novelist. Brenk is a native of Kelden. Few letters have survived.
Thought: Ada Brenk is a native of Kelden. Now I need the river of Kelden.
Action: search[Kelden]
Observation: Kelden: Kelden is a town. It is known for its wool. A clock tower can be seen from afar.
Thought: The beginning does not name a river, so I look for that word.
Action: lookup[river]
Observation: (1 of 1) Kelden lies on the river Ossa.
Thought: Kelden lies on the river Ossa. So the answer is Ossa.
Action: finish[Ossa]`

export const twohop: Suite = {
  name: 'twohop',
  title: 'Questions over two articles',
  summary:
    'Bridge and comparison questions over 2,000 generated articles with search and lookup. Train and held-out ask about two halves of the world that share no article, in questions that share no eight words; ood: pairs of relations and wordings that training never has.',
  families,
  style: 'react',
  styles: ['react', 'native'],
  limits: { steps: 12, turnTokens: 160 },
  studentPrompt: () => RULES,
  teacherPrompt: (tools: readonly Tool[]) => `${STYLES.react.instructions(tools)}\n${TEACHING}`,
  cotPrompt: 'Answer the question step by step and end with a line "Answer: ...".',
  problem,
  foreign: ({ question, answer, id, articles = NO_ARTICLES }) => {
    const task: SuiteTask = { suite: 'twohop', id, split: 'ood', seed: 0, index: 0, family: id.split('/')[0]!, question, answer }
    const retrieve = articles.length === 0 ? null : async (tools: SuiteTools) => tools.nearest(articles, question, PASSAGES)
    return { ...parts(task, () => articles), expert: null, rationale: null, retrieve }
  },
}

/** One for all questions that come without articles: they are answered from memory, and searching says that nothing is found. */
const NO_ARTICLES: readonly Article[] = []

function problem(place: TaskPlace): Problem {
  const { family, question, answer, plan } = questionAt(place)
  const id = taskId('twohop', place)
  const task: SuiteTask = { suite: 'twohop', ...place, id, family, question, answer }
  return {
    ...parts(task, () => world().articles),
    expert: (seed, options) => twohopExpert(id, plan, { seed, options }),
    rationale: (seed) => rationaleOf(plan, world().halves[place.split === 'train' ? 0 : 1], expertRandom(id, seed, 'rationale')),
    retrieve: async (tools) => tools.nearest(world().articles, question, PASSAGES),
  }
}

function parts(task: SuiteTask, articles: () => readonly Article[]): Omit<Problem, 'expert' | 'rationale' | 'retrieve'> {
  const right = task.answer ?? ''
  const same = isNumber(right) ? sameNumber : sameWords
  const scoreAnswer = (answer: string): boolean => same(answer, right)
  return {
    task,
    kits: (tools): readonly Kit[] => [tools.search(articles())],
    scoreAnswer,
    score({ end }: Episode) {
      const answer = end?.answer ?? null
      const success = answer !== null && scoreAnswer(answer)
      return { success, reward: success ? 1 : 0, detail: answer === null ? `no answer, expected ${right}` : `answered ${answer}, expected ${right}` }
    },
  }
}
