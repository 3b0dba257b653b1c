// What a GGUF file is, from its header: a student with its figures, an adapter, or why it is neither.
import { type Gguf, implausibleModel, metadataNumber, metadataString, readGguf } from '../../core/formats/gguf/index.ts'
import { readModelConfig } from '../../core/nn/index.ts'
import { ADAPTER_ALPHA, isAdapter, loraShapes } from '../../core/pipeline/adapter/index.ts'
import type { ByteSource } from '../../core/ports/index.ts'
import type { AdapterFile, Model } from '../../shared/contract/routes/models.ts'
import { openByteSource } from '../files/index.ts'
import { anyProblemOf, type Problem, problemOf, problemText } from './problem.ts'

export type ModelFigures = Omit<Model, 'path' | 'bytes' | 'origin'>
export type AdapterFigures = Pick<AdapterFile, 'rank' | 'alpha' | 'architecture' | 'broken'>

/** A file that cannot be read as GGUF counts as a broken student. `problem`: why the file is of no use. */
export type Examined =
  | { readonly kind: 'model'; readonly figures: ModelFigures; readonly problem: Problem | null }
  | { readonly kind: 'adapter'; readonly figures: AdapterFigures; readonly problem: Problem | null }

/** `name` stands where the file gives none. Never throws for what a file holds, or for a file that is not there. */
export function examineFile(path: string, name: string): Examined {
  try {
    const source = openByteSource(path)
    try {
      return examine(source, { path, name })
    } finally {
      source.close()
    }
  } catch (error) {
    return brokenModel(name, anyProblemOf(error, { path, expected: 'a GGUF file' }))
  }
}

export const brokenModel = (name: string, problem: Problem): Examined & { kind: 'model' } => ({
  kind: 'model',
  figures: {
    name, architecture: '', parameters: 0, quantisation: '', layers: null, width: null, vocabulary: null, context: null,
    chatTemplate: false, licence: null, notTrainable: problemText(problem), broken: problemText(problem),
  },
  problem,
})

export const brokenAdapter = (problem: Problem): Examined & { kind: 'adapter' } => ({
  kind: 'adapter',
  figures: { rank: null, alpha: null, architecture: null, broken: problemText(problem) },
  problem,
})

type Named = { readonly path: string; readonly name: string }

function examine(source: ByteSource, named: Named): Examined {
  const gguf = readGguf(source)
  return isAdapter(gguf) ? adapterFigures(gguf, named.path) : modelFigures(gguf, { ...named, source })
}

function adapterFigures(gguf: Gguf, path: string): Examined {
  try {
    const shapes = [...loraShapes(gguf).values()]
    return {
      kind: 'adapter',
      figures: {
        rank: Math.max(...shapes.map(({ rank }) => rank)),
        alpha: metadataNumber(gguf, ADAPTER_ALPHA),
        architecture: metadataString(gguf, 'general.architecture'),
        broken: null,
      },
      problem: null,
    }
  } catch (error) {
    return brokenAdapter(anyProblemOf(error, { path, expected: 'a LoRA adapter' }))
  }
}

function modelFigures(gguf: Gguf, { path, name, source }: Named & { readonly source: ByteSource }): Examined {
  let architecture: string
  try {
    const implausible = implausibleModel(gguf)
    if (implausible !== null) return brokenModel(name, implausible)
    architecture = metadataString(gguf, 'general.architecture')
  } catch (error) {
    return brokenModel(name, anyProblemOf(error, { path, expected: 'a language model' }))
  }
  const tokens = gguf.metadata.get('tokenizer.ggml.tokens')
  return {
    kind: 'model',
    figures: {
      name: textOf(gguf, 'general.name') ?? name,
      architecture,
      parameters: [...gguf.tensors.values()].reduce((sum, { shape }) => sum + product(shape), 0),
      quantisation: bytesByType(gguf)[0]?.type ?? '',
      layers: metadataNumber(gguf, `${architecture}.block_count`),
      width: metadataNumber(gguf, `${architecture}.embedding_length`),
      vocabulary: tokens?.type === 'array' ? tokens.value.length : null,
      context: metadataNumber(gguf, `${architecture}.context_length`),
      chatTemplate: templateOf(gguf) !== null,
      licence: textOf(gguf, 'general.license'),
      notTrainable: whyNotTrainable(gguf, source, path),
      broken: null,
    },
    problem: null,
  }
}

/** What training asks of a student: a template, a tokenizer it can take apart, and an architecture it computes exactly. */
function whyNotTrainable(gguf: Gguf, source: ByteSource, path: string): string | null {
  if (templateOf(gguf) === null) return 'found no chat template; expected a chat or instruct model'
  const tokenizer = metadataString(gguf, 'tokenizer.ggml.model')
  if (!TOKENIZERS.includes(tokenizer)) return `found tokenizer ${tokenizer}; expected one of ${TOKENIZERS.join(', ')}`
  try {
    readModelConfig(gguf, source)
    return null
  } catch (error) {
    return problemText(problemOf(error, { path, expected: 'another student' }))
  }
}

/** Byte-level BPE and SentencePiece, as the names are in the file: the vocabularies that engine/llama decodes. */
const TOKENIZERS = ['gpt2', 'llama']

/** The chat template, where there is one with any text. */
export function templateOf(gguf: Gguf): string | null {
  const template = textOf(gguf, 'tokenizer.chat_template')
  return template === null || template.trim() === '' ? null : template
}

function textOf(gguf: Gguf, key: string): string | null {
  const entry = gguf.metadata.get(key)
  return entry?.type === 'string' && entry.value !== '' ? entry.value : null
}

/** Tensors and bytes by type, the type with the most bytes first. */
export function bytesByType(gguf: Gguf): { type: string; tensors: number; bytes: number }[] {
  const sums = new Map<string, { type: string; tensors: number; bytes: number }>()
  for (const { type, byteLength } of gguf.tensors.values()) {
    const { tensors, bytes } = sums.get(type) ?? { tensors: 0, bytes: 0 }
    sums.set(type, { type, tensors: tensors + 1, bytes: bytes + byteLength })
  }
  return [...sums.values()].sort((a, b) => b.bytes - a.bytes)
}

const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1)
