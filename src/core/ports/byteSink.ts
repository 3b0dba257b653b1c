// Port: where bytes are written, one chunk after another.

/** Takes the next bytes. The chunk is valid only during the call: the caller may use its memory again. */
export type ByteSink = (chunk: Uint8Array) => void
