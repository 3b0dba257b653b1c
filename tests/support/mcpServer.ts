// A small MCP server written with the SDK: over stdio when it is run,
// or over HTTP in the test's own process.
import type { AddressInfo } from 'node:net'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { z } from 'zod'

export function testMcpServer(): McpServer {
  const server = new McpServer({ name: 'test server', version: '1.2.3' })
  let count = 0
  const said = (text: string) => ({ content: [{ type: 'text' as const, text }] })
  server.registerTool('add', { description: 'adds two numbers', inputSchema: { a: z.number(), b: z.number() }, annotations: { readOnlyHint: true } }, ({ a, b }) => said(String(a + b)))
  server.registerTool('count', { description: 'counts its calls' }, () => said(String(++count)))
  server.registerTool('env', {}, () => said(Object.keys(process.env).sort().join(' ')))
  server.registerTool('fail', {}, () => ({ ...said('it is broken'), isError: true }))
  server.registerTool('show', {}, () => ({ content: [{ type: 'text', text: 'see' }, { type: 'image', data: 'AAAA', mimeType: 'image/png' }] }))
  server.registerTool('table', { outputSchema: { rows: z.number() } }, () => ({ content: [], structuredContent: { rows: 3 } }))
  server.registerTool('long', {}, () => said('x'.repeat(150_000)))
  server.registerTool('never', {}, () => new Promise(() => undefined))
  server.registerTool('die', {}, () => {
    process.stderr.write('out of luck\n')
    process.exit(3)
  })
  return server
}

/** On 127.0.0.1; gives its address and its end. */
export async function httpMcpServer(): Promise<{ url: string; sessions: () => number; close: () => Promise<void> }> {
  const { createServer } = await import('node:http')
  const { StreamableHTTPServerTransport: Http } = await import('@modelcontextprotocol/sdk/server/streamableHttp.js')
  const open = new Map<string, StreamableHTTPServerTransport>()
  const http = createServer((request, response) => {
    void (async () => {
      const id = request.headers['mcp-session-id']
      let transport = typeof id === 'string' ? open.get(id) : undefined
      if (!transport) {
        const fresh = new Http({ sessionIdGenerator: () => `session-${open.size + 1}`, onsessioninitialized: (session) => void open.set(session, fresh) })
        fresh.onclose = () => void open.delete(fresh.sessionId ?? '')
        await testMcpServer().connect(fresh)
        transport = fresh
      }
      await transport.handleRequest(request, response)
    })()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    sessions: () => open.size,
    close: async () => {
      for (const transport of open.values()) await transport.close()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

if (process.argv[1] === import.meta.filename) await testMcpServer().connect(new StdioServerTransport())
