// What a model of an endpoint thinks of given text: for each token of a prompt the likeliest tokens in its place.
//
// Two requests do that. vLLM's `prompt_logprobs` beside messages (its OpenAI-compatible server, extra parameters; token ids by
// `return_token_ids`), and the older completions with `echo` and `logprobs` (vLLM, SGLang, llama-cpp-python and others). OpenAI's
// own API has neither for its present models, and llama.cpp's server refuses `echo` (its issues 8942, 27174).
import { z } from 'zod'
import type { ChatMessage } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Endpoint } from './endpoint.ts'
import { endpointError } from './endpointError.ts'
import type { Limits } from './limitedBody.ts'
import { PATIENCE, postJson, type JsonAnswer, type Patience } from './postJson.ts'

export type PromptWay = 'chat' | 'completions'

/** A token as the endpoint writes it; `id`: by its own vocabulary, where it says so. */
export type NamedToken = { readonly text: string; readonly id: number | null }
export type PromptToken = NamedToken & {
  /** Most probable first, with natural logarithms; null where the endpoint says nothing, as for the first token. */
  readonly top: readonly (NamedToken & { readonly logProb: number })[] | null
}

/** The same conversation both ways. */
export type Prompt = { readonly messages: readonly ChatMessage[]; readonly tools: readonly unknown[] | undefined; readonly text: string }

export type PromptAsker = {
  readonly endpoint: Endpoint
  readonly model: string
  /** Tokens that are named in each place. */
  readonly k: number
  readonly patience?: Patience
  readonly onNotice: (text: string) => void
}

type Way = {
  readonly path: string
  readonly body: (asker: PromptAsker, prompt: Prompt) => Record<string, unknown>
  /** Throws ZodError for another document; null when it has no log-probabilities of the prompt. */
  readonly read: (json: unknown, prompt: Prompt) => PromptToken[] | null
}

/** What clamped infinities are below (vLLM writes -9999). */
const NOTHING = -1000

/** One token is written because not every server takes 0. */
const WAYS: { readonly [K in PromptWay]: Way } = {
  chat: {
    path: '/chat/completions',
    body: ({ model, k }, { messages, tools }) => ({
      model, messages, ...(tools && { tools }), max_tokens: 1, temperature: 0, prompt_logprobs: k, return_token_ids: true, add_generation_prompt: false,
    }),
    read(json) {
      const { prompt_logprobs: places, prompt_token_ids: ids } = chatSchema.parse(json)
      if (!places || ids?.length !== places.length) return null
      return places.map((place, i): PromptToken => {
        const id = ids[i] as number
        const named = Object.entries(place ?? {}).map(([key, { logprob, decoded_token }]) => ({ id: Number(key), text: decoded_token ?? '', logProb: logprob }))
        return { id, text: named.find((one) => one.id === id)?.text ?? '', top: place ? likeliestFirst(named) : null }
      })
    },
  },
  completions: {
    path: '/completions',
    body: ({ model, k }, { text }) => ({ model, prompt: text, max_tokens: 1, temperature: 0, echo: true, logprobs: k }),
    read(json, { text }) {
      const { logprobs } = completionsSchema.parse(json).choices[0]
      if (!logprobs?.top_logprobs || logprobs.top_logprobs.length !== logprobs.tokens.length) return null
      const { tokens, top_logprobs: tops } = logprobs
      // Of the answer alone, where the endpoint leaves `echo` out.
      if (tokens.join('').length < text.length / 2) return null
      return tokens.map((token, i): PromptToken => {
        const place = tops[i]
        return { id: null, text: token, top: place ? likeliestFirst(Object.entries(place).map(([name, logProb]) => ({ id: null, text: name, logProb }))) : null }
      })
    },
  },
}

const likeliestFirst = <Named extends { readonly logProb: number }>(named: readonly Named[]): Named[] =>
  named.filter(({ logProb }) => logProb > NOTHING).sort((a, b) => b.logProb - a.logProb)

const logProb = z.object({ logprob: z.number(), decoded_token: z.string().nullish() })
const chatSchema = z.object({
  prompt_logprobs: z.array(z.record(z.string(), logProb).nullable()).nullish(),
  prompt_token_ids: z.array(z.int()).nullish(),
})
const completionsSchema = z.object({
  choices: z.tuple([
    z.object({
      logprobs: z
        .object({ tokens: z.array(z.string()), top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish() })
        .nullish()
        .catch(null),
    }),
  ]),
})

const MEBIBYTE = 1024 * 1024
/** Twenty names of 60 bytes for each of 100,000 tokens, and twice that. */
const SIZE: Limits = { answer: 256 * MEBIBYTE, event: 256 * MEBIBYTE, plain: 256 * MEBIBYTE }

export type PromptAnswer = { readonly type: 'tokens'; readonly tokens: PromptToken[] } | Extract<JsonAnswer, { type: 'refused' }>

/** Throws RetortError for what another way of asking would not help against. */
export async function askPrompt(asker: PromptAsker, { way, prompt, signal }: { way: PromptWay; prompt: Prompt; signal: AbortSignal }): Promise<PromptAnswer> {
  const { endpoint, patience = PATIENCE, onNotice } = asker
  const { path, body, read } = WAYS[way]
  const expected = `the log-probabilities of a prompt by ${asker.model}`
  const answer = await postJson({ endpoint, path, body: body(asker, prompt), expected, limits: SIZE, patience, onNotice, signal })
  if (answer.type === 'refused') return answer
  try {
    const tokens = read(answer.json, prompt)
    return tokens ? { type: 'tokens', tokens } : { type: 'refused', error: withoutLogProbs(asker, path) }
  } catch (error) {
    throw endpointError(error, { endpoint, expected, waited: null })
  }
}

const withoutLogProbs = ({ endpoint: { name, baseUrl } }: PromptAsker, path: string): RetortError =>
  new RetortError({ code: 'no-prompt-logprobs', message: 'the endpoint gives no log-probabilities of a prompt', where: `${name} (${baseUrl}${path})`, found: 'an answer without them', expected: 'them' })
