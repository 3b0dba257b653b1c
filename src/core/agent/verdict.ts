// Which episodes of a teacher become training data: the answer is right, every turn was understood, no limit was hit.
// The filter of Kang et al., arXiv 2505.17612: calls that failed and were mended stay.
import type { AgentEvent } from '../../shared/records/episode.ts'
import type { RejectionReason } from '../../shared/records/rollout.ts'
import { isBlank } from './blanks.ts'

export type Verdict = { readonly rejected: RejectionReason | null; readonly detail: string }

type Check = (events: Log) => Verdict | null
type Log = { readonly all: readonly AgentEvent[]; readonly end: (AgentEvent & { type: 'end' }) | undefined }

/** In the order of the reasons: the first that holds is counted. */
const CHECKS: readonly Check[] = [
  ({ end }) =>
    end && end.reason !== 'model-failed' && end.reason !== 'aborted'
      ? null
      : { rejected: 'model-failed', detail: end?.error ? [end.error.message, end.error.found].filter(Boolean).join(': ') : 'the episode was stopped' },
  ({ all }) => {
    const unread = all.filter((event) => event.type === 'observation' && event.status === 'not-parsed')
    return unread.length === 0 ? null : { rejected: 'unparsed', detail: [`${counted(unread.length)} without a call or an answer that can be read`, ...lossesOf(all)].join('; ') }
  },
  ({ end }) => (end?.reason === 'steps' ? { rejected: 'step-limit', detail: `no end within ${end.steps} steps` } : null),
  ({ end }) => (end?.reason === 'repeats' ? { rejected: 'repeats', detail: `the same call with the same result, again and again, up to step ${end.steps}` } : null),
  ({ all, end }) => {
    if (end?.reason !== 'time') return null
    const seconds = all.find((event) => event.type === 'start')?.limits.seconds ?? Math.round(end.seconds)
    return { rejected: 'time', detail: `no end within ${seconds} s` }
  },
  ({ end }) => (end?.reason === 'context' ? { rejected: 'context', detail: 'no room left in the context of the model' } : null),
  ({ all }) => {
    const scored = all.findLast((event) => event.type === 'outcome')
    return scored?.outcome.success === true ? null : { rejected: 'wrong', detail: scored?.outcome.detail ?? 'not scored' }
  },
]

const counted = (turns: number): string => `${turns} ${turns === 1 ? 'turn' : 'turns'}`

/** What of that a limit has done, and what the model. */
function lossesOf(all: readonly AgentEvent[]): string[] {
  const turns = all.filter((event) => event.type === 'agent')
  const limits = all.find((event) => event.type === 'start')?.limits
  const cut = turns.filter(({ end }) => end === 'length').length
  const blank = turns.filter(({ turn }) => isBlank(turn)).length
  return [
    ...(cut > 0 && limits ? [`${cut} of ${counted(turns.length)} cut at ${limits.turnTokens} tokens, unseen thinking among them: allow more (--turn-tokens)`] : []),
    ...(blank > 0 ? [`${blank} of ${counted(turns.length)} with nothing but thinking, or empty`] : []),
  ]
}

/** `events`: a log with its outcome. */
export function verdictOf(events: readonly AgentEvent[]): Verdict {
  const log: Log = { all: events, end: events.findLast((event) => event.type === 'end') }
  for (const check of CHECKS) {
    const verdict = check(log)
    if (verdict) return verdict
  }
  return { rejected: null, detail: events.findLast((event) => event.type === 'outcome')?.outcome.detail ?? '' }
}
