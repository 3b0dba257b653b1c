// Which settings of a request an endpoint has refused, by the words of its refusal.
import { z } from 'zod'

type Refusal = { readonly param?: string | null | undefined; readonly message: string }

type Setting = {
  readonly option: 'temperature' | 'topP' | 'logprobs' | 'stop' | 'maxTokens'
  readonly name: string
  readonly refusedBy: (refusal: Refusal) => boolean
  /** What is done about it, in words. */
  readonly instead: string
}

/** The parameter's name where it is given, else the message, has such words. */
const named = (words: RegExp) => ({ param, message }: Refusal): boolean => words.test(param || message)

const OWN = 'asked again without, so the model’s own is used'

const SETTINGS: readonly Setting[] = [
  { option: 'temperature', name: 'temperature', refusedBy: named(/\btemperature\b/i), instead: OWN },
  { option: 'topP', name: 'top-p', refusedBy: named(/\btop[_-]?p\b/i), instead: OWN },
  { option: 'logprobs', name: 'top log-probabilities', refusedBy: named(/\blog[_-]?probs\b/i), instead: OWN },
  // Who gives stop sequences cuts answers at them, whoever else does.
  { option: 'stop', name: 'stop sequences', refusedBy: named(/^stop$|['"`]stop['"`]/i), instead: 'asked again without, so it may write on behind them' },
  // Newer models of OpenAI (reasoning counts there, too); a limit that is too high names only the old field.
  { option: 'maxTokens', name: 'max_tokens', refusedBy: ({ message }) => /\bmax_tokens\b/.test(message) && /\bmax_completion_tokens\b/.test(message), instead: 'asked again with max_completion_tokens' },
]

/** The protocol has a field for the parameter's name; not every server fills it. */
const bodySchema = z.object({ error: z.object({ message: z.string(), param: z.string().nullish() }) })

/** None for a refusal that is about something else. */
export function refusedSettings({ statusCode, responseBody = '' }: { statusCode: number; responseBody?: string | undefined }): readonly Setting[] {
  if (statusCode !== 400 && statusCode !== 422) return []
  const refusal: Refusal = parsed(responseBody)?.error ?? { message: responseBody }
  return SETTINGS.filter(({ refusedBy }) => refusedBy(refusal))
}

function parsed(body: string): z.infer<typeof bodySchema> | undefined {
  try {
    return bodySchema.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}
