// Answers of a server that scores prompts: llama.cpp's numbers for a real file, in the forms of vLLM's and of the older completions.
import { openScorer, openStudent, type Student } from '../../src/engine/llama/index.ts'
import type { ChatMessage, Tokenizer } from '../../src/core/ports/index.ts'

export type PromptScorer = {
  /** Bodies of POST /chat/completions with `prompt_logprobs`, and of POST /completions with `echo`. */
  chat(body: unknown): Promise<unknown>
  completions(body: unknown): Promise<unknown>
  dispose(): Promise<void>
}

type Place = { readonly id: number; readonly top: ReadonlyMap<number, number> | null }

export async function openPromptScorer(path: string): Promise<PromptScorer> {
  const model = await openStudent({ path, weights: 'loaded' })
  const scorer = await openScorer({ student: model, context: 1024 })
  const textOf = (id: number): string => Buffer.from(model.tokenizer.bytes(id)).toString('utf8')
  // One sequence is read at a time.
  let last: Promise<unknown> = Promise.resolve()
  const score = (text: string, k: number): Promise<Place[]> => {
    const made = last.then(() => placesOf(text, k))
    last = made.catch(() => {})
    return made
  }
  async function placesOf(text: string, k: number): Promise<Place[]> {
    const ids = idsOf(text, model.tokenizer)
    const targets = new Set([...ids.keys()].filter((token) => token > 0))
    const { rows: top } = await scorer.top(ids, { targets, k, signal: undefined })
    const nll = await scorer.score(ids)
    return ids.map((id, token) => {
      const row = top.get(token)
      // The token itself is named beside the likeliest.
      return { id, top: row ? new Map([[id, -(nll[token] as number)], ...Array.from(row.ids, (one, i) => [one, row.logProbs[i] as number] as const)]) : null }
    })
  }
  return {
    async chat(body) {
      const { messages, prompt_logprobs: k } = body as { messages: ChatMessage[]; prompt_logprobs: number }
      const places = await score(render(model, messages), k)
      const named = ({ top }: Place) => top && Object.fromEntries([...top].map(([id, logprob], i) => [id, { logprob, rank: i + 1, decoded_token: textOf(id) }]))
      return {
        id: 'c', object: 'chat.completion', model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: 'x' }, finish_reason: 'length' }],
        prompt_logprobs: places.map(named), prompt_token_ids: places.map(({ id }) => id),
      }
    },
    async completions(body) {
      const { prompt, logprobs: k } = body as { prompt: string; logprobs: number }
      const places = await score(prompt, k)
      const tops = places.map(({ top }) => top && Object.fromEntries([...top].map(([id, logprob]) => [textOf(id), logprob])))
      // The token that is written although nobody wants it.
      const logprobs = { tokens: [...places.map(({ id }) => textOf(id)), ' and'], top_logprobs: [...tops, { ' and': -0.5 }], text_offset: [], token_logprobs: [] }
      return { id: 'c', object: 'text_completion', model: 'm', choices: [{ index: 0, text: `${prompt} and`, finish_reason: 'length', logprobs }] }
    },
    async dispose() {
      await scorer.dispose()
      await model.dispose()
    },
  }
}

const render = ({ template }: Student, messages: readonly ChatMessage[]): string => template.render({ messages, addGenerationPrompt: false })

/** As servers do: control tokens that are spelled in the text are those tokens. */
function idsOf(text: string, tokenizer: Tokenizer): number[] {
  const spelled = tokenizer.control.filter((one) => one.text.length > 1)
  const pattern = new RegExp(`(${spelled.map((one) => one.text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`)
  return text.split(pattern).flatMap((piece) => {
    const known = spelled.find((one) => one.text === piece)
    return known ? [known.id] : piece === '' ? [] : tokenizer.encode(piece)
  })
}
