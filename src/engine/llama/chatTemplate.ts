// The chat template port: the GGUF's own Jinja template, rendered as transformers' apply_chat_template does.
import { Template } from '@huggingface/jinja'
import type { ChatTemplate } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { orderedRenderer } from './messageOrder.ts'

export type TemplateVariables = {
  /** Texts of the tokens that templates write themselves; null where the vocabulary has none. */
  readonly bosToken: string | null
  readonly eosToken: string | null
}

/** `where`: the student's file, for messages. */
export function compileTemplate(source: string, variables: TemplateVariables, where: string): ChatTemplate {
  let compiled: Template
  try {
    // @huggingface/jinja parses with lstrip_blocks and trim_blocks, as transformers sets them.
    compiled = new Template(source)
  } catch (cause) {
    throw new RetortError({
      code: 'template-not-parsed',
      message: "The student's chat template cannot be parsed",
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a Jinja template (tokenizer.chat_template)',
      where,
      cause,
    })
  }
  const given = ({ messages, addGenerationPrompt, tools }: Parameters<ChatTemplate['render']>[0]) => ({
    messages,
    add_generation_prompt: addGenerationPrompt,
    bos_token: variables.bosToken ?? '',
    eos_token: variables.eosToken ?? '',
    ...(tools === undefined ? {} : { tools }),
  })
  const inOrder = orderedRenderer(source, given)
  return {
    source,
    render: (input) => compiled.render(given(input)),
    renderInOrder: (input) => inOrder?.(input) ?? null,
  }
}
