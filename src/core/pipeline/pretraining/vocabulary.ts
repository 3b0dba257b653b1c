// The vocabulary of a model that is trained from nothing: control tokens, the 256 bytes, and what byte-pair encoding joined.
import { encodeUtf8 } from '../../formats/utf8.ts'

/** In this order, from id 0: between documents, and around the turns of a chat. */
export const CONTROL_TOKENS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const
export const END_OF_TEXT = 0
export const TURN_START = 1
export const TURN_END = 2
const FIRST_BYTE = CONTROL_TOKENS.length
/** Tokens that every vocabulary has. */
export const LEAST_VOCABULARY = FIRST_BYTE + 256

export type Vocabulary = {
  /** How texts are divided before anything is joined. */
  readonly pre: PreTokeniser
  /** By id: control tokens as they are, the rest in the byte alphabet. */
  readonly tokens: readonly string[]
  /** Pairs of ids that are joined, the first one first. */
  readonly merges: readonly (readonly [left: number, right: number])[]
}

/**
 * A printable character for every byte (GPT-2, encoder.py: bytes_to_unicode): printable Latin-1 stands for itself, the others, in
 * order, are the characters from U+0100.
 */
const ALPHABET: readonly string[] = (() => {
  let next = 0x100
  const printable = (byte: number): boolean => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++))
})()

/** Before anything is joined. */
export const plainTokens = (): string[] => [...CONTROL_TOKENS, ...ALPHABET]

/** Ids of the bytes of a text. */
export const byteTokens = (text: string): number[] => Array.from(encodeUtf8(text), (byte) => FIRST_BYTE + byte)

/** The number of a pair, by which pairs are also ordered: the left id first. */
export const pairKey = (left: number, right: number): number => left * 2 ** 24 + right
export const pairOf = (key: number): [left: number, right: number] => [Math.floor(key / 2 ** 24), key % 2 ** 24]

/** GPT-2's division of a text (encoder.py), with white space and letters as Unicode has them: pieces are encoded one by one. */
const WORDS =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu
const DIGITS = /\p{N}|\P{N}+/gu

const words = (text: string): string[] => text.match(WORDS) ?? []

/** By `tokenizer.ggml.pre`, the name that llama.cpp has for it (llama-vocab.cpp). */
const DIVISIONS = {
  'gpt-2': words,
  /** Each digit alone, without the space before it: numbers are copied digit by digit. */
  smollm: (text: string): string[] => (text.match(DIGITS) ?? []).flatMap(words),
} as const satisfies Record<string, (text: string) => string[]>

export type PreTokeniser = keyof typeof DIVISIONS

/** The pieces of a text; together they are the text. */
export const pieces = (text: string, pre: PreTokeniser): string[] => DIVISIONS[pre](text)
