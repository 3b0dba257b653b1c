// Port: content hashing.

/** sha256 of a string (as UTF-8) or of bytes, as 64 hex digits. */
export type Sha256 = (data: string | Uint8Array) => string
