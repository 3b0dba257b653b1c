// What came of each task on each rung, as a table that other programs read: the figures of a report can be computed again from it.
import type { TaskResult } from '../../shared/records/evaluation.ts'
import type { RungResults } from './scores.ts'

const COLUMNS = {
  task: ({ task }: TaskResult) => task.id,
  family: ({ task }: TaskResult) => task.family,
  success: ({ success }: TaskResult) => Number(success),
  end: ({ end }: TaskResult) => end,
  answer: ({ answer }: TaskResult) => answer,
  steps: ({ steps }: TaskResult) => steps,
  calls: ({ calls }: TaskResult) => calls,
  invalid: ({ invalid }: TaskResult) => invalid,
  tokens: ({ tokens }: TaskResult) => tokens,
}

/** CSV (RFC 4180, lines end in \n) with a head: a line for each rung, seed, set of tasks and task; `success` is 1 or 0, what is not known is empty. */
export function outcomesTable(rungs: readonly RungResults[]): string {
  const rows = rungs.flatMap(({ arm, seed, tasks, results }) => results.map((result) => [arm, seed, tasks, ...Object.values(COLUMNS).map((column) => column(result))]))
  return [['rung', 'seed', 'tasks', ...Object.keys(COLUMNS)], ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('')
}

function cell(value: string | number | null): string {
  const text = String(value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
