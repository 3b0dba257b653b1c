// `retort agent`: a student, or a model behind an endpoint, works at a question with tools; its episode can be kept as a trajectory.
import { resolve } from 'node:path'
import type { AgentVoice, EpisodeRequest } from '../../engine/agent/index.ts'
import { agentReplySchema, type AgentReply } from '../../shared/contract/agent.ts'
import { whichSchema } from '../../shared/contract/training.ts'
import { type AgentEvent, agentStyleSchema } from '../../shared/records/episode.ts'
import { defineCommand, type CommandContext, type Values } from '../command.ts'
import { confirm } from '../confirm.ts'
import { counted } from '../counted.ts'
import { usageError } from '../parse.ts'
import { REPEATS, repeatsOf } from '../repeats.ts'

const OPTIONS = {
  student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
  adapter: { kind: 'text', value: 'FILE', help: 'llama.cpp LoRA GGUF' },
  run: { kind: 'text', value: 'RUN', help: 'the adapter of this run of the project, instead of --adapter' },
  which: { kind: 'text', value: 'WHICH', help: 'of --run: the last or the best of its held-out curve', choices: whichSchema.options },
  scale: { kind: 'number', value: 'X', help: "the adapter's strength; 0 is the plain student", default: 1 },
  context: { kind: 'int', value: 'N', help: "tokens of context (default: 4096, at most the student's own)", min: 16 },
  endpoint: { kind: 'text', value: 'URL', help: 'or: base URL of an OpenAI-compatible endpoint' },
  model: { kind: 'text', value: 'NAME', help: "the endpoint's model" },
  'key-env': { kind: 'text', value: 'NAME', help: 'environment variable that holds its key (default: no key)' },
  style: { kind: 'text', value: 'STYLE', help: 'how it calls: text lines, code blocks, or structured calls', choices: agentStyleSchema.options, default: 'react' },
  tools: { kind: 'text', value: 'NAMES', help: 'tools it may use, with commas between: calculator, code, python, search, sql', default: 'calculator' },
  corpus: { kind: 'text', value: 'FILE', help: 'articles for the tool search: JSONL with a title and a text in each line' },
  database: { kind: 'text', value: 'FILE', help: 'SQL that makes a SQLite database for the tool sql, which reads it' },
  mcp: { kind: 'texts', value: 'SERVER', help: 'tools of an MCP server: its command in quotes, or its http address; you are asked before it is started' },
  yes: { kind: 'flag', help: 'start the servers of --mcp without asking' },
  system: { kind: 'text', value: 'TEXT', help: 'system message (default: how to write calls, and the tools)' },
  steps: { kind: 'int', value: 'N', help: 'turns of the agent at most', default: 10, min: 1 },
  repeats: { ...REPEATS, help: 'end when it made the same call and saw the same in N steps in a row; 0 is off', default: 0 },
  seconds: { kind: 'number', value: 'X', help: 'wall time at most', default: 600, min: 1 },
  'turn-tokens': { kind: 'int', value: 'N', help: 'tokens of a turn at most', default: 512, min: 1 },
  'call-seconds': { kind: 'number', value: 'X', help: 'time of a call at most', default: 20, min: 0.1 },
  'observation-characters': { kind: 'int', value: 'N', help: 'of an observation at most; what is left out is counted', default: 4000, min: 1 },
  temperature: { kind: 'number', value: 'X', help: '0 takes the likeliest token', default: 0, min: 0 },
  'top-p': { kind: 'number', value: 'X', help: 'share of probability to sample from', default: 1, min: 0, max: 1 },
  sag: { kind: 'int', value: 'N', help: 'self-consistent actions: samples of each step that vote (at temperature 0.4 and top-p 0.8 where those are not given)', min: 2, max: 64 },
  seed: { kind: 'int', value: 'N', help: 'seed of the sampling; each step adds its number', default: 0, min: 0 },
  keep: { kind: 'flag', help: 'keep the episode as a trajectory of the project, which is made if there is none' },
} as const

/** Calls of one turn; more are told that they were not run. */
const CALLS_AT_ONCE = 8
/** Characters of a token at most, on average over a turn: models that repeat a long token are stopped by their count. */
const CHARACTERS_PER_TOKEN = 16

async function voiceOf(options: Values<typeof OPTIONS>, context: CommandContext): Promise<AgentVoice> {
  const { engine, cwd, project, out } = context
  const refuse = (found: string, expected: string): Error => usageError({ message: 'it is not clear who acts', where: 'retort agent', found, expected })
  const local = [options.student, options.adapter, options.run].some((given) => given !== undefined)
  if (options.endpoint !== undefined) {
    if (local) throw refuse('--endpoint with a local student', 'one of them')
    if (options.model === undefined) throw refuse('--endpoint without --model', '--model NAME with it')
    return { type: 'endpoint', endpoint: await engine.namedEndpoint({ url: options.endpoint, keyVariable: options['key-env'] }), model: options.model }
  }
  if (options.model !== undefined || options['key-env'] !== undefined) throw refuse('--model or --key-env without --endpoint', '--endpoint URL with it')
  if (options.adapter !== undefined && options.run !== undefined) throw refuse('--adapter and --run', 'one of them')
  const run = options.run === undefined ? undefined : await engine.adapterOfRun({ project, run: options.run, which: options.which })
  const adapter = run ?? (options.adapter === undefined ? undefined : resolve(cwd, options.adapter))
  const { path } = engine.findStudent(options.student)
  out.note(`student: ${path}`)
  return { type: 'local', student: path, adapter: adapter === undefined ? null : { path: adapter, scale: options.scale }, context: options.context }
}

