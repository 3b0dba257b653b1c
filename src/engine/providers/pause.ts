// How long to wait before an endpoint that refused for load is asked again.

const MOST_PAUSE_MS = 20_000

type Refusal = { readonly statusCode: number; readonly responseHeaders?: Readonly<Record<string, string>> | undefined }

/** Whether the same question may well be answered a little later. */
export const isPassing = (statusCode: number): boolean => statusCode === 408 || statusCode === 429 || statusCode >= 500

/**
 * Milliseconds: what the endpoint names (Retry-After in seconds, RFC 9110 10.2.3), else `own`. null: asking again is of no use, it
 * names too long a time, or `own` is undefined, which says that this was the last try.
 */
export function pauseBefore({ statusCode, responseHeaders }: Refusal, own: number | undefined): number | null {
  if (own === undefined || !isPassing(statusCode)) return null
  const named = Number(responseHeaders?.['retry-after'] ?? NaN) * 1000
  const milliseconds = Number.isFinite(named) ? named : own
  return milliseconds > MOST_PAUSE_MS ? null : milliseconds
}
