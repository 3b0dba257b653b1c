// How long to wait before an endpoint that refused for load is asked again.

const MOST_PAUSE_MS = 20_000

type Refusal = { readonly statusCode: number; readonly responseHeaders?: Readonly<Record<string, string>> | undefined }

/** Whether the same question may well be answered a little later. */
export const isPassing = (statusCode: number): boolean => statusCode === 408 || statusCode === 429 || statusCode >= 500

/**
 * Milliseconds: what the endpoint names, else `own`. null: asking again is of no use, it names a time of more than `most`, or
 * `own` is undefined, which says that this was the last try.
 */
export function pauseBefore({ statusCode, responseHeaders }: Refusal, own: number | undefined, most = MOST_PAUSE_MS): number | null {
  if (own === undefined || !isPassing(statusCode)) return null
  const milliseconds = namedPause(responseHeaders?.['retry-after']) ?? own
  return milliseconds > most ? null : milliseconds
}

/** Retry-After is a number of seconds or a date (RFC 9110 10.2.3); null: neither. */
function namedPause(header: string | undefined): number | null {
  if (header === undefined) return null
  const milliseconds = /^\s*\d/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : null
}

export type Backoff = {
  /** How often is asked at most, the first time among them. */
  readonly tries: number
  /** Wait before the second try; each further one is twice as long, up to `mostMs`. */
  readonly firstMs: number
  readonly mostMs: number
  /** In [0, 1): waits are half to one and a half of that, so that those who were refused together do not come back together. */
  readonly random: () => number
}

/** Waits before the second and each further try, in milliseconds. */
export function* backoffPauses({ tries, firstMs, mostMs, random }: Backoff): Generator<number, undefined, undefined> {
  for (let again = 0; again < tries - 1; again++) yield Math.round(Math.min(mostMs, firstMs * 2 ** again) * (0.5 + random()))
}
