// Suite `household`: a text world of rooms, places and things, with the six task types of ALFWorld (arXiv 2010.03768).
import type { SuiteTask, TaskPlace } from '../../../shared/records/suite.ts'
import type { Episode } from '../../agent/index.ts'
import { createRandom, shuffled } from '../../random.ts'
import { hashOf, taskId, taskRandom } from '../seeds.ts'
import type { Problem, Suite } from '../suite.ts'
import { knownOf } from './belief.ts'
import { householdExpert } from './expert.ts'
import { householdKit } from './kit.ts'
import type { GoalKind } from './lexicon.ts'
import { OOD_LEXICON } from './oodLexicon.ts'
import { STUDENT_PROMPT, teacherPrompt } from './prompts.ts'
import { layoutOf, questionOf } from './question.ts'
import { makeRoom, type RoomSize } from './room.ts'
import { TRAIN_LEXICON } from './trainLexicon.ts'

type Family = { readonly name: string; readonly goal: GoalKind; readonly size: RoomSize }

const GOALS: readonly GoalKind[] = ['put', 'light', 'clean', 'heat', 'cool', 'two']

/** `clean`, and `clean-small` in a small room: four to five places, few things. */
const families = (prefix: string): Family[] =>
  GOALS.flatMap((goal) => [
    { name: `${prefix}${goal}`, goal, size: 'full' },
    { name: `${prefix}${goal}-small`, goal, size: 'small' },
  ])

const FAMILIES = { train: families(''), ood: families('unseen-') }

export const household: Suite = {
  name: 'household',
  title: 'Household: find things in a room and treat them',
  summary:
    'A text world: put, examine in light, clean, heat, cool, put two. Held-out: the rooms of training with layouts (which places a room has) that training never has; the names of places and goals recur; ood: other kinds of rooms, places and things, and goals in other words. Families with -small have few places.',
  families: { train: FAMILIES.train.map(({ name }) => name), ood: FAMILIES.ood.map(({ name }) => name) },
  style: 'react',
  styles: ['react', 'code', 'native'],
  limits: { steps: 30, turnTokens: 160 },
  studentPrompt: () => STUDENT_PROMPT,
  teacherPrompt,
  cotPrompt: null,
  likeness: { what: 'the room and its places', of: layoutOf },
  problem,
  foreign: null,
}

/** Every family once in each dozen of indices, in an order of its own. */
function familyOf({ split, seed, index }: TaskPlace): Family {
  const rows = split === 'ood' ? FAMILIES.ood : FAMILIES.train
  const round = Math.floor(index / rows.length)
  return shuffled(rows, createRandom(hashOf(`household families ${split} ${seed} ${round}`)))[index % rows.length]!
}

function problem(place: TaskPlace): Problem {
  const { name: family, goal, size } = familyOf(place)
  const random = taskRandom('household', place)
  const lexicon = place.split === 'ood' ? OOD_LEXICON : TRAIN_LEXICON
  const room = makeRoom({ lexicon, goal, size, side: place.split === 'ood' ? null : place.split, random })
  const question = questionOf(room, lexicon.wording, random)
  const task: SuiteTask = { suite: 'household', ...place, id: taskId('household', place), family, question, answer: null }
  return {
    task,
    kits: () => [householdKit(room)],
    score: ({ end }: Episode) => {
      // The world alone ends an episode without an answer, and only where the goal is reached.
      const success = end?.reason === 'environment'
      return { success, reward: success ? 1 : 0, detail: success ? 'goal reached' : `goal not reached, the episode ended by ${end?.reason ?? 'nothing'}` }
    },
    scoreAnswer: null,
    expert: (seed, options = {}) => householdExpert({ task: task.id, known: knownOf(room), lexicon, seed, options }),
    rationale: null,
    retrieve: null,
  }
}
