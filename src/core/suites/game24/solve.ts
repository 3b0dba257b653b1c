// Game of 24: all ways to reach a target from numbers that are each used once, by combining two until one is left.

/** Lowest terms are not needed: values are compared by their cross products. `d` is not 0. */
export type Value = { readonly n: number; readonly d: number }
export type Sign = '+' | '-' | '*' | '/'
export type Tree = { readonly value: Value } & ({ readonly leaf: true } | { readonly leaf: false; readonly left: Tree; readonly sign: Sign; readonly right: Tree })

export const leafOf = (number: number): Tree => ({ value: { n: number, d: 1 }, leaf: true })

const APPLY: Readonly<Record<Sign, (a: Value, b: Value) => Value>> = {
  '+': (a, b) => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d }),
  '-': (a, b) => ({ n: a.n * b.d - b.n * a.d, d: a.d * b.d }),
  '*': (a, b) => ({ n: a.n * b.n, d: a.d * b.d }),
  '/': (a, b) => ({ n: a.n * b.d, d: a.d * b.n }),
}

/** null where the value does not exist. */
export function combined(left: Tree, sign: Sign, right: Tree): Tree | null {
  if (sign === '/' && right.value.n === 0) return null
  return { value: APPLY[sign](left.value, right.value), leaf: false, left, sign, right }
}

export const isNumber = ({ n, d }: Value, number: number): boolean => n === number * d
export const isWhole = ({ n, d }: Value): boolean => n % d === 0

/** As written: a whole number, or a fraction in lowest terms. */
export function valueText({ n, d }: Value): string {
  const common = divisor(Math.abs(n), Math.abs(d)) * Math.sign(d)
  return d / common === 1 ? String(n / common) : `${n / common}/${d / common}`
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))

/** The two orders of a difference and of a quotient; sums and products are the same in both. */
const WAYS: readonly (readonly [Sign, 'as given' | 'turned'])[] = [['+', 'as given'], ['*', 'as given'], ['-', 'as given'], ['-', 'turned'], ['/', 'as given'], ['/', 'turned']]

/** Whether two values come to a target: the check that the search ends in, exact, and without a value made for it. */
const REACHES: Readonly<Record<Sign, (target: number) => (a: Value, b: Value) => boolean>> = {
  '+': (target) => (a, b) => a.n * b.d + b.n * a.d === target * a.d * b.d,
  '-': (target) => (a, b) => a.n * b.d - b.n * a.d === target * a.d * b.d,
  '*': (target) => (a, b) => a.n * b.n === target * a.d * b.d,
  '/': (target) => (a, b) => b.n !== 0 && a.n * b.d === target * a.d * b.n,
}

/** Whether there is any solution: the same search, without trees. */
export function isSolvable(values: readonly Value[], target: number): boolean {
  const [one, two] = values
  if (values.length === 2 && one && two) return WAYS.some(([sign, order]) => (order === 'as given' ? REACHES[sign](target)(one, two) : REACHES[sign](target)(two, one)))
  for (let first = 0; first < values.length; first++) {
    for (let second = first + 1; second < values.length; second++) {
      const others = values.filter((_, index) => index !== first && index !== second)
      for (const [sign, order] of WAYS) {
        const [left, right] = order === 'as given' ? [values[first]!, values[second]!] : [values[second]!, values[first]!]
        if ((sign !== '/' || right.n !== 0) && isSolvable([...others, APPLY[sign](left, right)], target)) return true
      }
    }
  }
  return false
}

/** Every solution of two numbers or more, some of them the same in another order; whoever needs only some stops early. */
export function* solutions(trees: readonly Tree[], target: number): Generator<Tree> {
  const [one, two] = trees
  if (trees.length === 2 && one && two) {
    // The last combination is looked at before it is made.
    for (const [sign, order] of WAYS) {
      const [left, right] = order === 'as given' ? [one, two] : [two, one]
      if (REACHES[sign](target)(left.value, right.value)) yield { value: APPLY[sign](left.value, right.value), leaf: false, left, sign, right }
    }
    return
  }
  for (let first = 0; first < trees.length; first++) {
    for (let second = first + 1; second < trees.length; second++) {
      const others = trees.filter((_, index) => index !== first && index !== second)
      for (const [sign, order] of WAYS) {
        const [left, right] = order === 'as given' ? [trees[first]!, trees[second]!] : [trees[second]!, trees[first]!]
        const tree = combined(left, sign, right)
        if (tree) yield* solutions([...others, tree], target)
      }
    }
  }
}

const PRECEDENCE: Readonly<Record<Sign, number>> = { '+': 1, '-': 1, '*': 2, '/': 2 }

/** With no more parentheses than needed. */
export function treeText(tree: Tree): string {
  if (tree.leaf) return valueText(tree.value)
  const { left, sign, right } = tree
  const own = PRECEDENCE[sign]
  const wrapped = (inner: Tree, least: number): string => (!inner.leaf && PRECEDENCE[inner.sign] < least ? `(${treeText(inner)})` : treeText(inner))
  return `${wrapped(left, own)}${sign}${wrapped(right, sign === '-' || sign === '/' ? own + 1 : own)}`
}

/** Its combinations, the inner ones first. */
export function combinations(tree: Tree): Extract<Tree, { leaf: false }>[] {
  return tree.leaf ? [] : [...combinations(tree.left), ...combinations(tree.right), tree]
}

export const leaves = (tree: Tree): number[] => (tree.leaf ? [tree.value.n] : [...leaves(tree.left), ...leaves(tree.right)])
