// An MCP server as a child process: JSON-RPC messages as lines over its stdin and stdout, within limits, and never left behind.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { limitedLines } from './limitedLines.ts'
import { serverEnvironment } from './mcpEnvironment.ts'
import type { McpServer } from './mcpServer.ts'

export type ProcessTransport = Transport & {
  /** What is known of an end: how the process ended, or what of its output was not endured; then its last words on stderr. */
  readonly last: () => string
}

/** A server that goes on after its stdin has ended has so long, then again so long after SIGTERM. */
const GRACE_MS = 1000
/** Of a message. */
const MOST_LINE = 8 * 1024 * 1024
/** Lines that are no messages: a server that prints a greeting is endured, one that writes anything but messages is not. */
const MOST_GARBAGE = 100
const STDERR_TAIL = 500

/** Run without a shell. */
export function openProcessTransport({ words, folder, env = [] }: McpServer & { type: 'stdio' }): ProcessTransport {
  const [program, ...given] = words
  let child: ChildProcess | null = null
  let ending: string | null = null
  let stderr = ''
  let garbage = 0
  let closed = false

  const transport: ProcessTransport = {
    last: () => [ending ?? 'it is still running', stderr.trim() === '' ? '' : `it said: ${stderr.trim().slice(-STDERR_TAIL)}`].filter(Boolean).join('; '),
    start: () =>
      new Promise((resolve, reject) => {
        // A group of its own: what the server has started itself ends with it.
        child = spawn(program!, given, { stdio: ['pipe', 'pipe', 'pipe'], env: serverEnvironment(program!, env), cwd: folder, detached: process.platform !== 'win32', windowsHide: true })
        process.on('exit', killNow)
        child.once('spawn', resolve)
        child.once('error', (error) => {
          ending ??= error.message
          reject(error)
        })
        child.once('close', (code, signal) => {
          ending ??= signal ? `it was ended by ${signal}` : `it ended with code ${code}`
          process.off('exit', killNow)
          if (!closed) transport.onclose?.()
          closed = true
        })
        child.stdin!.on('error', () => undefined)
        child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2 * STDERR_TAIL)))
        child.stdout!.on('data', limitedLines(MOST_LINE, { line: take, tooLong: () => refuse(`a line of more than ${MOST_LINE} bytes`) }))
      }),
    send: (message) =>
      new Promise((resolve, reject) => {
        if (!child?.stdin?.writable) return reject(new Error('the server takes no more messages'))
        child.stdin.write(`${JSON.stringify(message)}\n`, (error) => (error ? reject(error) : resolve()))
      }),
    async close() {
      if (!child || child.pid === undefined) return
      const gone = new Promise<void>((resolve) => (ended(child!) ? resolve() : child!.once('exit', () => resolve())))
      child.stdin!.end()
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        if (await within(gone, GRACE_MS)) break
        kill(signal)
      }
      await gone
      // Helpers of a server that is gone, if it left any.
      kill('SIGKILL')
      child.stdout!.destroy()
      child.stderr!.destroy()
    },
  }

  const take = (line: string): void => {
    const message = messageOf(line)
    if (message) transport.onmessage?.(message)
    else if (line.trim() !== '' && ++garbage > MOST_GARBAGE) refuse(`${garbage} lines that are no messages, the last ${JSON.stringify(line.slice(0, 80))}`)
  }
  /** What it writes is not endured any longer. */
  const refuse = (found: string): void => {
    ending ??= `it wrote ${found}`
    kill('SIGKILL')
  }
  const kill = (signal: NodeJS.Signals): void => {
    if (!child || child.pid === undefined) return
    try {
      if (process.platform === 'win32') child.kill(signal)
      else process.kill(-child.pid, signal)
    } catch {
      // It is gone already.
    }
  }
  const killNow = (): void => kill('SIGKILL')
  return transport
}

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

function messageOf(line: string): JSONRPCMessage | null {
  try {
    return JSONRPCMessageSchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}

/** Whether it happens in that time. */
async function within(event: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), milliseconds)))
  const came = await Promise.race([event.then(() => true), late])
  clearTimeout(timer)
  return came
}
