// Filter 12: the mixture: at most so many of a task, shares of methods and files, so many in all; drawn by a seed.
import { createRandom } from '../../random.ts'
import { methodOf } from './calls.ts'
import { ALWAYS, idOf, type Candidate, type Filter, type Finding } from './filter.ts'
import { hashOf } from './words.ts'

type Member = { readonly candidate: Candidate; readonly method: string; readonly source: string; /** Where it stands in the draw. */ readonly lot: number }

export const mixtureFilter: Filter<'mixture'> = {
  lacks: ALWAYS,
  async run(candidates, { settings: { perTask, methods, sources, most, seed } }) {
    // By id and seed alone, so that a trajectory more or less moves no other.
    const lotOf = (candidate: Candidate): number => createRandom((hashOf(idOf(candidate)) ^ seed) >>> 0).next()
    let kept: Member[] = candidates.map((candidate) => ({ candidate, method: methodOf(candidate), source: candidate.trajectory.source.file, lot: lotOf(candidate) }))
    const rejected: Finding[] = []
    const draw = (left: readonly Member[], reason: string): void => {
      const stays = new Set(left)
      for (const member of kept) if (!stays.has(member)) rejected.push({ id: idOf(member.candidate), reason, detail: `${member.method}, ${member.source}` })
      kept = kept.filter((member) => stays.has(member))
    }
    if (perTask !== null) draw(groupsOf(kept, ({ candidate }) => candidate.task.id).flatMap(([, own]) => firstOf(own, perTask)), 'more of its task than wanted')
    draw(shared(kept, methods, ({ method }) => method), 'more of its method than its share')
    draw(shared(kept, sources, ({ source }) => source), 'more of its file than its share')
    if (most !== null) draw(firstOf(kept, most), 'more than wanted in all')
    return { rejected, notes: [composition('method', kept, ({ method }) => method), composition('file', kept, ({ source }) => source), `${new Set(kept.map(({ candidate }) => candidate.task.id)).size} tasks`] }
  },
}

function groupsOf(members: readonly Member[], key: (member: Member) => string): [string, Member[]][] {
  const groups = new Map<string, Member[]>()
  for (const member of members) {
    const own = groups.get(key(member))
    if (own) own.push(member)
    else groups.set(key(member), [member])
  }
  return [...groups]
}

/** Those that a person accepted come first, then the lot decides. */
const firstOf = (members: readonly Member[], count: number): Member[] =>
  members.toSorted((a, b) => Number(b.candidate.review === 'accepted') - Number(a.candidate.review === 'accepted') || a.lot - b.lot).slice(0, count)

/** The largest draw in which every group has its share; groups without one are left out. No shares: all. */
function shared(members: readonly Member[], shares: Readonly<Record<string, number>>, key: (member: Member) => string): readonly Member[] {
  const wanted = Object.entries(shares).filter(([, share]) => share > 0)
  if (wanted.length === 0) return members
  const groups = new Map(groupsOf(members, key))
  const sum = wanted.reduce((total, [, share]) => total + share, 0)
  // A group that is not there at all would leave nothing: the others keep their proportions.
  const there = wanted.filter(([name]) => groups.has(name))
  const total = Math.min(...there.map(([name, share]) => groups.get(name)!.length / (share / sum)))
  return there.flatMap(([name, share]) => firstOf(groups.get(name)!, Math.round((total * share) / sum)))
}

function composition(name: string, members: readonly Member[], key: (member: Member) => string): string {
  const groups = groupsOf(members, key).sort(([, a], [, b]) => b.length - a.length)
  return `by ${name}: ${groups.map(([group, own]) => `${group} ${own.length}`).join(', ') || 'none'}`
}
