// What an MCP server's tool has answered, as an observation: texts as they are, all else named.
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/sdk/types.js'
import type { Observation } from '../../core/agent/index.ts'

const MOST_CHARACTERS = 100_000

/** Nothing is left out unsaid: what is no text is named with its kind and size, what is too long is counted. */
export function observationOf({ content, structuredContent, isError }: CallToolResult): Observation {
  const told = content.map(blockText).join('\n')
  const text = told === '' && structuredContent !== undefined ? JSON.stringify(structuredContent) : told
  const more = text.length - MOST_CHARACTERS
  const shown = text === '' ? 'It answered nothing.' : more > 0 ? `${text.slice(0, MOST_CHARACTERS)}\n[${more} more characters]` : text
  return { status: isError === true ? 'failed' : 'ok', text: shown }
}

function blockText(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text
    case 'image':
    case 'audio':
      return `[${block.type}, ${block.mimeType}, ${Math.floor((block.data.length * 3) / 4)} bytes]`
    case 'resource':
      return 'text' in block.resource ? block.resource.text : `[resource ${block.resource.uri}]`
    case 'resource_link':
      return `[link ${block.uri}: ${block.name}]`
  }
}
