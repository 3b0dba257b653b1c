// `retort teacher`: a larger local model's distributions over what the agent wrote, kept for training.
import { join, resolve } from 'node:path'
import { teacherReportSchema } from '../../shared/contract/teaching.ts'
import { defineCommand } from '../command.ts'

export const teacher = defineCommand({
  name: 'teacher',
  summary: "a local teacher's distributions over every token of the agent, for `retort train --teacher`",
  details:
    'The teacher reads the recorded messages, written by its own chat template, and says what it would have put at each token of the agent.\n' +
    'Ctrl-C keeps what is done; the same command goes on from there, also after trajectories were added or corrected.',
  options: {
    teacher: { kind: 'text', value: 'FILE', help: 'teacher GGUF', required: true },
    student: { kind: 'text', value: 'FILE', help: 'student GGUF, whose tokens are scored (default: the first of the known folders)' },
    top: { kind: 'int', value: 'K', help: 'tokens named in each distribution; the rest is one number', default: 32, min: 1, max: 1024 },
    shown: { kind: 'text', value: 'WHAT', help: 'student: the messages that the student sees; answer: also which answer the run ends with', default: 'student', choices: ['student', 'answer'] },
    out: { kind: 'text', value: 'FILE', help: "file of distributions (default: <teacher>.<shown>.topk in the project's folder teachers)" },
  },
  document: teacherReportSchema,
  async run(options, { project, cwd, engine, out, signal }) {
    const { path: student } = engine.findStudent(options.student)
    const teacher = engine.findStudent(options.teacher).path
    out.note(`student: ${student}`)
    const progress = out.progress('teacher', 'trajectories')
    const name = `${teacher.replace(/^.*[\\/]/, '').replace(/\.gguf$/, '')}.${options.shown}.topk`
    const path = options.out === undefined ? join(project, 'teachers', name) : resolve(cwd, options.out)
    try {
      return await engine.scoreTeacher({
        project, student, teacher, path, k: options.top, context: options.shown, signal,
        onProgress: (done, total) => progress.update({ done, total }),
      })
    } finally {
      progress.end()
    }
  },
  *human({ path, label, k, tokens, of, scored, mass, overlap, bytesPerToken, left }) {
    for (const { trajectoryId, reason } of left) yield `without: ${trajectoryId}: ${reason}`
    yield `${label}: top ${k}${overlap === null ? '' : `, other tokens (${(100 * overlap).toFixed(1)} % of the student's strings shared)`}`
    yield `covered: ${tokens} of ${of} agent tokens${of > 0 ? ` (${((100 * tokens) / of).toFixed(1)} %)` : ''}, ${scored} scored now${mass === null ? '' : `, the named tokens have ${(100 * mass).toFixed(2)} % of the probability`}`
    yield `${path} (${bytesPerToken} bytes a token)`
  },
})
