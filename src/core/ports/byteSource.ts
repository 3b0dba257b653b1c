// Port: random access to the bytes of a file, without loading all of it.

export type ByteSource = {
  /** For messages: the file's name. */
  readonly name: string
  /** Total number of bytes. */
  readonly size: number
  /** Exactly `length` bytes from `offset`; throws when they lie outside the file. */
  read(offset: number, length: number): Uint8Array
}
