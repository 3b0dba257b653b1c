// The funnel: trajectories through the filters in order; what each takes out, with its reasons, counted.
import type { Agreement, CountedReason, CurationFilterName, CurationSettings, CurationVerdict, FunnelRow, ProposedLabel } from '../../../shared/records/curation.ts'
import { idOf, type Candidate, type CurationWorld, type Filter, type Finding } from './filter.ts'
import { FILTERS } from './table.ts'

export type Funnel = {
  readonly kept: readonly Candidate[]
  readonly rows: readonly FunnelRow[]
  readonly rejected: readonly CurationVerdict[]
  readonly flagged: readonly CurationVerdict[]
  readonly labels: readonly ProposedLabel[]
  readonly agreement: Agreement | null
}

export type CurationJob = {
  readonly candidates: readonly Candidate[]
  readonly settings: CurationSettings
  readonly world: CurationWorld
  /** Lets others work when it is time to; throws when the work is to stop. */
  readonly breathe: () => Promise<void> | undefined
  /** Milliseconds since some moment. */
  readonly now: () => number
  readonly onProgress: (progress: { readonly filter: CurationFilterName; readonly done: number; readonly total: number }) => void
  /** A row is done. */
  readonly onRow?: (row: FunnelRow) => void
}

/** Nothing is changed: what is made of it is up to the caller. */
export async function curate(job: CurationJob): Promise<Funnel> {
  const { settings, now } = job
  let kept = job.candidates
  const rows: FunnelRow[] = []
  const rejected: CurationVerdict[] = []
  const flagged: CurationVerdict[] = []
  const labels: ProposedLabel[] = []
  let agreement: Agreement | null = null
  for (const filter of settings.order) {
    const began = now()
    const result = await runOne(filter, kept, job)
    const gone = new Set(result.rejected.map(({ id }) => id))
    const left = kept.filter((candidate) => !gone.has(idOf(candidate)))
    const row: FunnelRow = {
      filter,
      skipped: result.skipped,
      in: kept.length,
      out: left.length,
      seconds: (now() - began) / 1000,
      reasons: counted(result.rejected),
      flagged: counted(result.flagged ?? []),
      notes: [...(result.notes ?? [])],
    }
    const of = (finding: Finding): CurationVerdict => ({ filter, ...finding })
    rejected.push(...result.rejected.map(of))
    flagged.push(...(result.flagged ?? []).map(of))
    labels.push(...(result.labels ?? []))
    agreement = result.agreement ?? agreement
    rows.push(row)
    job.onRow?.(row)
    kept = left
  }
  return { kept, rows, rejected, flagged, labels, agreement }
}

type Ran = Awaited<ReturnType<Filter<CurationFilterName>['run']>> & { readonly skipped: string | null }

async function runOne<Name extends CurationFilterName>(name: Name, candidates: readonly Candidate[], job: CurationJob): Promise<Ran> {
  const filter: Filter<Name> = FILTERS[name]
  const settings = job.settings[name]
  const lacks = filter.lacks(settings, job.world)
  if (lacks !== null) return { rejected: [], skipped: lacks }
  const onProgress = (done: number, total: number): void => job.onProgress({ filter: name, done, total })
  const pace = async (done: number, total: number): Promise<void> => {
    const waiting = job.breathe()
    if (waiting === undefined) return
    onProgress(done, total)
    await waiting
  }
  return { ...(await filter.run(candidates, { settings, world: job.world, pace, onProgress })), skipped: null }
}

/** Examples of each reason. */
const EXAMPLES = 3

export function counted(findings: readonly Finding[]): CountedReason[] {
  const reasons = new Map<string, CountedReason>()
  for (const { id, reason } of findings) {
    const own = reasons.get(reason) ?? { reason, count: 0, examples: [] }
    reasons.set(reason, { reason, count: own.count + 1, examples: own.examples.length < EXAMPLES ? [...own.examples, id] : own.examples })
  }
  return [...reasons.values()].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))
}
