// What every handler is made from: the contract with the world as context, and errors in the contract's own form.
import { implement, ORPCError } from '@orpc/server'
import { api } from '../../shared/contract/api.ts'
import { errorParts } from '../../shared/errors.ts'
import { knownError } from '../files/index.ts'
import { sqliteError } from '../store/index.ts'
import type { World } from './world.ts'

const bare = implement(api).$context<World>()

/**
 * Handlers throw `RetortError`, their streams too; the page gets its parts as RETORT. So it does what the system or the
 * database refuses. Anything else is a bug and is printed here.
 */
export const os = bare.use(async ({ next, path, signal }) => {
  const asSent = (error: unknown): unknown => {
    const known = knownError(error) ?? sqliteError(error)
    if (known) return new ORPCError('RETORT', { status: 422, defined: true, message: known.message, data: errorParts(known) })
    if (!(error instanceof ORPCError) && !signal?.aborted) {
      process.stderr.write(`retort: ${path.join('.')} failed: ${error instanceof Error ? error.stack : String(error)}\n`)
    }
    return error
  }
  try {
    const result = await next()
    return isStream(result.output) ? { ...result, output: explained(result.output, asSent) } : result
  } catch (error) {
    throw asSent(error)
  }
})

const isStream = (output: unknown): output is Stream =>
  typeof output === 'object' && output !== null && Symbol.asyncIterator in output

type Stream = AsyncIterable<unknown, unknown, undefined>

async function* explained(stream: Stream, asSent: (error: unknown) => unknown): AsyncGenerator<unknown, unknown, undefined> {
  try {
    return yield* stream
  } catch (error) {
    throw asSent(error)
  }
}
