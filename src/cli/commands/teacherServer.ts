// `retort teacher-server`: the suites' experts as an OpenAI-compatible endpoint on this machine, until Ctrl-C.
import { teacherServerSchema } from '../../shared/contract/rollouts.ts'
import { type SuiteName, suiteNameSchema } from '../../shared/records/suite.ts'
import { defineCommand } from '../command.ts'
import { namesOf } from '../names.ts'
import { usageError } from '../parse.ts'

function suitesOf(text: string): SuiteName[] {
  return namesOf(text).map((name) => {
    const read = suiteNameSchema.safeParse(name)
    if (read.success) return read.data
    throw usageError({ message: 'there is no such suite', where: '--suite', found: name, expected: suiteNameSchema.options.join(', ') })
  })
}

export const teacherServer = defineCommand({
  name: 'teacher-server',
  summary: "serve the suites' experts as an OpenAI-compatible endpoint on this machine",
  details:
    'It listens on 127.0.0.1 only: /v1/chat/completions (streamed or not) and /v1/models. A model is a suite, with a style behind a\n' +
    'colon where it is not the suite’s own (arith:native); requests with tools are answered with structured calls. The task is found by\n' +
    'its question. Experts continue no message: a first thought is not applicable to them. A script has no tokens: its answers have usage only\n' +
    'with --student, counted exactly as that student’s template and tokenizer write the request and the answer.',
  options: {
    suite: { kind: 'text', value: 'NAMES', help: 'suites, with commas between', default: 'arith' },
    seed: { kind: 'int', value: 'K', help: 'seed of their tasks', default: 0, min: 0 },
    port: { kind: 'int', value: 'P', help: '0: any free one', default: 0, min: 0, max: 65_535 },
    student: { kind: 'text', value: 'FILE', help: 'student GGUF whose tokens are counted as usage (default: no usage is said)' },
    restate: { kind: 'number', value: 'X', help: 'share of episodes that first say what is asked', min: 0, max: 1 },
    recovery: { kind: 'number', value: 'X', help: 'share of episodes with a slip that is mended', min: 0, max: 1 },
    stepwise: { kind: 'number', value: 'X', help: 'share of episodes that go one operation at a time', min: 0, max: 1 },
  },
  document: teacherServerSchema,
  async run({ suite, seed, port, student: named, ...given }, { engine, signal }, print) {
    const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const student = named === undefined ? undefined : engine.findStudent(named).path
    const server = await engine.startTeacherServer({ suites: suitesOf(suite), seed, settings, port, student })
    try {
      const served = { url: server.url, models: [...server.models], countedBy: student ?? null }
      print(served)
      await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
      return served
    } finally {
      await server.close()
    }
  },
  *human({ url, models, countedBy }) {
    yield `teachers at ${url}`
    yield `models: ${models.join(', ')}`
    yield `usage: ${countedBy === null ? 'none, a script has no tokens' : `tokens of ${countedBy}`}`
    yield 'Ctrl-C ends it.'
  },
})
