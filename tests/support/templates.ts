// Chat templates written for the tests, each with one of the habits that real ones have.
import type { ChatTemplate } from '../../src/core/ports/index.ts'
import { compileTemplate } from '../../src/engine/llama/chatTemplate.ts'
import { byteTokenizer } from './byteTokenizer.ts'

const START = '<|im_start|>'
const END = '<|im_end|>'
const PROMPT = `{% if add_generation_prompt %}{{ '${START}assistant\\n' }}{% endif %}`
const block = (role: string, text: string) => `{{ '${START}' + ${role} + '\\n' + ${text} + '${END}\\n' }}`

export const chatTokenizer = byteTokenizer({
  control: ['<|endoftext|>', START, END, '<s>', '</s>'],
  end: ['<|endoftext|>', END, '</s>'],
})
export const bosTokenizer = byteTokenizer({
  control: ['<|endoftext|>', START, END, '<s>', '</s>'],
  end: ['</s>', END],
  bos: '<s>',
})

const compile = (source: string): ChatTemplate =>
  compileTemplate(source, { bosToken: '<s>', eosToken: '</s>' }, 'test template')
const loop = (body: string) => `{% for message in messages %}${body}{% endfor %}${PROMPT}`

/** ChatML as it is, contents untouched. */
export const plain = compile(loop(block('message.role', 'message.content')))
/** Contents without the white space around them. */
export const trimming = compile(loop(block('message.role', 'message.content | trim')))
/** A default system message where none is given. */
export const injecting = compile(
  loop(
    `{% if loop.first and message.role != 'system' %}${block("'system'", "'Be kind.'")}{% endif %}${block('message.role', 'message.content')}`,
  ),
)
/** No system role, strict alternation, roles of its own, a BOS. */
export const strict = compile(
  `{{ bos_token }}{% for message in messages %}
{%- if message.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate user/assistant') }}{% endif %}
{%- if message.role == 'user' %}{{ '[I] ' + message.content | trim + ' [/I]' }}{% else %}{{ ' ' + message.content | trim + eos_token }}{% endif %}
{%- endfor %}`,
)
/** Thoughts of earlier turns dropped; the last turn's written anew, an empty block where there is none (the habit of Qwen3). */
export const forgetful = compile(
  `{% for message in messages %}
{%- if message.role == 'assistant' %}
{%- set thought = '' %}{%- set said = message.content %}
{%- if '</think>' in message.content %}
{%- set thought = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
{%- set said = message.content.split('</think>')[-1].lstrip('\\n') %}
{%- endif %}
{%- if loop.last %}{{ '${START}assistant\\n<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' + said.lstrip('\\n') + '${END}\\n' }}
{%- else %}{{ '${START}assistant\\n' + said + '${END}\\n' }}{% endif %}
{%- else %}${block('message.role', 'message.content')}{% endif %}
{%- endfor %}${PROMPT}`,
)
/** Tools, structured calls and their answers, in the form of Hermes and Qwen. */
export const calling = compile(
  `{% if tools %}{{ '${START}system\\n# Tools' }}{% for tool in tools %}{{ '\\n' + (tool | tojson) }}{% endfor %}{{ '${END}\\n' }}{% endif %}
{%- for message in messages %}
{%- if message.role == 'assistant' %}{{ '${START}assistant\\n' + message.content }}
{%- for call in message.tool_calls or [] %}{{ '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}{% endfor %}{{ '${END}\\n' }}
{%- elif message.role == 'tool' %}{{ '${START}user\\n<tool_response>\\n' + message.content + '\\n</tool_response>${END}\\n' }}
{%- else %}${block('message.role', 'message.content')}{% endif %}
{%- endfor %}${PROMPT}`,
)
/** Calls with arguments as text between control-like words, answers as JSON strings. */
export const quoting = compile(
  `{% for message in messages %}
{%- if message.role == 'assistant' %}{{ '${START}assistant\\n' + message.content }}
{%- for call in message.tool_calls or [] %}{{ call.function.name + '(' + call.function.arguments + ')' }}{% endfor %}{{ '${END}\\n' }}
{%- elif message.role == 'tool' %}{{ '${START}ipython\\n' + (message.content | tojson) + '${END}\\n' }}
{%- else %}${block('message.role', 'message.content')}{% endif %}
{%- endfor %}${PROMPT}`,
)
/** One call a turn, and what is said beside it is dropped (the habit of Llama 3). */
export const dropping = compile(
  `{% for message in messages %}
{%- if message.tool_calls %}
{%- if message.tool_calls | length != 1 %}{{ raise_exception('one call at once') }}{% endif %}
{{- '${START}assistant\\n' + (message.tool_calls[0].function.arguments | tojson) + '${END}\\n' }}
{%- else %}${block('message.role', 'message.content')}{% endif %}
{%- endfor %}${PROMPT}`,
)
/** Writes the system text only before a user message that is the last (the habit of Mistral). */
export const late = compile(
  `{% for message in messages %}
{%- if message.role == 'user' and loop.last and messages[0].role == 'system' %}${block("'user'", "messages[0].content + ' ' + message.content")}
{%- elif message.role != 'system' %}${block('message.role', 'message.content')}{% endif %}
{%- endfor %}${PROMPT}`,
)
/** Ends the turn between what is said and the call. */
export const twice = compile(
  `{% for message in messages %}${block('message.role', 'message.content')}
{%- for call in message.tool_calls or [] %}{{ call.function.name + (call.function.arguments | tojson) + '${END}\\n' }}{% endfor %}
{%- endfor %}${PROMPT}`,
)
/** Upper-cases what the assistant says: no span can be placed. */
export const shouting = compile(loop(block('message.role', 'message.content | upper')))
/** Closes no turn. */
export const endless = compile(
  `{% for message in messages %}{{ message.role + ': ' + message.content + '\\n' }}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}`,
)
/** Asks for thoughts in the generation prompt and leaves them out of its own history. */
export const presuming = compile(
  `{% for message in messages %}${block('message.role', 'message.content')}{% endfor %}{% if add_generation_prompt %}{{ '${START}assistant\\n<think>\\n' }}{% endif %}`,
)
