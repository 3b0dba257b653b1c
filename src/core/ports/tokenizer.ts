// Port: the student's own tokenizer and chat template, as its GGUF file defines them.

export type ControlToken = { readonly id: number; readonly text: string }

export type Tokenizer = {
  /** Token ids of plain text: control tokens spelled in it stay text; no BOS is added. */
  encode(text: string): number[]
  /** UTF-8 bytes of one token; a control token gives the bytes of its text. */
  bytes(id: number): Uint8Array
  /** Tokens that steer the model (`<|im_start|>`, `<|im_end|>` ...). */
  readonly control: readonly ControlToken[]
  readonly vocabularySize: number
  /** Token that is put first, when the file asks for it. */
  readonly bos: number | null
  /** Tokens that end generation. */
  readonly endOfGeneration: ReadonlySet<number>
}

export type ChatMessage = {
  role: string
  content: string
  tool_calls?: { id?: string; type: 'function'; function: { name: string; arguments: unknown } }[]
  tool_call_id?: string
}

export type ChatTemplate = {
  /** The Jinja source, for asking what it supports. */
  readonly source: string
  /** Renders as transformers' apply_chat_template does (trim_blocks, lstrip_blocks). Throws with the template's own complaint. */
  render(input: { messages: readonly ChatMessage[]; addGenerationPrompt: boolean; tools?: readonly unknown[] }): string
  /** The same with where each message's text ends; null (or absent) where the template may look at later messages. */
  renderInOrder?(input: Parameters<ChatTemplate['render']>[0]): OrderedRendering | null
}

/** A rendering of n messages whose beginnings are known: the first k alone give `text` up to `ends[k]`, and `closing`. */
export type OrderedRendering = {
  readonly text: string
  /** n + 1 entries, UTF-16; null where the first k messages alone may be written otherwise. */
  readonly ends: readonly (number | null)[]
  /** What follows the last message: the generation prompt when asked for. */
  readonly closing: string
}
