// `retort chat`: talk with a student, with or without an adapter; one answer with --message, else line by line.
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Chat, ChatEvent } from '../../engine/llama/index.ts'
import { chatReplySchema, type ChatReply } from '../../shared/contract/chat.ts'
import { whichSchema } from '../../shared/contract/training.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { defineCommand, type CommandContext } from '../command.ts'
import { usageError } from '../parse.ts'

const turn = (role: Turn['role'], text: string): Turn => ({ role, text, calls: [], executed: [] })

type Session = { chat: Chat; context: CommandContext; sampling: Parameters<Chat['generate']>[0]['sampling'] }
type Answer = { end: ChatEvent & { type: 'end' }; promptTokens: number }

/** Streams one answer to the person and yields what it was. */
async function answer(session: Session, turns: readonly Turn[], signal: AbortSignal): Promise<Answer> {
  const { chat, context, sampling } = session
  let promptTokens = 0
  for await (const event of chat.generate({ turns, tools: [], sampling, signal })) {
    if (event.type === 'prompt') promptTokens = event.tokens
    else if (event.type === 'text') context.out.text(event.text)
    else return { end: event, promptTokens }
  }
  throw new Error('the student ended without an end event')
}

function describe({ end, promptTokens }: Answer): string {
  const rate = end.tokensPerSecond === null ? '' : `, ${end.tokensPerSecond.toFixed(1)} tokens/s`
  const first = end.firstTokenSeconds === null ? '' : `, first after ${end.firstTokenSeconds.toFixed(2)} s`
  const cut = end.reason === 'stop' ? '' : `; ended by ${end.reason}`
  return `[${promptTokens} tokens in, ${end.ids.length} out${first}${rate}${cut}]`
}

/** Reads lines until the end of input, /quit or Ctrl-C, and answers each. The last answer is the document. */
async function converse(session: Session, turns: Turn[]): Promise<Answer | null> {
  const { context } = session
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY })
  // On a terminal readline keeps Ctrl-C to itself; the process's own handler decides what it means.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  context.signal.addEventListener('abort', () => lines.close(), { once: true })
  let open = true
  lines.once('close', () => (open = false))
  context.out.note('Write a message and press Enter; /quit ends.')
  lines.setPrompt('> ')
  lines.prompt()
  let last: Answer | null = null
  for await (const line of lines) {
    const text = line.trim()
    if (text === '/quit') break
    if (text !== '') {
      turns.push(turn('user', text))
      last = await answer(session, turns, context.signal)
      turns.push(turn('agent', last.end.text))
      context.out.line('')
      context.out.note(describe(last))
    }
    // Lines read before the input ended are still answered.
    if (context.signal.aborted) break
    if (open) lines.prompt()
  }
  lines.close()
  return last
}

export const chat = defineCommand({
  name: 'chat',
  summary: 'talk with a student, with or without an adapter',
  details: 'Without --message it reads messages from the terminal, line by line.',
  options: {
    student: { kind: 'text', value: 'FILE', help: 'student GGUF (default: the first of the known folders)' },
    adapter: { kind: 'text', value: 'FILE', help: 'llama.cpp LoRA GGUF' },
    run: { kind: 'text', value: 'RUN', help: 'the adapter of this run of the project, instead of --adapter' },
    which: { kind: 'text', value: 'WHICH', help: 'of --run: the last or the best of its held-out curve (default: best when the run may end early, else last)', choices: whichSchema.options },
    scale: { kind: 'number', value: 'X', help: "the adapter's strength; 0 is the plain student", default: 1 },
    message: { kind: 'text', value: 'TEXT', help: 'answer this and end' },
    system: { kind: 'text', value: 'TEXT', help: 'system message' },
    temperature: { kind: 'number', value: 'X', help: '0 takes the likeliest token', default: 0, min: 0 },
    'top-p': { kind: 'number', value: 'X', help: 'share of probability to sample from', default: 1, min: 0, max: 1 },
    seed: { kind: 'int', value: 'N', help: 'seed of the sampling', default: 0, min: 0 },
    'max-tokens': { kind: 'int', value: 'N', help: 'longest answer', default: 512, min: 1 },
    context: { kind: 'int', value: 'N', help: "tokens of context (default: 4096, at most the student's own)", min: 16 },
  },
  document: chatReplySchema.nullable(),
  async run(options, context): Promise<ChatReply | null> {
    const { engine, out, signal, cwd, project } = context
    if (out.json && options.message === undefined)
      throw usageError({ message: '--json needs one message', where: 'retort chat', expected: '--message TEXT' })
    if (options.message?.trim() === '')
      throw usageError({ message: 'the message is empty', where: 'retort chat --message', expected: 'some text' })
    if (options.adapter !== undefined && options.run !== undefined)
      throw usageError({ message: 'one adapter at a time', where: 'retort chat', found: '--adapter and --run', expected: 'one of them' })
    const adapter =
      options.run !== undefined
        ? await engine.adapterOfRun({ project, run: options.run, which: options.which })
        : options.adapter === undefined
          ? null
          : resolve(cwd, options.adapter)
    const { path, others } = engine.findStudent(options.student)
    out.note(`student: ${path}${others.length > 0 ? ` (${others.length} more in that folder; --student chooses)` : ''}`)
    const student = await engine.openStudent({ path, weights: 'loaded', signal })
    try {
      const chat = await engine.openChat({
        student,
        ...(adapter === null ? {} : { adapter: { path: adapter, scale: options.scale } }),
        context: options.context ?? Math.min(4096, student.trainedContext),
        signal,
      })
      try {
        const sampling = {
          temperature: options.temperature,
          topP: options['top-p'],
          seed: options.seed,
          maxTokens: options['max-tokens'],
        }
        const session = { chat, context, sampling }
        const turns = options.system === undefined ? [] : [turn('system', options.system)]
        const last =
          options.message === undefined
            ? await converse(session, turns)
            : await answer(session, [...turns, turn('user', options.message)], signal)
        if (last === null) return null
        if (options.message !== undefined) {
          out.line('')
          out.note(describe(last))
        }
        const { end, promptTokens } = last
        return {
          student: path,
          adapter,
          reply: end.text,
          reason: end.reason,
          promptTokens,
          tokens: end.ids.length,
          firstTokenSeconds: end.firstTokenSeconds,
          tokensPerSecond: end.tokensPerSecond,
        }
      } finally {
        await chat.dispose()
      }
    } finally {
      await student.dispose()
    }
  },
  // The answer was streamed as it came.
  human: () => [],
  failed: (reply) => reply?.reason === 'aborted',
})
