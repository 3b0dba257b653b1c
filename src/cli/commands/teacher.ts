// `retort teacher`: what a larger model, here or behind an endpoint, would have put at each of the agent's tokens, kept for training.
import { resolve } from 'node:path'
import type { Engine } from '../../engine/engine.ts'
import type { WantedTeacher } from '../../engine/teacher/index.ts'
import { asksSchema, shownSchema, teacherReportSchema, TOP } from '../../shared/contract/teaching.ts'
import { defineCommand, type OptionTable, type Values } from '../command.ts'
import { usageError } from '../parse.ts'

const OPTIONS = {
  teacher: { kind: 'text', value: 'FILE', help: 'teacher GGUF, scored here' },
  endpoint: { kind: 'text', value: 'URL', help: "or: base URL of an endpoint that gives a prompt's log-probabilities, such as http://127.0.0.1:8000/v1 (vLLM, SGLang, llama-cpp-python)" },
  model: { kind: 'text', value: 'NAME', help: "the endpoint's model" },
  'key-env': { kind: 'text', value: 'NAME', help: 'environment variable that holds its key (default: no key)' },
  ask: { kind: 'text', value: 'HOW', help: "chat: messages with prompt_logprobs; completions: text in the student's template with echo; auto: the first that works (default: auto)", choices: asksSchema.options },
  concurrency: { kind: 'int', value: 'N', help: 'requests to it at a time (default: 4)', min: 1, max: 64 },
  student: { kind: 'text', value: 'FILE', help: 'student GGUF, whose tokens are scored (default: the first of the known folders)' },
  top: { kind: 'int', value: 'K', help: `tokens named in each distribution; the rest is one number (default: ${TOP.local}, of an endpoint ${TOP.endpoint})`, min: 1, max: 1024 },
  shown: { kind: 'text', value: 'WHAT', help: 'student: the messages that the student sees; answer: also which answer the run ends with', default: 'student', choices: shownSchema.options },
  out: { kind: 'text', value: 'FILE', help: "file of distributions (default: one in the project's folder teachers, named after teacher, --shown, --top and a fingerprint of both models)" },
} as const satisfies OptionTable

export const teacher = defineCommand({
  name: 'teacher',
  summary: "a teacher's distributions over every token of the agent, for `retort train --teacher`",
  details:
    'The teacher reads the recorded messages and says what it would have put at each token of the agent: a GGUF file by llama.cpp, here\n' +
    'and in its own chat template, or a model of an endpoint. What an endpoint calls by text is taken where the student has a token of\n' +
    'just these bytes; the rest counts to the tail. Busy endpoints are asked again after a while.\n' +
    'Ctrl-C keeps what is done; the same command goes on from there without asking twice, also after trajectories were added or corrected.',
  options: OPTIONS,
  document: teacherReportSchema,
  async run(options, { project, cwd, engine, out, signal }) {
    const teacher = await wantedTeacher(options, engine)
    const { path: student } = engine.findStudent(options.student)
    out.note(`student: ${student}`)
    const context = options.shown
    const path = options.out === undefined ? undefined : resolve(cwd, options.out)
    const progress = out.progress('teacher', 'trajectories')
    let told: string | null = null
    try {
      return await engine.scoreTeacher({
        project, student, teacher, path, k: options.top ?? TOP[teacher.type], context, signal,
        onProgress: ({ done, total, notice }) => {
          if (notice !== null && notice !== told) out.note(notice)
          told = notice
          progress.update({ done, total })
        },
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

const OF_ENDPOINT = ['model', 'key-env', 'ask', 'concurrency'] as const

async function wantedTeacher(options: Values<typeof OPTIONS>, engine: Engine): Promise<WantedTeacher> {
  const { teacher, endpoint, model } = options
  const refuse = (found: string, expected: string): Error => usageError({ message: 'who the teacher is must be said once', where: 'retort teacher', found, expected })
  const idle = OF_ENDPOINT.filter((name) => options[name] !== undefined).map((name) => `--${name}`)
  if (teacher !== undefined && endpoint !== undefined) throw refuse('--teacher and --endpoint', 'one of them')
  if (endpoint === undefined && idle.length > 0) throw refuse(`${idle.join(', ')} without --endpoint`, '--endpoint URL with it')
  if (teacher !== undefined) return { type: 'local', path: engine.findStudent(teacher).path }
  if (endpoint === undefined) throw refuse('neither --teacher nor --endpoint', '--teacher FILE, or --endpoint URL --model NAME')
  if (model === undefined) throw refuse('--endpoint without --model', '--model NAME with it')
  return {
    type: 'endpoint',
    endpoint: await engine.namedEndpoint({ url: endpoint, keyVariable: options['key-env'] }),
    model,
    asks: options.ask ?? 'auto',
    concurrency: options.concurrency ?? 4,
  }
}
