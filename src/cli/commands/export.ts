// `retort export`: a run's adapter for llama.cpp or PEFT, or all that another trainer needs to repeat the run.
import { resolve } from 'node:path'
import { exportReportSchema, exportTargetSchema, whichSchema } from '../../shared/contract/training.ts'
import { defineCommand } from '../command.ts'

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write the adapter of a run, or the run itself, for other programs',
  details:
    'gguf-lora: a file for llama.cpp. peft: a folder for transformers and PEFT (its config names the student by file name: put the model id or folder there). masked-jsonl: a folder with tokens, weights, ' +
    'batches, start values and optimiser, with which any trainer can repeat the run.',
  positionals: { names: 'RUN', help: 'id of a run of the project', min: 1, max: 1 },
  options: {
    which: { kind: 'text', value: 'WHICH', help: 'the adapter of the last step, or of the best of the held-out curve (default: best when the run may end early, else last)', choices: whichSchema.options },
    to: { kind: 'text', value: 'FORM', help: 'what to write', choices: exportTargetSchema.options, required: true },
    out: { kind: 'text', value: 'PATH', help: "file or folder (default: in the project's exports folder)" },
  },
  document: exportReportSchema,
  run: ({ to, which, out }, { args, project, engine, cwd }) =>
    engine.exportRun({ project, run: args[0] ?? '', to, which, out: out === undefined ? undefined : resolve(cwd, out) }),
  *human({ files, which, step, to }) {
    if (to !== 'masked-jsonl') yield `the ${which} adapter, after step ${step}`
    for (const { path, bytes } of files) yield `${path} (${bytes} bytes)`
  },
})
