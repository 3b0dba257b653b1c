// Suite `arith`: word problems with numbers of 3 to 7 digits, worked with a calculator or with code.
import type { SuiteTask, TaskPlace } from '../../../shared/records/suite.ts'
import { type Episode, calculatorKit } from '../../agent/index.ts'
import type { Random } from '../../random.ts'
import { sameNumber } from '../number.ts'
import { pick, taskId, taskRandom } from '../seeds.ts'
import type { Problem, Suite } from '../suite.ts'
import { COMPOSED, composedStory } from './compose/compose.ts'
import { arithExpert } from './expert.ts'
import { numberSource } from './numbers.ts'
import { arithRationale } from './rationale.ts'
import { resultsOf, type Story } from './story.ts'
import { storyOf } from './template.ts'
import { TEMPLATES } from './templates.ts'
import { UNSEEN } from './unseen.ts'
import { drawWords } from './words.ts'

const RULES = 'Solve the problem. Use calc[expression] to compute and finish[number] to answer.'

const HOW = `Think in a line "Thought: ...", then act in a line "Action: ...". Say what is asked, and for each fact of the problem which operation it calls for; write numbers as plain digits; compute nothing in your head. One call may do several operations. For example:

A museum shop had 412 boxes of 1250 postcards each. Visitors bought 98317 of the postcards. How many postcards are left?
Thought: I need the postcards that are left. 412 boxes of 1250 postcards: multiply. 98317 bought: subtract.
Action: calc[412*1250-98317]
Observation: 416683
Thought: The result is 416683.
Action: finish[416683]`

export const arith: Suite = {
  name: 'arith',
  title: 'Word problems with large numbers',
  summary:
    'Word problems with numbers of 3 to 7 digits and a calculator. Train and held-out: the same templates and composed wordings, with numbers of their own, so that no eight words with a number among them are in both (words of a template alone are); ood: templates, nouns and orders of quantities that training never has.',
  families: { train: [...TEMPLATES.map(({ family }) => family), ...COMPOSED], ood: UNSEEN.map(({ family }) => family) },
  style: 'react',
  styles: ['react', 'code', 'native'],
  limits: { steps: 8, turnTokens: 200 },
  ladderExpert: { restate: 0 },
  studentPrompt: () => RULES,
  teacherPrompt: () => `${RULES}\n${HOW}`,
  cotPrompt: 'Solve the problem step by step and end with a line "Answer: number".',
  problem,
  foreign: ({ question, answer, id }) => {
    const task: SuiteTask = { suite: 'arith', id, split: 'ood', seed: 0, index: 0, family: id.split('/')[0]!, question, answer }
    return { ...parts(task), expert: null, rationale: null }
  },
}

function problem(place: TaskPlace): Problem {
  const random = taskRandom('arith', place)
  const story = drawStory(place.split, random)
  const task: SuiteTask = { suite: 'arith', ...place, id: taskId('arith', place), family: story.family, question: story.question, answer: answerOf(story) }
  return {
    ...parts(task),
    expert: (seed, options) => arithExpert(task.id, story, { seed, options }),
    rationale: (seed) => arithRationale(task.id, story, seed),
  }
}

/** Half of the tasks for training are composed, half come from templates; `drawProblems` can take them by family. */
function drawStory(split: TaskPlace['split'], random: Random): Story {
  if (split === 'ood') return storyOf(pick(UNSEEN, random), {}, numberSource(random, null))
  const source = numberSource(random, split)
  return random.next() < 0.5 ? composedStory(random, source) : storyOf(pick(TEMPLATES, random), drawWords(random), source)
}

const answerOf = ({ moves, numbers }: Story): string => String(resultsOf(moves, numbers).at(-1))

function parts(task: SuiteTask): Omit<Problem, 'expert' | 'rationale'> {
  const right = task.answer ?? ''
  const scoreAnswer = (answer: string): boolean => sameNumber(answer, right)
  return {
    task,
    kits: (tools, style) => [style === 'code' ? tools.code() : calculatorKit()],
    scoreAnswer,
    score({ end }: Episode) {
      const answer = end?.answer ?? null
      const success = answer !== null && scoreAnswer(answer)
      return { success, reward: success ? 1 : 0, detail: answer === null ? `no answer, expected ${right}` : `answered ${answer}, expected ${right}` }
    },
    retrieve: null,
  }
}
