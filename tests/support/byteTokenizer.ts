// A tokenizer port for tests: bytes, some merges (greedy, longest first), control tokens. Small, lossless, and prone to merge
// across the borders that matter: runs of line ends, a space with what follows, half an emoji.
import { decodeUtf8, encodeUtf8 } from '../../src/core/formats/utf8.ts'
import type { Tokenizer } from '../../src/core/ports/index.ts'

const MERGES = [
  '\n\n',
  '\n\n\n',
  ' a',
  ' the',
  'Action',
  ':',
  '\nAction',
  '[',
  'finish[',
  ' finish',
  'Thought',
  '<|',
  '|>',
  '\nT',
  '}\n',
]
/** The first three bytes of most emoji are one token, the fourth another. */
const HALF_EMOJI = Uint8Array.of(0xf0, 0x9f, 0x98)

export type ByteTokenizerOptions = {
  control: readonly string[]
  end: readonly string[]
  bos?: string
  missingBytes?: readonly number[]
}

export function byteTokenizer({ control, end, bos, missingBytes = [] }: ByteTokenizerOptions): Tokenizer {
  const merges = [...MERGES.map((text) => encodeUtf8(text)), HALF_EMOJI].sort((a, b) => b.length - a.length)
  const vocabulary = [
    ...control.map((text) => encodeUtf8(text)),
    ...Array.from({ length: 256 }, (_, b) => Uint8Array.of(b)),
    ...merges,
  ]
  const firstMerge = control.length + 256
  return {
    encode(text) {
      const bytes = encodeUtf8(text.replace(/\p{Surrogate}/gu, '\ufffd'))
      const ids: number[] = []
      for (let at = 0; at < bytes.length;) {
        const merge = merges.findIndex((m) => m.every((byte, k) => bytes[at + k] === byte))
        if (merge >= 0) ids.push(firstMerge + merge)
        else if (!missingBytes.includes(bytes[at]!)) ids.push(control.length + bytes[at]!)
        at += merge >= 0 ? merges[merge]!.length : 1
      }
      return ids
    },
    bytes: (id) => vocabulary[id]!,
    control: control.map((text, id) => ({ id, text })),
    vocabularySize: vocabulary.length,
    bos: bos === undefined ? null : control.indexOf(bos),
    endOfGeneration: new Set(end.map((text) => control.indexOf(text))),
  }
}

/** The text that tokens stand for. */
export function detokenize(tokenizer: Tokenizer, ids: readonly number[]): string {
  const bytes = ids.flatMap((id) => [...tokenizer.bytes(id)])
  return decodeUtf8(Uint8Array.from(bytes))
}
