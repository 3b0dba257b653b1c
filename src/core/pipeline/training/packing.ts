// Packing: which sequences of a step run together, so that what they begin with in common runs once.
import type { TokenSequence } from './batch.ts'

type Ids = readonly number[]
const NONE: Ids = []

/** Tokens up to the first that differs. */
function sharedTokens(a: Ids, b: Ids): number {
  const most = Math.min(a.length, b.length)
  let token = 0
  while (token < most && a[token] === b[token]) token++
  return token
}

/** Sequences in order, each behind those it shares most with; equal ones stay as they came. */
function inOrder(a: Ids, b: Ids): number {
  const at = sharedTokens(a, b)
  return (a[at] ?? -1) - (b[at] ?? -1)
}

/** Tokens of these sequences as a tree (see `layPrefixTree`): in order, each adds what it does not share with the one before it. */
export function treeTokens(sequences: readonly Ids[]): number {
  const sorted = [...sequences].sort(inOrder)
  return sorted.reduce((sum, ids, i) => sum + ids.length - (i === 0 ? 0 : sharedTokens(sorted[i - 1] as Ids, ids)), 0)
}

/** Sequences that run together, in order. */
type Group = { readonly members: readonly number[]; /** Of their tree. */ readonly tokens: number }

/** Packing compares neighbours in order; of more sequences than this it makes several packings. */
const AT_ONCE = 256

/**
 * Groups indices into passes of at most `most` tokens, counted as they run: what sequences share from their first token on counts
 * once. A sequence longer than that is a pass of its own; and where all of a pass begin with at least half of `most` tokens, these do
 * not count: what goes on from a long prompt would else compute it again for every few. Decided by the
 * sequences and their order alone. Of three packings the one that computes the fewest tokens, and has the fewest passes: families first
 * (those that share most), longest first beside those it shares most with, and longest first wherever there is room.
 */
export function packPasses(indices: readonly number[], sequences: readonly TokenSequence[], most: number): number[][] {
  const idsOf = (index: number): Ids => sequences[index]?.ids ?? NONE
  const sorted = indices.length <= 1 ? [...indices] : [...indices].sort((a, b) => inOrder(idsOf(a), idsOf(b)))
  const place = new Map(indices.map((index, at) => [index, at]))
  const passes: number[][] = []
  for (let from = 0; from < sorted.length; from += AT_ONCE) {
    const packer = createPacker(sorted.slice(from, from + AT_ONCE).map(idsOf), most)
    const given = sorted.slice(from, from + AT_ONCE).map((index) => place.get(index) as number)
    const singles = packer.singles().sort((a, b) => (given[a.members[0] as number] as number) - (given[b.members[0] as number] as number))
    const packings = [packer.fill(singles, 'anywhere'), packer.fill(singles, 'most shared'), packer.fill(packer.families(), 'most shared')]
    const best = packings.reduce((a, b) => (cheaper(b, a) ? b : a))
    passes.push(...best.map(({ members }) => members.map((member) => sorted[from + member] as number)))
  }
  // As they came, within each pass.
  return passes.map((pass) => pass.sort((a, b) => (place.get(a) as number) - (place.get(b) as number)))
}

const cost = (groups: readonly Group[]): number => groups.reduce((sum, { tokens }) => sum + tokens, 0)
const cheaper = (a: readonly Group[], b: readonly Group[]): boolean => cost(a) < cost(b) || (cost(a) === cost(b) && a.length < b.length)

/** What each shares with each behind it: the least that neighbours between them share. */
function sharedTable(sorted: readonly Ids[]): Int32Array {
  const count = sorted.length
  const table = new Int32Array(count * count)
  for (let b = 1; b < count; b++) {
    const neighbours = sharedTokens(sorted[b - 1] as Ids, sorted[b] as Ids)
    for (let a = 0; a < b; a++) table[a * count + b] = a === b - 1 ? neighbours : Math.min(table[a * count + b - 1] as number, neighbours)
  }
  return table
}

/** Over sequences in order. */
function createPacker(sorted: readonly Ids[], most: number) {
  const table = sharedTable(sorted)
  const shared = (a: number, b: number): number => table[a * sorted.length + b] as number
  const fits = ({ members, tokens }: Group): boolean => {
    if (tokens <= most || members.length === 1) return true
    // What all of them begin with is what the first and the last in order share.
    const begin = shared(members[0] as number, members.at(-1) as number)
    return 2 * begin >= most && tokens - begin <= most
  }
  /** Two groups as one, of which the second lies between two neighbours of the first, or beside it. */
  const join = (into: Group, group: Group): { joined: Group; saved: number } => {
    const [first, last] = [group.members[0] as number, group.members.at(-1) as number]
    const at = into.members.findIndex((member) => member > first)
    const [before, after] = [at === -1 ? into.members.at(-1) : into.members[at - 1], at === -1 ? undefined : into.members[at]]
    const [left, right] = [before === undefined ? 0 : shared(before, first), after === undefined ? 0 : shared(last, after)]
    const saved = left + right - (before === undefined || after === undefined ? 0 : shared(before, after))
    const cut = at === -1 ? into.members.length : at
    const members = [...into.members.slice(0, cut), ...group.members, ...into.members.slice(cut)]
    return { joined: { members, tokens: into.tokens + group.tokens - saved }, saved }
  }
  return {
    singles: (): Group[] => sorted.map((ids, member) => ({ members: [member], tokens: ids.length })),
    /** Neighbours joined as long as they fit, those first that share most. */
    families(): Group[] {
      const borders = sorted.slice(1).map((_, left) => ({ left, saves: shared(left, left + 1) })).filter(({ saves }) => saves > 0)
      const groupAt = this.singles()
      for (const { left } of borders.sort((a, b) => b.saves - a.saves || a.left - b.left)) {
        const { joined } = join(groupAt[left] as Group, groupAt[left + 1] as Group)
        if (!fits(joined)) continue
        for (const member of joined.members) groupAt[member] = joined
      }
      return [...new Set(groupAt)]
    },
    /** The longest first: each into the pass with room that it shares most with, or into the first with room; else into one of its own. */
    fill(groups: readonly Group[], where: 'most shared' | 'anywhere'): Group[] {
      const passes: Group[] = []
      for (const group of [...groups].sort((a, b) => b.tokens - a.tokens)) {
        let best: { at: number; joined: Group; saved: number } | null = null
        for (const [at, pass] of passes.entries()) {
          const { joined, saved } = join(pass, group)
          if (!fits(joined) || (best !== null && saved <= best.saved)) continue
          best = { at, joined, saved }
          if (where === 'anywhere') break
        }
        if (best) passes[best.at] = best.joined
        else passes.push(group)
      }
      return passes
    },
  }
}
