// Handlers of the MCP surface.
import { os } from './base.ts'

export const mcp = os.mcp.router({
  watch: os.mcp.watch.handler(({ context, signal }) => context.mcp.watch(signal)),
  put: os.mcp.put.handler(async ({ context, input }) => {
    await context.mcp.put(input)
    return {}
  }),
  remove: os.mcp.remove.handler(async ({ context, input }) => {
    await context.mcp.remove(input.id)
    return {}
  }),
  start: os.mcp.start.handler(({ context, input }) => {
    context.mcp.start(input.id)
    return {}
  }),
  answer: os.mcp.answer.handler(({ context, input }) => {
    context.mcp.answer(input)
    return {}
  }),
  stop: os.mcp.stop.handler(async ({ context, input }) => {
    await context.mcp.stop(input.id)
    return {}
  }),
})
