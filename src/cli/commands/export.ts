// `retort export`: a run's adapter for llama.cpp or PEFT, the student with it, or all that another trainer needs to repeat the run.
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { exportReportSchema, exportTargetSchema, mergedTypeSchema } from '../../shared/contract/exporting.ts'
import { whichSchema } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { defineCommand } from '../command.ts'
import { usageError } from '../parse.ts'

/** A named path is not written over unasked, and no folders are made for a mistyped one. */
function requireRoom(path: string, { force }: { readonly force: boolean }): void {
  if (existsSync(path) && !force) throw new RetortError({ code: 'file-exists', message: 'there is already something at this path', where: path, expected: 'nothing', advice: 'name another path, or give --force' })
  if (existsSync(dirname(path))) return
  throw new RetortError({ code: 'file-missing', message: 'there is no folder for this export', where: dirname(path), found: 'nothing', expected: 'a folder', advice: 'make it first, or name another path' })
}

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
    out: { kind: 'text', value: 'PATH', help: "file or folder (default: in the project's exports folder, where the same export of the run is replaced)" },
    force: { kind: 'flag', help: 'replace what is there at --out' },
  },
  document: exportReportSchema,
  async run({ to, which, out: path, type, student, force }, { args, project, engine, cwd, out, signal }) {
    const extra = to === 'merged-gguf' ? undefined : type !== undefined ? '--type' : student !== undefined ? '--student' : undefined
    if (extra !== undefined) throw usageError({ message: 'this option is for merged files', where: 'retort export', found: extra, expected: '--to merged-gguf with it' })
    if (path !== undefined) requireRoom(resolve(cwd, path), { force })
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
