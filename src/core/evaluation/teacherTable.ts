// What a ladder's teacher did and cost, as lines of the report: one row for each set of data that it made.
import type { Ladder, Taught } from '../../shared/records/ladder.ts'
import type { RolloutTeacher } from '../../shared/records/rollout.ts'

/** None where the suite's expert teaches. */
export function teacherSection({ spec, rungs }: Ladder, titles: ReadonlyMap<string, string>): string[] {
  if (spec.teacher === null) return []
  const { teacher, prices, budget } = spec.teacher
  const limits = [...(budget.cost === null ? [] : [`at most ${budget.cost}`]), ...(budget.tokens === null ? [] : [`at most ${count(budget.tokens)} tokens`])]
  const priced = prices === null ? '' : `, ${prices.input} and ${prices.output} for a million tokens read and written`
  const made = new Map<string, { readonly taught: Taught; readonly arms: Set<string> }>()
  for (const { taught, arm } of rungs) if (taught) made.set(taught.batch, { taught, arms: (made.get(taught.batch)?.arms ?? new Set<string>()).add(titles.get(arm) ?? arm) })
  const rows = [...made.values()]
  return [
    '## Teacher',
    '',
    `${teacherName(teacher)}${priced}${limits.length === 0 ? '' : `; ${limits.join(', ')}`}. One episode of each task of the training split, in their order, for all seeds; kept are those that the scorer lets pass, until the tokens are full.`,
    '',
    '| rungs | episodes | kept | rejected | first thoughts | requests | tokens read | written | cost |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows.map(({ taught, arms }) => row([...arms].join('; '), taught)),
    ...(rows.length > 1 ? [row('all', rows.map(({ taught }) => taught).reduce(added))] : []),
    '',
  ]
}

/** A file without its folders. */
function teacherName(teacher: RolloutTeacher): string {
  switch (teacher.type) {
    case 'expert':
      return "The suite's expert"
    case 'endpoint':
      return `${teacher.name}: ${teacher.model}`
    case 'local':
      return teacher.path.split(/[\\/]/).at(-1)!
  }
}

function row(rungs: string, { episodes, kept, rejected, rejections, firstThoughts, usage }: Taught): string {
  const why = rejections.map((one) => `${one.count} ${one.reason}`).join(', ')
  const thoughts = [...(firstThoughts.continued > 0 ? [`${firstThoughts.continued} continued`] : []), ...(firstThoughts.instructed > 0 ? [`${firstThoughts.instructed} asked for in words`] : [])]
  const cells = [
    rungs, episodes, kept, why === '' ? rejected : `${rejected} (${why})`, thoughts.length === 0 ? '-' : thoughts.join(', '),
    usage.assumed === 0 ? usage.requests : `${usage.requests} (${usage.assumed} counted at their most)`, count(usage.promptTokens), count(usage.tokens), usage.cost === null ? '-' : usage.cost.toFixed(4),
  ]
  return `| ${cells.join(' | ')} |`
}

function added(a: Taught, b: Taught): Taught {
  const reasons = new Map(a.rejections.map(({ reason, count: times }) => [reason, times]))
  for (const { reason, count: times } of b.rejections) reasons.set(reason, (reasons.get(reason) ?? 0) + times)
  const usage = { ...a.usage }
  for (const name of ['requests', 'replayed', 'promptTokens', 'tokens', 'assumed'] as const) usage[name] += b.usage[name]
  return {
    batch: a.batch, episodes: a.episodes + b.episodes, kept: a.kept + b.kept, rejected: a.rejected + b.rejected,
    rejections: [...reasons].map(([reason, times]) => ({ reason, count: times })),
    firstThoughts: { continued: a.firstThoughts.continued + b.firstThoughts.continued, instructed: a.firstThoughts.instructed + b.firstThoughts.instructed },
    usage: { ...usage, cost: a.usage.cost === null || b.usage.cost === null ? null : a.usage.cost + b.usage.cost },
  }
}

const count = (tokens: number): string => tokens.toLocaleString('en')
