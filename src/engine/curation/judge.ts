// The judge as curation asks it: a model of an endpoint, or a GGUF file here. What it said is kept, and not asked again.
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { ChatModel } from '../../core/agent/index.ts'
import type { JudgePort } from '../../core/pipeline/curation/index.ts'
import { plainTurn } from '../../core/pipeline/trajectory/index.ts'
import { sideBySide } from '../../core/sideBySide.ts'
import { RetortError } from '../../shared/errors.ts'
import { appendLine, ensureFolder, sha256, sha256File } from '../files/index.ts'
import { openChat, openStudent } from '../llama/index.ts'
import { answerOfEndpoint, type Endpoint } from '../providers/index.ts'
import { openMeteredTeacher, type TeacherTerms } from '../teaching/index.ts'

/** Who judges. `concurrency`: requests at a time; `terms`: what it costs and may cost, over all curations of the project; absent: nothing is counted. */
export type WantedJudge =
  | { readonly type: 'local'; readonly path: string }
  | { readonly type: 'endpoint'; readonly endpoint: Endpoint; readonly model: string; readonly concurrency: number; readonly terms?: TeacherTerms }

export type OpenJudge = { readonly port: JudgePort; dispose(): Promise<void> }

type Answer = { readonly text: string } | { readonly problem: string }
type Voice = { readonly name: string; /** Another model has another one. */ readonly key: string; readonly atOnce: number; ask(prompt: string): Promise<Answer>; dispose(): Promise<void> }

const SAMPLING = { temperature: 0, topP: 1, seed: 0, maxTokens: 400 }
/** Of a local judge: transcripts are shown in at most 12,000 characters. */
const CONTEXT = 8192
/** Endpoints that fail so often in a row are not asked for the rest: what they said so far is kept. */
const MOST_FAILURES = 5

/** `memory`: file of answers; beside it the journal of what is paid for. Throws RetortError for a model that cannot be opened, and as `openMeteredTeacher` does. */
export async function openJudge(wanted: WantedJudge, { memory, signal }: { memory: string; signal: AbortSignal }): Promise<OpenJudge> {
  const voice = wanted.type === 'local' ? await localVoice(wanted.path, signal) : await endpointVoice(wanted, { folder: join(dirname(memory), 'judge'), signal })
  const known = readMemory(memory)
  const keyOf = (prompt: string): string => sha256(`${voice.key}\n${prompt}`)
  const ask = async (prompt: string): Promise<Answer> => {
    const key = keyOf(prompt)
    const kept = known.get(key)
    if (kept !== undefined) return { text: kept }
    const answer = await voice.ask(prompt)
    if ('text' in answer) {
      known.set(key, answer.text)
      ensureFolder(dirname(memory))
      appendLine(memory, JSON.stringify({ key, judge: voice.name, text: answer.text }))
    }
    return answer
  }
  return {
    port: { name: voice.name, ask: (prompts, onProgress) => askAll({ prompts, atOnce: voice.atOnce, ask, onProgress, signal }) },
    dispose: () => voice.dispose(),
  }
}

type Asking = {
  readonly prompts: readonly string[]
  readonly atOnce: number
  readonly ask: (prompt: string) => Promise<Answer>
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

async function askAll({ prompts, atOnce, ask, onProgress, signal }: Asking): Promise<Answer[]> {
  let [done, failures] = [0, 0]
  return sideBySide(prompts, atOnce, async (prompt) => {
    signal.throwIfAborted()
    const answer = await ask(prompt)
    failures = 'problem' in answer ? failures + 1 : 0
    if ('problem' in answer && failures >= MOST_FAILURES) {
      throw new RetortError({ code: 'judge-failed', message: 'the judge does not answer', found: `${failures} failures in a row, the last: ${answer.problem}`, expected: 'answers', advice: 'what it said so far is kept: run it again when it answers' })
    }
    onProgress(++done, prompts.length)
    return answer
  })
}

async function endpointVoice({ endpoint, model, concurrency, terms }: WantedJudge & { type: 'endpoint' }, { folder, signal }: { folder: string; signal: AbortSignal }): Promise<Voice> {
  const own = { name: `${endpoint.name}: ${model}`, key: `${endpoint.baseUrl} ${model}`, atOnce: concurrency }
  if (terms) {
    const { model: paid, dispose } = await openMeteredTeacher({ teacher: { type: 'endpoint', endpoint, model }, terms, folder, onNotice: () => undefined, signal })
    return { ...own, ask: (prompt) => askPaid(paid, prompt, signal), dispose }
  }
  return {
    ...own,
    async ask(prompt) {
      let text = ''
      for await (const event of answerOfEndpoint({ endpoint, model, messages: [{ role: 'user', text: prompt }], sampling: SAMPLING }, signal)) {
        if (event.type === 'text') text += event.text
        if (event.type === 'failed') return { problem: [event.error.message, event.error.found].filter(Boolean).join(': ') }
      }
      signal.throwIfAborted()
      return { text }
    },
    dispose: async () => undefined,
  }
}

/** A budget that is reached ends them all: it is thrown. */
async function askPaid(model: ChatModel, prompt: string, signal: AbortSignal): Promise<Answer> {
  let text = ''
  for await (const event of model.complete([plainTurn('user', prompt)], { tools: [], stop: [], ...SAMPLING, signal })) {
    if (event.type === 'text') text += event.text
    if (event.type === 'failed') {
      signal.throwIfAborted()
      return { problem: [event.error.message, event.error.found].filter(Boolean).join(': ') }
    }
  }
  signal.throwIfAborted()
  return { text }
}

async function localVoice(path: string, signal: AbortSignal): Promise<Voice> {
  const student = await openStudent({ path, weights: 'loaded', as: 'teacher', signal })
  try {
    const chat = await openChat({ student, context: Math.min(CONTEXT, student.trainedContext), signal })
    // Another model may come under the same name, and be of the same size.
    const content = await sha256File(path)
    return {
      name: basename(path),
      key: content,
      atOnce: 1,
      async ask(prompt) {
        try {
          let text = ''
          for await (const event of chat.generate({ turns: [plainTurn('user', prompt)], tools: [], sampling: SAMPLING, signal })) if (event.type === 'text') text += event.text
          signal.throwIfAborted()
          return { text }
        } catch (error) {
          // A transcript that does not fit leaves the others as they are.
          if (error instanceof RetortError) return { problem: [error.message, error.found].filter(Boolean).join(': ') }
          throw error
        }
      },
      dispose: async () => {
        await chat.dispose()
        await student.dispose()
      },
    }
  } catch (error) {
    await student.dispose()
    throw error
  }
}

const rememberedSchema = z.object({ key: z.string(), text: z.string() })

/** A line that was cut off, or is none of this file's, is as if it were not there: its question is asked again. */
function readMemory(path: string): Map<string, string> {
  const known = new Map<string, string>()
  if (!existsSync(path)) return known
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    try {
      const { key, text } = rememberedSchema.parse(JSON.parse(line))
      known.set(key, text)
    } catch {
      continue
    }
  }
  return known
}