/** What these tools work on is said before anything is opened. */
function requireFiles(tools: readonly string[], options: Values<typeof OPTIONS>): void {
  for (const [tool, option] of [['search', 'corpus'], ['sql', 'database']] as const) {
    if (tools.includes(tool) && options[option] === undefined) {
      throw usageError({ message: 'a tool has nothing to work on', where: 'retort agent', found: `--tools ${tool} without --${option}`, expected: `--${option} FILE with it: ${OPTIONS[option].help}` })
    }
  }
}

/** Samples that are drawn greedily would all be the same. */
const votesOf = ({ sag, temperature, 'top-p': topP }: Values<typeof OPTIONS>): NonNullable<EpisodeRequest['sag']> | null =>
  sag === undefined ? null : { samples: sag, temperature: temperature === 0 ? 0.4 : temperature, topP: topP === 1 ? 0.8 : topP }

/** Streams an event to a person. */
function show(event: AgentEvent, { out }: CommandContext): void {
  switch (event.type) {
    case 'text':
    case 'reasoning':
      return out.text(event.text)
    case 'agent': {
      // Structured calls do not come as text.
      for (const call of event.turn.calls) out.line(`\n[${call.name} ${call.arguments}]`)
      return out.line(event.stop === null ? '' : '\n[cut off before its own observation]')
    }
    case 'observation':
      return out.line(event.turn.text)
    case 'notice':
      return out.note(event.text)
    case 'vote': {
      const { text, votes } = event.candidates[event.taken]!
      out.note(`taken with ${votes} of ${counted(event.candidates.length, 'vote')}; ${event.runs} of ${counted(event.calls, 'call')} ran`)
      return out.text(text)
    }
    case 'start':
    case 'step':
    case 'call':
    case 'end':
    case 'outcome':
      return
  }
}

export const agent = defineCommand({
  name: 'agent',
  summary: 'let a student, or a model behind an endpoint, work at a question with tools',
  positionals: { names: 'QUESTION', help: 'what it is asked', min: 1, max: 1 },
  options: OPTIONS,
  document: agentReplySchema,
  async run(options, context): Promise<AgentReply> {
    const { engine, args, cwd, project, signal, out } = context
    const events: AgentEvent[] = []
    const names = options.tools.split(',').map((name) => name.trim()).filter((name) => name !== '')
    requireFiles(names, options)
    if (args[0]!.trim() === '') throw usageError({ message: 'nothing is asked', where: 'retort agent', found: 'an empty QUESTION', expected: 'a question' })
    const repeats = repeatsOf(options.repeats, 'agent')
    const episode = engine.agentEpisode({
      voice: await voiceOf(options, context),
      style: options.style,
      tools: {
        names,
        corpus: options.corpus === undefined ? undefined : resolve(cwd, options.corpus),
        database: options.database === undefined ? undefined : resolve(cwd, options.database),
      },
      question: args[0]!,
      mcp: {
        servers: options.mcp,
        approve: async (shown) => {
          out.note(`MCP server: ${shown}`)
          return options.yes ? 'once' : confirm({ question: 'Use this MCP server, now and whenever this very command is given again?', otherwise: '--yes, once you have read the command', signal })
        },
      },
      system: options.system,
      sag: votesOf(options),
      sampling: { temperature: options.temperature, topP: options['top-p'], seed: options.seed },
      limits: {
        steps: options.steps,
        ...(repeats === undefined || repeats === 0 ? {} : { repeats }),
        seconds: options.seconds,
        turnTokens: options['turn-tokens'],
        turnCharacters: options['turn-tokens'] * CHARACTERS_PER_TOKEN,
        calls: CALLS_AT_ONCE,
        callSeconds: options['call-seconds'],
        observationCharacters: options['observation-characters'],
      },
      signal,
    })
    for await (const event of episode) {
      show(event, context)
      if (event.type !== 'text' && event.type !== 'reasoning') events.push(event)
    }
    const start = events.find((event) => event.type === 'start')
    const end = events.findLast((event) => event.type === 'end')
    if (!start || !end) throw new Error('an episode begins with a start and closes with an end')
    const { reason, answer, error, steps, calls, tokens, seconds } = end
    const trajectory = options.keep ? await engine.keepEpisode({ project, events }) : null
    return { model: start.model, reason, answer, error, steps, calls, tokens, seconds, trajectory, events }
  },
  *human({ reason, answer, error, steps, calls, tokens, seconds, trajectory }) {
    yield ''
    yield answer === null ? `no answer: ${error ? [error.message, error.found].filter(Boolean).join(': ') : REASONS[reason]}` : `answer: ${answer}`
    yield `[${[counted(steps, 'step'), counted(calls, 'call'), ...(tokens === null ? [] : [counted(tokens, 'token')]), `${seconds.toFixed(1)} s`].join(', ')}]`
    if (trajectory) yield trajectory.kept === 'kept' ? `kept as ${trajectory.id}` : `the project has it already, as ${trajectory.id}`
  },
  failed: ({ reason }) => reason !== 'answer' && reason !== 'environment',
})

const REASONS: Readonly<Record<AgentReply['reason'], string>> = {
  answer: 'an empty one',
  environment: 'a tool ended the episode',
  steps: 'the limit of steps is reached',
  repeats: 'the same call with the same result, again and again',
  time: 'the time is over',
  context: "the model's context is full",
  aborted: 'stopped',
  'model-failed': 'the model failed',
}
