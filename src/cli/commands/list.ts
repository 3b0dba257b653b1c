// `retort list`: the trajectories of a project, a line each.
import { z } from 'zod'
import { trajectoryRowSchema } from '../../shared/contract/trajectories.ts'
import { defineCommand } from '../command.ts'
import { oneLine, table } from '../text.ts'

const HEADER = ['id', 'turns', 'reason', 'act', 'final', 'observe', 'guessed', 'outcome', 'task']
const OUTCOMES = { true: 'success', false: 'failure', null: 'unknown' } as const

export const list = defineCommand({
  name: 'list',
  summary: "a project's trajectories with their span counts",
  options: {},
  document: z.array(trajectoryRowSchema),
  run: (_, { project, engine }) => engine.listTrajectories(project),
  *human(rows) {
    yield* table(
      HEADER,
      rows.map(({ id, turns, spans, guessed, outcome, task }) => {
        const { reason, act, final, observe } = spans
        const end = outcome === null ? '-' : OUTCOMES[`${outcome.success}`]
        return [id, turns, reason, act, final, observe, guessed, end, oneLine(task, 60)]
      }),
    )
    yield `${rows.length} ${rows.length === 1 ? 'trajectory' : 'trajectories'}`
  },
})
