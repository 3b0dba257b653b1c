// The tokenizer port over llama.cpp's vocabulary: ids from llama.cpp itself, bytes from the GGUF's own token texts.
import type { LlamaModel, Token } from 'node-llama-cpp'
import { z } from 'zod'
import { encodeUtf8 } from '../../core/formats/utf8.ts'
import type { ControlToken, Tokenizer } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'

const metadataSchema = z.object({ tokenizer: z.object({ ggml: z.object({ tokens: z.array(z.string()) }) }) })

/** `where`: the student's file, for messages. */
export function vocabularyOf(model: LlamaModel, where: string): Tokenizer {
  const metadata = metadataSchema.safeParse(model.fileInfo.metadata)
  if (!metadata.success) {
    throw new RetortError({
      code: 'no-vocabulary',
      message: 'The student file holds no vocabulary',
      found: 'no list tokenizer.ggml.tokens',
      expected: 'a GGUF language model with its tokenizer',
      where,
    })
  }
  const texts = metadata.data.tokenizer.ggml.tokens
  const decode = decoderOf(model.vocabularyType, where)
  const cache = new Map<number, Uint8Array>()
  const control: ControlToken[] = []
  const endOfGeneration = new Set<number>()
  for (let id = 0; id < texts.length; id++) {
    if (model.getTokenAttributes(asToken(id)).control) control.push({ id, text: texts[id]! })
    if (model.isEogToken(asToken(id))) endOfGeneration.add(id)
  }
  return {
    encode: (text) => (text === '' ? [] : [...model.tokenize(text, false)]),
    bytes(id) {
      const known = cache.get(id)
      if (known !== undefined) return known
      const text = texts[id]
      if (text === undefined) throw noSuchToken(id, texts.length, where)
      const { control, userDefined, unknown, byte } = model.getTokenAttributes(asToken(id))
      const bytes = byte ? singleByte(text) : control || userDefined || unknown ? encodeUtf8(text) : decode(text)
      cache.set(id, bytes)
      return bytes
    },
    control,
    vocabularySize: texts.length,
    bos: model.tokens.shouldPrependBosToken ? model.tokens.bos : null,
    endOfGeneration,
  }
}

/** llama.cpp's ids under node-llama-cpp's branded type. */
export const asToken = (id: number) => id as Token

/** A row per kind of vocabulary: the bytes that the text of an ordinary token stands for. */
const DECODERS: Readonly<Partial<Record<string, (text: string) => Uint8Array>>> = {
  // GPT-2's byte alphabet: every byte has a printable character.
  bpe: (text) => Uint8Array.from([...text].flatMap((char) => byteOf.get(char) ?? [...encodeUtf8(char)])),
  // SentencePiece: U+2581 stands for a space.
  spm: (text) => encodeUtf8(text.replaceAll('\u2581', ' ')),
}

function decoderOf(type: string, where: string): (text: string) => Uint8Array {
  const decode = DECODERS[type]
  if (decode !== undefined) return decode
  throw new RetortError({
    code: 'unsupported-vocabulary',
    message: "The student's kind of tokenizer is not supported",
    found: type,
    expected: `one of ${Object.keys(DECODERS).join(', ')}`,
    where,
  })
}

/**
 * GPT-2's mapping (its encoder.py, bytes_to_unicode): printable Latin-1 stands for itself, the other bytes, in order, for
 * the characters from U+0100.
 */
const byteOf: ReadonlyMap<string, number> = (() => {
  const map = new Map<string, number>()
  const printable = (b: number) => (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff)
  let next = 0x100
  for (let b = 0; b < 256; b++) map.set(String.fromCodePoint(printable(b) ? b : next++), b)
  return map
})()

/** Byte tokens are spelled `<0x0A>`. */
function singleByte(text: string): Uint8Array {
  const match = /^<0x([0-9A-Fa-f]{2})>$/.exec(text)
  return match ? Uint8Array.of(Number.parseInt(match[1]!, 16)) : encodeUtf8(text)
}

const noSuchToken = (id: number, size: number, where: string) =>
  new RetortError({
    code: 'no-such-token',
    message: 'A token id is not in the vocabulary of the student',
    found: String(id),
    expected: `0..${size - 1}`,
    where,
  })
