// Suite `shop`: a web shop in the manner of WebShop (arXiv 2207.01206); the reward is the share of constraints that the purchase meets.
import type { SuiteTask, TaskPlace } from '../../../shared/records/suite.ts'
import type { Outcome } from '../../../shared/records/trajectory.ts'
import type { Episode } from '../../agent/index.ts'
import { createRandom, shuffled } from '../../random.ts'
import { hashOf, taskId, taskRandom } from '../seeds.ts'
import type { Problem, Suite } from '../suite.ts'
import { makeCatalogue, type Product } from './catalogue.ts'
import { shopExpert } from './expert.ts'
import { shopKit } from './kit.ts'
import { constraintsMet, isOf, makeNeed, type Need, type NeedShape, type NeedWish, type Order, orderOf, type Purchase } from './need.ts'
import type { Lexicon } from './lexicon.ts'
import { OOD_LEXICON } from './oodLexicon.ts'
import { STUDENT_PROMPT, teacherPrompt } from './prompts.ts'
import { TRAIN_LEXICON } from './trainLexicon.ts'

/** From the easiest: make and price stand in the results; features and options on the page; without a make there is more to look through. */
const SHAPES: Readonly<Record<string, NeedShape>> = {
  price: { make: true, features: [0, 0], options: [0, 0], cap: true },
  option: { make: true, features: [0, 0], options: [1, 2], cap: true },
  feature: { make: true, features: [1, 1], options: [0, 0], cap: true },
  broad: { make: false, features: [1, 1], options: [0, 1], cap: true },
  all: { make: true, features: [1, 2], options: [1, 2], cap: true },
}

const NAMES = Object.keys(SHAPES)

export const shop: Suite = {
  name: 'shop',
  title: 'Shop: buy what meets the constraints',
  summary:
    'A web shop of 240 products, made anew for every task: search, open, choose options, buy. Held-out: sets of constraints that training never has, in questions that share no eight words with those of training; ood: other kinds of products, features and options, and orders in other words. The reward is the share of constraints met.',
  families: { train: NAMES, ood: NAMES.map((name) => `unseen-${name}`) },
  style: 'react',
  styles: ['react', 'native'],
  limits: { steps: 30, turnTokens: 160 },
  studentPrompt: () => STUDENT_PROMPT,
  teacherPrompt,
  cotPrompt: null,
  problem,
  foreign: null,
}

/** Every family once in each five of indices, in an order of its own. */
function familyOf({ split, seed, index }: TaskPlace): string {
  const round = Math.floor(index / NAMES.length)
  return shuffled(NAMES, createRandom(hashOf(`shop families ${split} ${seed} ${round}`)))[index % NAMES.length]!
}

function problem(place: TaskPlace): Problem {
  const family = familyOf(place)
  const isOod = place.split === 'ood'
  const random = taskRandom('shop', place)
  const lexicon = isOod ? OOD_LEXICON : TRAIN_LEXICON
  const catalogue = makeCatalogue(lexicon, random)
  const { need, order: { question } } = drawOrder({ catalogue, shape: SHAPES[family]!, side: place.split === 'ood' ? null : place.split, random }, lexicon)
  const task: SuiteTask = { suite: 'shop', ...place, id: taskId('shop', place), family: isOod ? `unseen-${family}` : family, question, answer: null }
  return {
    task,
    kits: () => [shopKit(catalogue)],
    score: (episode) => outcomeOf(need, purchaseOf(episode, catalogue)),
    scoreAnswer: null,
    expert: (seed, options = {}) => shopExpert({ task: task.id, need, seed, options }),
    rationale: null,
    retrieve: null,
  }
}

/** Draws until the words are of the side that is wished, too. */
function drawOrder(wish: NeedWish, lexicon: Lexicon): { readonly need: Need; readonly order: Order } {
  for (;;) {
    const need = makeNeed(wish)
    const order = orderOf(need, lexicon, wish.random)
    if (wish.side === null || isOf(wish.side, order)) return { need, order }
  }
}

const BOUGHT = /You bought (p\d+) with (.*) for \$\d+\.$/

/** By what the shop said at the end; nothing that an agent writes counts. */
function purchaseOf({ turns, end }: Episode, catalogue: readonly Product[]): Purchase | null {
  const last = turns.at(-1)
  const [, id, chosen = ''] = (last?.role === 'environment' && end?.reason === 'environment' && BOUGHT.exec(last.text)) || []
  const product = catalogue.find((each) => each.id === id)
  return product ? { product, chosen: Object.fromEntries(chosen.split(', ').map((pair) => pair.split(' ') as [string, string])) } : null
}

function outcomeOf(need: Need, purchase: Purchase | null): Outcome {
  if (!purchase) return { success: false, reward: 0, detail: 'nothing was bought' }
  const constraints = constraintsMet(need, purchase)
  const unmet = constraints.filter(({ met }) => !met).map(({ constraint }) => constraint)
  const reward = 1 - unmet.length / constraints.length
  return { success: unmet.length === 0, reward, detail: unmet.length === 0 ? `bought ${purchase.product.id}` : `bought ${purchase.product.id}, not met: ${unmet.join(', ')}` }
}
