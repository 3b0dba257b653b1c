// `retort score`: how likely a student finds the recorded trajectories.
import { resolve } from 'node:path'
import { scoreEngineSchema, scoreReportSchema, scoreSplitSchema } from '../../shared/contract/scoring.ts'
import { defineCommand } from '../command.ts'
import { table } from '../text.ts'

export const score = defineCommand({
  name: 'score',
  summary: 'mean negative log-likelihood of trajectories under a student, by span kind',
  options: {
    student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
    adapter: { kind: 'text', value: 'FILE', help: 'llama.cpp LoRA GGUF' },
    engine: {
      kind: 'text',
      value: 'NAME',
      help: 'llama: as it is served; trainer: float32 as it is trained',
      default: 'llama',
      choices: scoreEngineSchema.options,
    },
    split: { kind: 'text', value: 'NAME', help: 'which tasks', default: 'heldout', choices: scoreSplitSchema.options },
    heldout: { kind: 'number', value: 'SHARE', help: "share of tasks held out (default: that of the adapter's run, else 0.1)", min: 0, max: 0.9 },
  },
  document: scoreReportSchema,
  async run(options, { project, cwd, engine, out, signal }) {
    const { path } = engine.findStudent(options.student)
    out.note(`student: ${path}`)
    const progress = out.progress('score', 'examples')
    try {
      return await engine.score({
        project,
        student: path,
        adapter: options.adapter === undefined ? null : resolve(cwd, options.adapter),
        engine: options.engine,
        split: options.split,
        heldout: options.heldout,
        onProgress: (done, total) => progress.update({ done, total }),
        signal,
      })
    } finally {
      progress.end()
    }
  },
  *human({ byKind, byPart, nll, tokens, trajectories, left, split, heldout, engine }) {
    const rows = (figures: typeof byKind | typeof byPart) =>
      Object.entries(figures).map(([name, mean]) => [name, mean.nll.toFixed(4), mean.tokens])
    yield* table(['kind', 'nll', 'tokens'], rows(byKind))
    yield ''
    yield* table(['part', 'nll', 'tokens'], rows(byPart))
    yield ''
    for (const { id, reason } of left) yield `not scored: ${id}: ${reason}`
    const side = split === 'heldout' ? `held out at a share of ${heldout}` : 'all'
    yield `agent tokens: ${nll.toFixed(4)} nats over ${tokens} tokens, ${trajectories.length} trajectories (${side}, ${engine})`
  },
})
