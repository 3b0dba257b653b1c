// What each pass of a step puts through the graph: its tokens, shared beginnings counted once, and its supervised rows.
import type { MaskedExample } from '../../../shared/records/example.ts'
import { PARTS } from '../../nn/index.ts'
import { isReference } from './loop.ts'
import { treeTokens } from './packing.ts'
import type { PlannedStep } from './plan.ts'

/** Of a pass, or of the largest one of a run. */
export type PassLoad = {
  /** That run, filled up to whole parts as in a batch. */
  readonly tokens: number
  /** With a loss, or whose loss is reported. */
  readonly rows: number
}

type Example = Pick<MaskedExample, 'ids' | 'ce' | 'kl' | 'kinds'>

/** Passes of the plan's step of this index. */
export function passLoads(index: number, { passes }: PlannedStep, examples: readonly Example[]): PassLoad[] {
  const reference = isReference(index)
  return passes.map((pass) => {
    let rows = 0
    const cut = pass.map((place) => {
      const { ids, ce, kl, kinds } = examples[place] as Example
      let end = 0
      for (let token = 1; token < ids.length; token++) {
        if (ce[token] === 0 && kl[token] === 0 && !(reference && kinds[token] === 'observe')) continue
        rows += 1
        end = token
      }
      return ids.slice(0, end)
    })
    return { tokens: Math.ceil(treeTokens(cut) / PARTS) * PARTS, rows }
  })
}

/** Those that no other has both as many tokens and as many rows as: one of them needs the most memory. */
export function mostOf(loads: Iterable<PassLoad>): PassLoad[] {
  let most: PassLoad[] = []
  for (const load of loads) {
    if (most.some(({ tokens, rows }) => tokens >= load.tokens && rows >= load.rows)) continue
    most = [...most.filter(({ tokens, rows }) => tokens > load.tokens || rows > load.rows), load]
  }
  return most
}

/** The largest passes of a run. */
export function largestPasses(steps: readonly PlannedStep[], examples: readonly Example[]): PassLoad[] {
  return mostOf(steps.flatMap((step, index) => passLoads(index, step, examples)))
}
