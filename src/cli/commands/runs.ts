// `retort runs`: the training runs of a project, a line each; `retort runs show RUN`: one of them with what happened to it.
import { z } from 'zod'
import { runDetailSchema, runRowSchema, type RunDetail, type RunRow } from '../../shared/contract/training.ts'
import { defineCommand } from '../command.ts'
import { usageError } from '../parse.ts'
import { table } from '../text.ts'

const HEADER = ['id', 'state', 'steps', 'loss first', 'last', 'held-out first', 'last', 'tokens/s', 'recipe', 'rank', 'student', 'plan']
const figure = (value: number | null, digits: number): string => (value === null ? '-' : value.toFixed(digits))

const planText = (plan: RunRow['plan']): string => {
  if (!plan) return '-'
  const { name, stages, stage } = plan
  return stage === null ? `${name}: ${stages.length} stages` : `${name}: stage ${stage + 1} of ${stages.length}, ${stages[stage]}`
}

function* detailLines({ row, like, best, usual, endedEarly, alerts, samples, environments, datasetRevision }: RunDetail): Iterable<string> {
  yield `run ${row.id}: ${row.state}, ${row.steps.done} of ${row.steps.total} steps, recipe ${row.settings.recipe}, student ${row.student.name}`
  yield `dataset revision ${datasetRevision}${like === null ? '' : `; repeats run ${like}`}`
  if (row.error !== null) yield `error: ${row.error}`
  if (endedEarly !== null) yield `ended early: ${endedEarly}`
  const noGain = alerts.some(({ type }) => type === 'no-gain')
  if (best) yield `${noGain ? 'no step beat the untrained student; the nearest is' : 'best'} after step ${best.step}: held-out ${best.on === 'loss' ? 'loss' : 'ACT accuracy'} ${best.value.toFixed(4)}; export and chat take the ${usual} adapter unless --which says otherwise`
  for (const { fromStep, app, node, onnxruntime, platform, arch, cpu, threads } of environments)
    yield `from step ${fromStep} on: retort ${app}, Node ${node}, ONNX Runtime ${onnxruntime}, ${platform} ${arch}, ${cpu}, ${threads} threads`
  yield alerts.length === 0 ? 'no alerts' : `${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'}`
  if (alerts.length > 0) yield* table(['at', 'step', 'alert', ''], alerts.map(({ at, step, type, text }) => [at, step, type, text]))
  for (const { step, id, text, reference } of samples) {
    yield ''
    yield `after step ${step}, ${id}`
    yield `  wrote:    ${text.replaceAll('\n', '\n            ')}`
    yield `  recorded: ${reference.replaceAll('\n', '\n            ')}`
  }
}

const isDetail = (found: RunRow[] | RunDetail): found is RunDetail => !Array.isArray(found)

export const runs = defineCommand({
  name: 'runs',
  summary: "a project's training runs with their state and figures",
  details:
    'Losses are nats a token, of the first and the newest step, each on its own batch; held-out figures are over the same tokens.\n' +
    'An interrupted run goes on from its newest checkpoint: retort train --resume RUN.',
  positionals: { names: '[show RUN]', help: 'one run with its alerts, samples and environment', min: 0, max: 2 },
  options: {},
  document: z.union([z.array(runRowSchema), runDetailSchema]),
  async run(_, { args: [what, run], project, engine }) {
    if (what === undefined) return engine.listRuns(project)
    if (what === 'show' && run !== undefined) return engine.showRun({ project, run })
    throw usageError({ message: 'this is not known', where: 'retort runs', found: [what, run].filter(Boolean).join(' '), expected: 'nothing, or show RUN' })
  },
  *human(found) {
    if (isDetail(found)) {
      yield* detailLines(found)
      return
    }
    const rows = found
    if (rows.length > 0) yield* table(
      HEADER,
      rows.map(({ id, state, steps, loss, heldout, tokensPerSecond, settings, student, plan }) => [
        id,
        state,
        `${steps.done}/${steps.total}`,
        figure(loss.first, 4),
        figure(loss.last, 4),
        figure(heldout.first, 4),
        figure(heldout.last, 4),
        figure(tokensPerSecond, 0),
        settings.recipe,
        settings.rank,
        student.name,
        planText(plan),
      ]),
    )
    yield rows.length === 0 ? 'no runs: start one with `retort train`' : `${rows.length} ${rows.length === 1 ? 'run' : 'runs'}`
    for (const { id, error } of rows) if (error !== null) yield `${id}: ${error}`
  },
})
