// Which settings of a request an endpoint has refused, by the words of its refusal; what was refused once is known while the endpoint is in use.
import { z } from 'zod'

type Refusal = { readonly param?: string | null | undefined; readonly message: string }

type Setting = {
  readonly option: 'temperature' | 'topP' | 'seed' | 'logprobs' | 'stop' | 'maxTokens'
  readonly name: string
  /** What was refused then: the setting, or this value of it, so that another one may be taken. */
  readonly of: 'setting' | 'value'
  readonly refusedBy: (refusal: Refusal) => boolean
  /** What is done about it, in words. */
  readonly instead: string
}

/** The parameter's name where it is given, else the message, has such words. */
const named = (words: RegExp) => ({ param, message }: Refusal): boolean => words.test(param || message)

const OWN = 'asked again without, so the model’s own is used'

const SETTINGS: readonly Setting[] = [
  { option: 'temperature', name: 'temperature', of: 'value', refusedBy: named(/\btemperature\b/i), instead: OWN },
  { option: 'topP', name: 'top-p', of: 'value', refusedBy: named(/\btop[_-]?p\b/i), instead: OWN },
  // Mistral, who calls it otherwise, and others that know none.
  { option: 'seed', name: 'seed', of: 'setting', refusedBy: named(/\bseed\b/i), instead: 'asked again without, so it may answer otherwise another time' },
  { option: 'logprobs', name: 'top log-probabilities', of: 'value', refusedBy: named(/\blog[_-]?probs\b/i), instead: OWN },
  // Who gives stop sequences cuts answers at them, whoever else does.
  { option: 'stop', name: 'stop sequences', of: 'value', refusedBy: named(/^stop$|['"`]stop['"`]/i), instead: 'asked again without, so it may write on behind them' },
  // Newer models of OpenAI (reasoning counts there, too); a limit that is too high names only the old field.
  { option: 'maxTokens', name: 'max_tokens', of: 'setting', refusedBy: ({ message }) => /\bmax_tokens\b/.test(message) && /\bmax_completion_tokens\b/.test(message), instead: 'asked again with max_completion_tokens' },
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

/** Settings as they are sent. */
export type Sent = { readonly [Option in Setting['option']]?: unknown }

export type Asked = { readonly endpoint: object; readonly model: string }

/** By endpoint and model: each answer would be asked for twice. */
const REFUSED = new WeakMap<object, Map<string, Set<string>>>()

const keyOf = ({ option, of }: Setting, sent: Sent): string => (of === 'setting' ? option : `${option} ${JSON.stringify(sent[option])}`)

/** Those of the settings that this model has refused before. */
export function knownRefusals({ endpoint, model }: Asked, sent: Sent): readonly Setting[] {
  const known = REFUSED.get(endpoint)?.get(model)
  return SETTINGS.filter((setting) => setting.option in sent && known?.has(keyOf(setting, sent)))
}

/** Whether it was not known yet. */
export function noteRefusal({ endpoint, model }: Asked, sent: Sent, setting: Setting): boolean {
  const models = REFUSED.get(endpoint) ?? new Map<string, Set<string>>()
  const known = models.get(model) ?? new Set()
  REFUSED.set(endpoint, models.set(model, known))
  const key = keyOf(setting, sent)
  const fresh = !known.has(key)
  known.add(key)
  return fresh
}
