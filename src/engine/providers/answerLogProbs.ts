// Log-probabilities of an answer's tokens, as OpenAI's protocol gives them beside each piece of the text.
import { z } from 'zod'

/** A token as it was written, its log-probability (natural), and the likeliest ones at its place. */
export type AnswerToken = { readonly token: string; readonly logprob: number; readonly top: readonly (readonly [token: string, logprob: number])[] }

/** Bytes come where a token is no whole character; `token` alone would lose them. */
const namedSchema = z.object({ token: z.string(), logprob: z.number(), bytes: z.array(z.int().min(0).max(255)).nullish() })
const chunkSchema = z.object({
  choices: z.array(z.object({ logprobs: z.object({ content: z.array(namedSchema.extend({ top_logprobs: z.array(namedSchema).nullish() })).nullish() }).nullish() })),
})

/** Those of one raw event of a stream; empty where it has none. Tokens that are no text on their own are given byte by byte, as `\\xNN`. */
export function logProbsOf(raw: unknown): AnswerToken[] {
  const content = chunkSchema.safeParse(raw).data?.choices[0]?.logprobs?.content ?? []
  return content.map((named) => ({
    token: textOf(named),
    logprob: named.logprob,
    top: (named.top_logprobs ?? []).map((other) => [textOf(other), other.logprob] as const),
  }))
}

function textOf({ token, bytes }: z.infer<typeof namedSchema>): string {
  if (!bytes) return token
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes))
  } catch {
    return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  }
}
