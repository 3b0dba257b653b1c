// The one error that ends an operation: a code, and a message that says what was found, what was expected, and where.

export type RetortErrorParts = {
  /** Stable, kebab-case: scripts and shells may test it. */
  readonly code: string
  readonly message: string
  readonly found?: string
  readonly expected?: string
  /** File, record, option or tensor the error is about. */
  readonly where?: string
  /** What the user can do about it. */
  readonly advice?: string
  readonly cause?: unknown
}

/** Thrown for what ends an operation; what may well happen is a value or an event instead. */
export class RetortError extends Error {
  /** A subclass names itself. */
  override readonly name: string = 'RetortError'
  readonly code: string
  readonly found: string | undefined
  readonly expected: string | undefined
  readonly where: string | undefined
  readonly advice: string | undefined

  constructor(parts: RetortErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause })
    this.code = parts.code
    this.found = parts.found
    this.expected = parts.expected
    this.where = parts.where
    this.advice = parts.advice
  }
}

/** What the error is made of, for sending it elsewhere. */
export const errorParts = ({ code, message, found, expected, where, advice }: RetortError): RetortErrorParts => ({
  code,
  message,
  ...(found === undefined ? {} : { found }),
  ...(expected === undefined ? {} : { expected }),
  ...(where === undefined ? {} : { where }),
  ...(advice === undefined ? {} : { advice }),
})

/** The error in one line, for lists of what could not be done. */
export const errorInLine = ({ message, found, expected, where }: RetortError): string =>
  [
    message,
    ...(found === undefined ? [] : [`found ${found}`]),
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(where === undefined ? [] : [`at ${where}`]),
  ].join('; ')

/** The error as lines for a person: message first, then each part that is known and that the message does not say itself. */
export function describeError(error: unknown): string[] {
  if (!(error instanceof RetortError)) return [error instanceof Error ? error.message : String(error)]
  const { message } = error
  const said = (label: string, text: string): boolean => message.startsWith(`${text}: `) || message.includes(`${label} ${text}`)
  const parts = [
    ['where', error.where],
    ['found', error.found],
    ['expected', error.expected],
    ['what to do', error.advice],
  ] as const
  return [
    message,
    ...parts.flatMap(([label, text]) => (text === undefined || said(label, text) ? [] : [`  ${label}: ${text}`])),
  ]
}
