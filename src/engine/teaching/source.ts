// Whoever teaches, opened: the suite's expert behind its own server, an endpoint, or a GGUF file of this machine.
import { statSync } from 'node:fs'
import type { ChatModel } from '../../core/agent/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Problem } from '../../core/suites/index.ts'
import type { AgentStyleName } from '../../shared/records/episode.ts'
import type { ExpertSettings, SuiteName } from '../../shared/records/suite.ts'
import { endpointModel, localModel } from '../agent/index.ts'
import { sha256File } from '../files/index.ts'
import type { AnswerToken, Endpoint, eventsOfEndpoint } from '../providers/index.ts'
import { startTeacherServer } from './server.ts'

/** A teacher that can be asked: as a batch keeps it, with the endpoint that has the key. */
export type OpenedBy =
  | { readonly type: 'expert'; readonly settings: { readonly [Name in keyof ExpertSettings]?: ExpertSettings[Name] | undefined } }
  | { readonly type: 'endpoint'; readonly endpoint: Endpoint; readonly model: string }
  | { readonly type: 'local'; readonly path: string; readonly context?: number }

export type Asking = Pick<Parameters<typeof eventsOfEndpoint>[0], 'patience' | 'pauses' | 'mostPause' | 'again' | 'logprobs'>

export type TeacherSource = {
  readonly name: string
  /** What of it decides an answer: a part of the key of requests. */
  readonly identity: unknown
  /** Its tokens are counted: it has some. */
  readonly metered: boolean
  /** Its answers cost money; what it was asked in vain may have, too. */
  readonly priced: boolean
  /** Whether it thinks in words: a script does not. */
  readonly scripted: boolean
  /** Answers at a time. */
  readonly concurrency: number
  /** A task that will be asked about. */
  readonly know: (problem: Problem) => void
  /** The model for one request. */
  model(asking: Asking, onTokens: (tokens: readonly AnswerToken[]) => void): ChatModel
  readonly dispose: () => Promise<void>
}

/** `suite`, `style` and `seed` are those of an expert's tasks. */
type SourceOptions = { readonly suite: SuiteName | undefined; readonly style: AgentStyleName; readonly seed: number; readonly signal: AbortSignal }

/** Throws RetortError for a file that cannot be opened, and `no-suite` for an expert of nothing. */
export async function openTeacherSource(teacher: OpenedBy, { suite, style, seed, signal }: SourceOptions): Promise<TeacherSource> {
  switch (teacher.type) {
    case 'expert': {
      const settings: Partial<ExpertSettings> = Object.fromEntries(Object.entries(teacher.settings).filter(([, share]) => share !== undefined))
      if (suite === undefined) throw new RetortError({ code: 'no-suite', message: 'an expert knows the tasks of a suite', found: 'no suite', expected: 'the suite that the task is of, and its seed' })
      const server = await startTeacherServer({ suites: [suite], seed, settings, port: 0 })
      const endpoint: Endpoint = { id: 'expert', name: 'expert', kind: 'openai-compatible', baseUrl: server.url, models: [], key: null }
      return {
        name: `expert of ${suite}`,
        identity: { expert: suite, style, seed, settings },
        metered: false,
        priced: false,
        scripted: true,
        concurrency: Infinity,
        // A script has no log-probabilities.
        know: server.know,
        model: ({ logprobs: _, ...asking }) => endpointModel({ endpoint, model: `${suite}:${style}`, asking }),
        dispose: server.close,
      }
    }
    case 'endpoint': {
      const { endpoint, model } = teacher
      const { kind, baseUrl, prefill } = endpoint
      return {
        name: `${endpoint.name}: ${model}`,
        identity: { kind, baseUrl, prefill, model },
        metered: true,
        priced: true,
        scripted: false,
        concurrency: Infinity,
        know: () => undefined,
        model: (asking, onTokens) => endpointModel({ endpoint, model, asking, onTokens }),
        dispose: async () => undefined,
      }
    }
    case 'local': {
      const opened = await openLocal(teacher, signal)
      return {
        name: opened.model.name,
        // The file may be replaced by another one of its name.
        identity: await contentOf(teacher.path),
        metered: true,
        priced: false,
        scripted: false,
        concurrency: 1,
        know: () => undefined,
        model: () => opened.model,
        dispose: opened.dispose,
      }
    }
  }
}

const contentOf = async (path: string): Promise<{ sha256: string; bytes: number }> => ({ sha256: await sha256File(path), bytes: statSync(path).size })

const MOST_CONTEXT = 8192

async function openLocal({ path, context }: OpenedBy & { type: 'local' }, signal: AbortSignal): Promise<{ model: ChatModel; dispose: () => Promise<void> }> {
  const { openChat, openStudent } = await import('../llama/index.ts')
  const student = await openStudent({ path, weights: 'loaded', as: 'teacher', signal })
  try {
    const chat = await openChat({ student, context: context ?? Math.min(MOST_CONTEXT, student.trainedContext), signal })
    return {
      model: localModel({ chat, student, adapter: null }),
      async dispose() {
        await chat.dispose()
        await student.dispose()
      },
    }
  } catch (error) {
    await student.dispose()
    throw error
  }
}
