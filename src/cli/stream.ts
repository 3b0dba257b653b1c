// A text stream such as process.stdout.

export type TextStream = {
  readonly isTTY?: boolean
  /** Known on a terminal only. */
  readonly columns?: number
  write(text: string): unknown
}
