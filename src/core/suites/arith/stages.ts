// Which moves the expert makes in one call. None needs brackets: a small student leaves them out even where its thought has them
// (docs/log.md, 2026-11-23), so what would stand in brackets is a call of its own.
import { expression, type Move, needsBrackets, resultsOf, type Story, type Term } from './story.ts'
import type { Stage } from './thoughts.ts'

/** Moves of one call at most, where it may do several. */
const MOVES_AT_ONCE = 3

/** Calls in order: every move by itself, or as many at once as need no brackets. */
export function stagesOf({ moves, numbers }: Story, { stepwise }: { readonly stepwise: boolean }): Stage[] {
  const values = resultsOf(moves, numbers)
  const roots = stepwise ? moves.map((_, index) => index) : rootsOf(moves)
  const known = new Map<number, number>()
  const covered = new Set<number>()
  return roots.map((root) => {
    const work = made(moves, root).filter((move) => !covered.has(move))
    for (const move of work) covered.add(move)
    const text = expression(moves, { result: root }, { numbers, known })
    known.set(root, values[root]!)
    return { moves: work, root, expression: text, value: values[root]! }
  })
}

/** The last move of each call. */
function rootsOf(moves: readonly Move[]): number[] {
  const bracketed = moves.flatMap((move) => (['left', 'right'] as const).flatMap((side) => (needsBrackets(moves, move, side) ? [(move[side] as { readonly result: number }).result] : [])))
  const roots: number[] = []
  const covered = new Set<number>()
  for (const root of [...new Set([...bracketed, moves.length - 1])].sort((a, b) => a - b)) {
    const work = made(moves, root).filter((move) => !covered.has(move))
    if (work.length > MOVES_AT_ONCE) roots.push(half(moves, work))
    roots.push(root)
    for (const move of work) covered.add(move)
  }
  return roots
}

/** The move that leaves as much before it as after it. */
const half = (moves: readonly Move[], work: readonly number[]): number =>
  work.slice(0, -1).sort((a, b) => Math.abs(made(moves, a).length - work.length / 2) - Math.abs(made(moves, b).length - work.length / 2))[0]!

/** The moves that a move's result is made of, itself among them. */
function made(moves: readonly Move[], index: number): number[] {
  const before = (term: Term): number[] => ('result' in term ? made(moves, term.result) : [])
  const { left, right } = moves[index]!
  return [...new Set([...before(left), ...before(right), index])].sort((a, b) => a - b)
}
