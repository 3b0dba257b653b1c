// Which settings of drawing an endpoint has refused, by the words of its refusal.
import { z } from 'zod'

type Setting = { readonly option: 'temperature' | 'topP' | 'logprobs'; readonly name: string; readonly called: RegExp }

const SETTINGS: readonly Setting[] = [
  { option: 'temperature', name: 'temperature', called: /\btemperature\b/i },
  { option: 'topP', name: 'top-p', called: /\btop[_-]?p\b/i },
  { option: 'logprobs', name: 'top log-probabilities', called: /\blog[_-]?probs\b/i },
]

/** The protocol has a field for the parameter's name; not every server fills it. */
const bodySchema = z.object({ error: z.object({ message: z.string(), param: z.string().nullish() }) })

/** None for a refusal that is about something else. */
export function refusedSettings({ statusCode, responseBody = '' }: { statusCode: number; responseBody?: string | undefined }): readonly Setting[] {
  if (statusCode !== 400 && statusCode !== 422) return []
  const { param, message } = parsed(responseBody)?.error ?? { param: null, message: responseBody }
  return SETTINGS.filter(({ called }) => called.test(param || message))
}

function parsed(body: string): z.infer<typeof bodySchema> | undefined {
  try {
    return bodySchema.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}
