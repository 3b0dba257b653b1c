// A teacher's row at an alignment group that the two tokenizers cut otherwise: the group's text as a whole goes to the student's token.
import type { TeacherRow } from '../../ports/index.ts'

/** A token that the teacher names, by the student's id; -1: the student has none of that string. */
export type NamedToken = { readonly id: number; readonly probability: number }

export type GroupText = {
  /** Which of the named tokens is the teacher's first token of the group; -1: it is not among them. */
  readonly first: number
  /** The student's first token of the group. */
  readonly label: number
  /** Probability of the group's text under the teacher: the product over its tokens of the group. */
  readonly probability: number
}

/**
 * Where the student has `look` and the teacher `lo`, `ok`, the teacher's next-token distribution knows nothing of `look`: left as it
 * is, it would teach the student away from its own token. The product P(lo) P(ok | lo) is moved from `lo` to `look`; what else
 * `lo` may begin stays with it, so that the row remains a distribution. Where the student has `lo`, `ok` and the teacher `look`, its
 * mass moves to `lo`. GOLD merges a group likewise, but multiplies the whole first distribution with the later tokens'
 * probabilities, which then no longer sums to 1; ULD (arXiv 2402.12030) aligns nothing: it cuts both sequences to the shorter one.
 * At most `k` tokens, most probable first; the student's later tokens of the group have no row.
 */
export function rowOfGroup(named: readonly NamedToken[], { group, k }: { readonly group: GroupText | null; readonly k: number }): TeacherRow {
  const moved = group === null ? named : [...named.map((one, i) => (i === group.first ? { ...one, probability: one.probability - group.probability } : one)), { id: group.label, probability: group.probability }]
  const mass = new Map<number, number>()
  const unknown: NamedToken[] = []
  for (const one of moved) {
    // What is left of the first token may be nothing but rounding.
    if (one.probability <= 0) continue
    if (one.id < 0) unknown.push(one)
    else mass.set(one.id, (mass.get(one.id) ?? 0) + one.probability)
  }
  const all = [...[...mass].map(([id, probability]) => ({ id, probability })), ...unknown].sort((a, b) => b.probability - a.probability).slice(0, k)
  return { ids: all.map(({ id }) => id), logProbs: all.map(({ probability }) => Math.log(probability)) }
}
