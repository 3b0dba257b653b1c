// Cluster and consolidate: functions that take and give the same kind of things become one, the best of them before its helpers.
import type { Abstracted } from './abstract.ts'
import type { Trial } from './trial.ts'

/** Drafts of one shape are one candidate: how it did on the probes, and the tasks that wrote it. */
export type Candidate = { readonly tool: Abstracted; readonly tasks: readonly string[]; readonly probes: readonly Trial[] }

export type Cluster = { readonly kind: string; readonly candidates: readonly Candidate[] }

const KINDS: readonly (readonly [string, RegExp])[] = [
  ['number', /^-?\d+(?:\.\d+)?$/],
  ['truth', /^(?:true|false)$/],
  ['expression', /^[\d\s.()+\-*/×÷^]+$/],
  ['structure', /^[[{]/],
]

/** By what they take (types of their parameters) and what they give (the kind that most of the probes' values are of). */
export function clustersOf(candidates: readonly Candidate[]): Cluster[] {
  const clusters = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    const kind = `${candidate.tool.parameters.map(({ type }) => type).join(', ')} -> ${givenKind(candidate.probes)}`
    clusters.set(kind, [...(clusters.get(kind) ?? []), candidate])
  }
  return [...clusters].map(([kind, members]) => ({ kind, candidates: members }))
}

function givenKind(probes: readonly Trial[]): string {
  const counts = new Map<string, number>()
  for (const { value } of probes) {
    if (value === null) continue
    const kind = KINDS.find(([, pattern]) => pattern.test(value))?.[0] ?? 'text'
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 'nothing'
}

const MOST_MEMBERS = 3

export type Consolidated = { readonly name: string; readonly description: string; readonly parameters: Abstracted['parameters']; readonly code: string; readonly members: readonly Candidate[] }

/**
 * The candidate that is right on most probes comes first (then the one written more often, then the shorter one); others follow as long as they
 * are right where those before give nothing. One that gives wrong results stands last if at all: nothing after it is asked.
 */
export function consolidate({ candidates }: Cluster): Consolidated | null {
  const right = ({ probes }: Candidate): number => probes.filter(({ result }) => result === 'right').length
  const order = [...candidates].sort((a, b) => right(b) - right(a) || b.tasks.length - a.tasks.length || a.tool.code.length - b.tool.code.length)
  const members: Candidate[] = []
  const settled = new Set<number>()
  for (const candidate of order) {
    const gains = candidate.probes.some(({ result }, probe) => result === 'right' && !settled.has(probe))
    if (!gains || members.length === MOST_MEMBERS) continue
    members.push(candidate)
    candidate.probes.forEach(({ result }, probe) => void ((result === 'right' || result === 'wrong') && settled.add(probe)))
  }
  const [best] = members
  if (!best) return null
  const { name, description, parameters } = best.tool
  return { name, description, parameters, code: members.length === 1 ? best.tool.code : chained(name, members), members }
}

/** One function that asks the members in order and gives the first result. */
const chained = (name: string, members: readonly Candidate[]): string => `function ${name}(...given) {
  const ways = [
${members.map(({ tool }) => tool.code.replace(/^function \w+/, 'function').split('\n').map((line) => `    ${line}`).join('\n')).join(',\n')},
  ]
  for (const way of ways) {
    try {
      const value = way(...given)
      if (value !== null && value !== undefined && value !== '') return value
    } catch {
      // The next one may know.
    }
  }
  return null
}`
