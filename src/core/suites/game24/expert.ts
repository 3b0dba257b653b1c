// The expert of the game: searches from the goal down or step by step, and may try a wrong combination first.
import { expertRandom, integer, pick, shownSettings } from '../seeds.ts'
import { shuffled, type Random } from '../../random.ts'
import type { Expert, ExpertMove, ExpertOptions, PastStep } from '../suite.ts'
import type { Hand } from './pool.ts'
import { combinations, combined, isNumber, isWhole, leafOf, type Sign, solutions, type Tree, treeText, valueText } from './solve.ts'
import { attempted, done, goalSearch, guessed, missed, step, wanted } from './words.ts'

/** Solutions that are looked at. */
const MOST_SOLUTIONS = 60

/** One of the solutions, without fractions where there is one. */
export function solutionOf({ numbers, target }: Hand, random: Random): Tree {
  const found: Tree[] = []
  for (const tree of solutions(shuffled(numbers, random).map(leafOf), target)) if (found.push(tree) >= MOST_SOLUTIONS) break
  const plain = found.filter((tree) => combinations(tree).every(({ value }) => isWhole(value) && value.n / value.d >= 0))
  return pick(plain.length > 0 ? plain : found, random)
}

const SIGNS: readonly Sign[] = ['+', '-', '*', '/']
const TRIES = 200

/** All four numbers, a whole value above 0 that is not the target. */
function wrongTree({ numbers, target }: Hand, random: Random): Tree {
  let best: Tree | null = null
  for (let attempt = 0; attempt < TRIES && best === null; attempt++) {
    let trees: (Tree | null)[] = shuffled(numbers, random).map(leafOf)
    while (trees.length > 1 && trees.every((tree) => tree !== null)) {
      const [left, right, ...others] = trees
      trees = shuffled([combined(left!, pick(SIGNS, random), right!), ...others], random)
    }
    const [tree] = trees
    const near = tree && isWhole(tree.value) && !isNumber(tree.value, target) && tree.value.n / tree.value.d > 0 && tree.value.n / tree.value.d < 3 * target
    if (near) best = tree
  }
  return best ?? numbers.map(leafOf).reduce((sum, leaf) => combined(sum, '+', leaf)!)
}

export function gameExpert(task: string, hand: Hand, { seed, options = {} }: { readonly seed: number; readonly options?: ExpertOptions | undefined }): Expert {
  const shown = shownSettings(task, seed, options)
  const stream = (purpose: string): Random => expertRandom(task, seed, purpose)
  const solution = solutionOf(hand, stream('solution'))
  const answer = treeText(solution)
  const guesses = shown.recovery ? Array.from({ length: integer(1, 2, stream('guesses')) }, (_, index) => wrongTree(hand, stream(`guess ${index}`))) : []
  const parts = shown.stepwise ? combinations(solution) : [solution]
  return { next }

  function next(steps: readonly PastStep[]): ExpertMove {
    const tried = new Set(steps.flatMap(({ calls }) => calls.map(({ argument }) => argument.trim())))
    const forms = (text: string): string[] => [text, JSON.stringify({ expression: text }), codeOf(text), JSON.stringify({ code: codeOf(text) })]
    const wrote = (text: string): boolean => forms(text).some((form) => tried.has(form))
    const goal = steps.length === 0 && shown.restate ? [wanted(hand, stream('goal'))] : []
    const last = steps.at(-1)
    const missedBefore = last && !parts.some((part) => last.calls.some(({ argument }) => argument.includes(textOf(part)))) ? [missed(hand, last.observations.join(' '), stream(`missed ${steps.length}`))] : []
    const guess = guesses.findIndex((tree) => !wrote(treeText(tree)))
    const working = parts.some((part) => wrote(textOf(part)))
    if (guess >= 0 && !working) {
      const text = treeText(guesses[guess]!)
      return { thought: [...goal, ...missedBefore, guessed(text, stream(`words ${guess}`))].join(' '), calls: [call(text, options.style)], mistake: true }
    }
    const at = parts.findIndex((part) => !wrote(textOf(part)))
    if (at < 0) return { thought: done(hand, solution, stream('end')), answer }
    const random = stream(`part ${at}`)
    const words = shown.stepwise ? [stepWords(at, random)] : [...goalSearch(solution, random), attempted(answer, random)]
    return { thought: [...goal, ...missedBefore, ...words].join(' '), calls: [call(textOf(parts[at]!), options.style)] }
  }

  /** Of a part, with the values of what it is made of; the whole is written out, to be handed in. */
  function textOf(part: Tree): string {
    if (part === solution || part.leaf) return treeText(part)
    const side = (tree: Tree): string => (tree.leaf || isWhole(tree.value) && tree.value.n / tree.value.d >= 0 ? valueText(tree.value) : `(${valueText(tree.value)})`)
    return `${side(part.left)}${part.sign}${side(part.right)}`
  }

  function stepWords(at: number, random: Random): string {
    const made = combinations(solution).slice(0, at + 1)
    const used = new Set<Tree>(made.flatMap((part) => [part.left, part.right]))
    const left = [...leavesOf(solution), ...made].filter((tree) => !used.has(tree)).map(({ value }) => valueText(value))
    const part = made.at(-1)!
    return step({ made: valueText(part.value), text: textOf(part), left }, random)
  }
}

const leavesOf = (tree: Tree): Tree[] => (tree.leaf ? [tree] : [...leavesOf(tree.left), ...leavesOf(tree.right)])

const call = (expression: string, style: ExpertOptions['style']): { name: string; arguments: string } =>
  style === 'code'
    ? { name: 'javascript', arguments: JSON.stringify({ code: codeOf(expression) }) }
    : { name: 'calc', arguments: JSON.stringify({ expression }) }

const codeOf = (expression: string): string => `console.log(${expression})`

/** The way to the answer in words alone. */
export function gameRationale(task: string, hand: Hand, seed: number): string {
  const random = expertRandom(task, seed, 'rationale')
  const solution = solutionOf(hand, random)
  return `${[wanted(hand, random), ...goalSearch(solution, random)].join(' ')}\nAnswer: ${treeText(solution)}`
}
