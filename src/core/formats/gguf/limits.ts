// What a GGUF file may contain at most, and why: a malformed file must be refused before it costs memory or time.

export const LIMITS = {
  metadata: { what: 'number of metadata entries', most: 65_536, why: 'real files have under 200' },
  tensors: { what: 'number of tensors', most: 65_536, why: 'real files have under 3,000' },
  key: { what: 'metadata key', most: 65_535, why: 'GGUF specification' },
  tensorName: { what: 'tensor name', most: 64, why: 'GGUF specification, GGML_MAX_NAME' },
  string: { what: 'metadata string', most: 16 * 2 ** 20, why: 'chat templates, the longest, have under 1 MiB' },
  /** Of one array and of all arrays of a file together. */
  elements: { what: 'number of array elements', most: 2 ** 24, why: 'vocabularies have under 2^20 entries' },
  /** Arrays within arrays cost an object each. */
  arrays: { what: 'number of arrays', most: 65_536, why: 'every array costs memory of its own, however short' },
  depth: { what: 'arrays within arrays', most: 3, why: 'no known file nests them more than once' },
  dimensions: { what: 'number of dimensions', most: 4, why: 'GGML_MAX_DIMS' },
  alignment: { what: 'general.alignment', most: 2 ** 20, why: 'real files use 32, or a memory page' },
} as const
