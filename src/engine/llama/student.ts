// Opens a student: the GGUF's tokenizer and chat template, and its weights when they are asked for.
import { stat } from 'node:fs/promises'
import type { LlamaModel } from 'node-llama-cpp'
import { z } from 'zod'
import type { Gguf } from '../../core/formats/gguf/index.ts'
import { exactContext } from '../../core/nn/index.ts'
import type { ChatTemplate, Tokenizer } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { compileTemplate } from './chatTemplate.ts'
import { checkStudent, type Role } from './checkStudent.ts'
import { llamaRuntime } from './runtime.ts'
import { vocabularyOf } from './vocabulary.ts'

export type Student = {
  readonly path: string
  readonly architecture: string
  /** The file's tensors, for what must fit to them. */
  readonly tensors: Gguf['tensors']
  /** Tokens of context the model was trained with, as far as it computes the same in all of it. */
  readonly trainedContext: number
  readonly tokenizer: Tokenizer
  /** Throws when the file holds none. */
  readonly template: ChatTemplate
  /** llama.cpp's model; without weights it only tokenizes. */
  readonly model: LlamaModel
  readonly weights: 'loaded' | 'none'
  dispose(): Promise<void>
}

const metadataSchema = z.object({ tokenizer: z.object({ chat_template: z.string().optional() }).optional() })

/** `weights: 'none'` reads the vocabulary only: enough for masks, in a fraction of the time and memory. */
export async function openStudent(input: {
  path: string
  weights: 'loaded' | 'none'
  as?: Role
  signal?: AbortSignal
}): Promise<Student> {
  const { path, weights, as = 'student' } = input
  await assertReadable(path, as)
  const gguf = checkStudent(path, as)
  const llama = await llamaRuntime()
  let model: LlamaModel
  try {
    model = await llama.loadModel({
      modelPath: path,
      vocabOnly: weights === 'none',
      useMmap: true,
      ...(input.signal ? { loadSignal: input.signal } : {}),
    })
  } catch (cause) {
    if (input.signal?.aborted) throw cause
    throw new RetortError({
      code: 'student-not-loaded',
      message: `The ${as} cannot be loaded`,
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a GGUF file of a language model that llama.cpp knows',
      where: path,
      cause,
    })
  }
  try {
    const tokenizer = vocabularyOf(model, path)
    const template = templateOf(model, { path, as })
    return {
      path,
      architecture: model.architecture,
      tensors: gguf.tensors,
      // From the file: without weights llama.cpp answers 0.
      trainedContext: exactContext(gguf),
      tokenizer,
      get template() {
        return template()
      },
      model,
      weights,
      dispose: () => model.dispose(),
    }
  } catch (error) {
    await model.dispose()
    throw error
  }
}

/** Compiled at the first use, so that a file without template can still be scored and inspected. */
function templateOf(model: LlamaModel, { path, as }: { path: string; as: Role }): () => ChatTemplate {
  const source = metadataSchema.safeParse(model.fileInfo.metadata).data?.tokenizer?.chat_template
  let compiled: ChatTemplate | undefined
  return () => {
    if (source === undefined || source.trim() === '') {
      throw new RetortError({
        code: 'no-chat-template',
        message: `The ${as} has no chat template, so nothing says how its conversations are written`,
        found: 'no tokenizer.chat_template in the file',
        expected: 'a GGUF file of a chat or instruct model',
        where: path,
        advice: 'take the instruct variant of the model, or a conversion that keeps its chat template',
      })
    }
    compiled ??= compileTemplate(source, { bosToken: model.tokens.bosString, eosToken: model.tokens.eosString }, path)
    return compiled
  }
}

async function assertReadable(path: string, as: Role): Promise<void> {
  const info = await stat(path).catch(() => null)
  if (info?.isFile()) return
  throw new RetortError({
    code: 'student-not-found',
    message: `The ${as} file does not exist`,
    found: info === null ? 'nothing' : 'something that is not a file',
    expected: 'a GGUF file',
    where: path,
  })
}
