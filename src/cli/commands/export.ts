// `retort export`: a run's adapter for llama.cpp or PEFT, the student with it, or all that another trainer needs to repeat the run.
import { resolve } from 'node:path'
import { exportReportSchema, exportTargetSchema, mergedTypeSchema } from '../../shared/contract/exporting.ts'
import { whichSchema } from '../../shared/contract/training.ts'
import { defineCommand } from '../command.ts'
import { usageError } from '../parse.ts'

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write the adapter of a run, or the run itself, for other programs',
  details:
    'gguf-lora: a file for llama.cpp. peft: a folder for transformers and PEFT (its config names the student by file name: put the model id or folder there). merged-gguf: the student with the adapter added to its weights, one file with its tokenizer and template; vectors stay F32, the head has at least 6 bits, rows that are no whole blocks take the next type. masked-jsonl: a folder with tokens, weights, ' +
    'batches, start values and optimiser, with which any trainer can repeat the run.',
  positionals: { names: 'RUN', help: 'id of a run of the project', min: 1, max: 1 },
  options: {
    which: { kind: 'text', value: 'WHICH', help: 'the adapter of the last step, or of the best of the held-out curve (default: best when the run may end early, else last)', choices: whichSchema.options },
    to: { kind: 'text', value: 'FORM', help: 'what to write', choices: exportTargetSchema.options, required: true },
    type: { kind: 'text', value: 'TYPE', help: 'of the matrices of a merged file (default: F16)', choices: mergedTypeSchema.options },
    student: { kind: 'text', value: 'FILE', help: "for a merged file: where the run's student lies now (default: where it was)" },
    out: { kind: 'text', value: 'PATH', help: "file or folder (default: in the project's exports folder)" },
  },
  document: exportReportSchema,
  async run({ to, which, out: path, type, student }, { args, project, engine, cwd, out, signal }) {
    const extra = to === 'merged-gguf' ? undefined : type !== undefined ? '--type' : student !== undefined ? '--student' : undefined
    if (extra !== undefined) throw usageError({ message: 'this option is for merged files', where: 'retort export', found: extra, expected: '--to merged-gguf with it' })
    const progress = out.progress('merge', 'bytes')
    try {
      return await engine.exportRun({
        project, run: args[0] ?? '', to, which, type,
        out: path === undefined ? undefined : resolve(cwd, path),
        student: student === undefined ? undefined : engine.findStudent(student).path,
        watch: { onProgress: (done, total) => progress.update({ done, total }), signal },
      })
    } finally {
      progress.end()
    }
  },
  *human({ files, which, step, to, merged }) {
    if (to !== 'masked-jsonl') yield `the ${which} adapter, after step ${step}`
    if (merged) yield `in ${merged.student}: ${Object.entries(merged.tensors).map(([type, count]) => `${count} ${type}`).join(', ')}`
    for (const { path, bytes } of files) yield `${path} (${bytes} bytes)`
  },
})
